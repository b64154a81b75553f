"""Places of an event, looked up in its contract's schema: what may stand there, and whether it may be missing."""

import json
import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from typing import Any

from eventbridge_rules.languages import ANYTHING, TooHard, chain, characters, shortest
from eventbridge_rules.pointers import resolved
from eventbridge_rules.regexes import Unread, language_of

from schemas.envelope import EventData
from schemas.generate import json_schema

_STEP = re.compile(r"[a-z_]+|\[\d+\]")
_ESCAPED = chain(ANYTHING, chain(characters([(0, 0x1F), (ord('"'), ord('"')), (ord("\\"), ord("\\"))]), ANYTHING))
"""The texts with a character that JSON writes with a backslash."""


class NoSuchPlace(ValueError):
    """A path that leads nowhere in an event; the text says where it ends."""


@cache
def schema_of(contract: type[EventData]) -> Mapping[str, Any]:
    """Made once: a file's paths are looked up one by one."""
    return json_schema(contract)


def node_at(contract: type[EventData], path: str) -> Mapping[str, Any]:
    """The part of the contract's schema at this path of the detail. Raises NoSuchPlace."""
    return walk(contract, path)[0]


def may_lack(contract: type[EventData], path: str) -> bool:
    """Whether some events of the contract have nothing at this path of their detail. Raises NoSuchPlace."""
    return walk(contract, path)[1]


def walk(contract: type[EventData], path: str) -> tuple[Mapping[str, Any], bool]:
    """The part of the contract's schema at this path of the detail, and whether some events have nothing there. Raises
    NoSuchPlace."""
    document = schema_of(contract)
    node, place, optional = document, "", False
    for step in _STEP.findall(path)[1:]:
        node = resolved(node, document)
        if node.get("type") == "array" and step.startswith("["):
            optional |= int(step[1:-1]) >= node.get("minItems", 0)
            node, place = node["items"], place + step
            continue
        names = node.get("properties", {})
        if step not in names:
            raise NoSuchPlace(nowhere(node, place, step, names))
        optional |= step not in node.get("required", ())
        node, place = names[step], f"{place}.{step}".lstrip(".")
    return resolved(node, document), optional


def nowhere(node: Any, place: str, step: str, names: Sequence[str]) -> str:
    """Why there is no such step from this place."""
    if node.get("type") == "array":
        return f"has a list at {place}: write {place}[0].{step}"
    if step.startswith("["):
        return f"has no list at {place}"
    near = get_close_matches(step, names, 1)
    hint = f"; did you mean {place}.{near[0]}?" if near else ""
    return f"has no {place}.{step}{hint}"


def may_break(node: Mapping[str, Any]) -> bool:
    """Of a part of a schema. A text is safe if its form has neither quotes nor backslashes nor control characters."""
    if "const" in node or "enum" in node:
        texts = [each for each in node.get("enum", [node.get("const")]) if isinstance(each, str)]
        return any(json.dumps(text, ensure_ascii=False) != f'"{text}"' for text in texts)
    match node.get("type"):
        case "integer" | "number" | "boolean":
            return False
        case "string" if "pattern" in node:
            return may_hold(node["pattern"])
    return True


@cache
def may_hold(form: str) -> bool:
    """Whether a text of this form may have a character that JSON escapes; True if it cannot be told."""
    try:
        return shortest(language_of(form) & _ESCAPED) is not None
    except (Unread, TooHard):
        return True
