"""Reads a rule's file as its author meant it: JSON, or YAML in which every value is what it looks like.

YAML silently takes a name that is there twice, and reads `no` as false, `0500` as 320, `5:00` as 300 and `2026-11-21`
as a date. A rule with such a value would match nothing, so they are refused.
"""

import json
import re
from pathlib import Path
from typing import Any

import yaml

MOST_NODES = 20_000
"""Names, values and objects in a file: more than a pattern has characters, and an input template beside it."""

_TAG = "tag:yaml.org,2002:"
_PLAIN = {
    "bool": re.compile("true|false", re.IGNORECASE),
    "int": re.compile("[-+]?(?:0|[1-9][0-9_]*)"),
    "float": re.compile(r"[-+]?(?:(?:0|[1-9][0-9_]*)?\.?[0-9_]*(?:e[-+]?[0-9]+)?|\.inf|\.nan)", re.IGNORECASE),
}
"""The spellings of each type that look like what YAML makes of them. All others are refused."""

_READ_AS = {
    "bool": "true or false",
    "int": "another number",
    "float": "another number",
    "timestamp": "a date",
    "value": "no text",
}


class Unreadable(ValueError):
    """A file that cannot be read, or that means something else than it looks like. The text says why."""


def text_of(path: Path) -> str:
    """Raises Unreadable."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"cannot be read: {getattr(error, 'strerror', None) or 'it is not text in UTF-8'}") from None


def document_of(text: str) -> Any:
    """Decoded JSON, or else YAML (which takes 5e2 for a text, so it comes second). Raises Unreadable."""
    try:
        json.loads(text)
    except ValueError:
        return _yaml(text)
    except RecursionError:
        raise Unreadable("is nested too deeply") from None
    return json.loads(text, object_pairs_hook=_once)


def _once(pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise Unreadable(f"says {name} twice in one object, of which only the last would count")
    return dict(pairs)


def _yaml(text: str) -> Any:
    try:
        _require_as_written(yaml.compose(text, yaml.SafeLoader))
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise Unreadable(f"is neither JSON nor YAML: {error.problem} in line {line}") from None
    except Unreadable:
        raise
    except (yaml.YAMLError, ValueError, LookupError, AttributeError, TypeError, RecursionError):
        raise Unreadable("is neither JSON nor YAML") from None  # the latter is what PyYAML lets out of odd values


def _require_as_written(root: Any) -> None:
    """Checks that no name is there twice and that no value is read as something else than it looks like. A YAML alias
    counts each time, because with aliases a few lines can be endless. Raises Unreadable."""
    left, seen = [root], 0
    while left:
        node, seen = left.pop(), seen + 1
        if seen > MOST_NODES:
            raise Unreadable("is too large to be a rule")
        if isinstance(node, yaml.MappingNode):
            _once_each(node)
            left += [each for pair in node.value for each in pair]
        elif isinstance(node, yaml.SequenceNode):
            left += node.value
        elif isinstance(node, yaml.ScalarNode):
            _require_plain(node)


def _once_each(node: yaml.MappingNode) -> None:
    _once([(key.value, None) for key, _ in node.value])


def _require_plain(node: yaml.ScalarNode) -> None:
    kind = node.tag.removeprefix(_TAG)
    if kind in _READ_AS and not (kind in _PLAIN and _PLAIN[kind].fullmatch(node.value)):
        line = node.start_mark.line + 1
        raise Unreadable(f"{node.value} in line {line} is {_READ_AS[kind]} to YAML: put it in quotes")
