"""Schemas in words, for the sentence that explains a change."""

import json
from typing import Any

from orderwire.contracts.contracts import Schema

LONGEST = 60
"""Characters of a value in a sentence; patterns can be long."""

_NAMES = {
    "object": "an object",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}
_SINGLE = "single value"


def kind(schema: Schema) -> str:
    """`object`, `array`, or what stands for all single values; the schema's own text where it says several things."""
    declared = schema.get("type")
    if declared in ("object", "array"):
        return str(declared)
    return _SINGLE


def spoken(schema: Schema) -> str:
    declared = schema.get("type")
    if isinstance(declared, str):
        return _NAMES[declared]
    return " or ".join(_NAMES[each] for each in declared) if isinstance(declared, list) else "a single value"


def differences(old: Schema, new: Schema) -> str:
    """Keyword by keyword: `maximum was 9 and is 10, maxLength is 5 now`."""
    keywords = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    return ", ".join(difference(key, old, new) for key in keywords)


def difference(keyword: str, old: Schema, new: Schema) -> str:
    if keyword not in new:
        return f"{keyword} was {shown(old[keyword])} and is gone"
    if keyword not in old:
        return f"{keyword} is {shown(new[keyword])} now"
    return f"{keyword} was {shown(old[keyword])} and is {shown(new[keyword])}"


def shown(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
