"""Whether one schema accepts every value that another does.

jsonschema-rs compares canonical forms and answers yes, no or unknown. It mostly leaves open regular expressions, which
are then compared as languages, and bounds, for which values at their edges are tried: a value that the narrow schema
accepts and the wide one refuses makes it a no. Otherwise the answer stays unknown.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import jsonschema_rs
from eventbridge_rules.languages import LAST, TooHard, characters, repeat, shortest
from eventbridge_rules.regexes import Unread
from eventbridge_rules.shapes import Undescribed, leaf

from orderwire.contracts.contracts import Schema

DRAFT = 20
"""2020-12, as jsonschema-rs counts."""

TRIED: tuple[Any, ...] = (
    None,
    True,
    False,
    [],
    {},
    [""],
    [0],
    "",
    "a",
    0,
    1,
    -1,
    0.5,
    0.001,
    0.01,
    0.1,
    1.5,
    1e9,
    -1e9,
)
STEPS = (0, 1, -1, 0.5, -0.5, 0.001, -0.001)
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")


class Coverage(StrEnum):
    COMPATIBLE = "compatible"
    UNKNOWN = "unknown"
    BREAKING = "breaking"


_ANSWERS = {
    jsonschema_rs.canonical.Containment.YES: Coverage.COMPATIBLE,
    jsonschema_rs.canonical.Containment.NO: Coverage.BREAKING,
}


def covers(wide: Schema, narrow: Schema) -> Coverage:
    """Compatible if `wide` accepts whatever `narrow` does."""
    if wide == narrow:
        return Coverage.COMPATIBLE
    answer = canonical(wide).covers(canonical(narrow))
    if answer in _ANSWERS:
        return _ANSWERS[answer]
    if is_text(wide) and is_text(narrow):
        return text_covers(wide, narrow)
    takes, should_take = validator(narrow), validator(wide)
    refused = any(takes.is_valid(value) and not should_take.is_valid(value) for value in edges(wide, narrow))
    return Coverage.BREAKING if refused else Coverage.UNKNOWN


def canonical(schema: Schema) -> Any:
    return jsonschema_rs.canonicalize(dict(schema), draft=DRAFT)


def validator(schema: Schema) -> Any:
    return jsonschema_rs.Draft202012Validator(dict(schema))


def is_text(schema: Schema) -> bool:
    """Whether the schema describes texts by one language: an enum, or a pattern and lengths."""
    said = schema.keys() - {"type", "format"}
    return schema.get("type") == "string" and (said <= {"pattern", "minLength", "maxLength"} or said == {"enum"})


def text_covers(wide: Schema, narrow: Schema) -> Coverage:
    """As `covers`, for schemas of texts: looks for a text that `narrow` accepts and `wide` refuses. In two spellings of
    one pattern there is nothing to look for."""
    try:
        outer, inner = leaf(wide), leaf(narrow)
        alike = inner.values.texts == outer.values.texts
        refused = [] if alike else [inner.values.texts & ~outer.values.texts]
        if outer.longest is not None and (inner.longest is None or inner.longest > outer.longest):
            refused.append(inner.values.texts & repeat(characters([(0, LAST)]), outer.longest + 1, None))
        found = any(shortest(each, inner.longest) is not None for each in refused)
    except (Undescribed, Unread, TooHard):
        return Coverage.UNKNOWN
    return Coverage.BREAKING if found else Coverage.COMPATIBLE


def edges(*schemas: Schema) -> Iterator[Any]:
    """Values at which schemas most often differ."""
    yield from TRIED
    for schema in schemas:
        yield from schema.get("enum", ())
        for bound in (schema[keyword] for keyword in _BOUNDS if keyword in schema):
            yield from (bound + step for step in STEPS)
            yield bound / 2
