"""Reads a rule's file as its author meant it: JSON, or YAML in which every value is what it looks like.

YAML silently takes a name that is there twice, and reads `no` as false, `0500` as 320, `5:00` as 300, `1e3` as a text
and `2026-11-21` as a date. A rule with such a value would match nothing, so they are refused.
"""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from eventbridge_rules.reading import Pairs, read_json
from eventbridge_rules.spelling import LONGEST_SHOWN, cut

from infrastructure.subscriptions.pasted import declared_elsewhere

LARGEST = 64 * 1024
"""Bytes of a file, thirty times what AWS takes as a pattern."""

MOST_NODES = 20_000
"""Names, values and objects in a file: more than a pattern has characters, and an input template beside it."""

_TAG = "tag:yaml.org,2002:"
_PLAIN = {
    "bool": re.compile("true|false", re.IGNORECASE),
    "int": re.compile("[-+]?(?:0|[1-9][0-9_]*)"),
    "float": re.compile(r"[-+]?(?:(?:0|[1-9][0-9_]*+)?\.?[0-9_]*+(?:e[-+]?[0-9]+)?|\.inf|\.nan)", re.IGNORECASE),
}
"""The spellings of each type that look like what YAML makes of them. All others are refused."""

_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)e[-+]?[0-9]{1,9}", re.IGNORECASE)
"""What everybody but YAML, which wants a dot and a sign in it, reads as a number."""

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
    """Reads no more than a rule can have. Raises Unreadable."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise Unreadable(f"is too large to be a rule: more than {LARGEST} bytes")
        return content.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"cannot be read: {getattr(error, 'strerror', None) or 'it is not text in UTF-8'}") from None


def document_of(text: str) -> Any:
    """Decoded JSON, or else YAML (which takes 5e2 for a text, so it comes second). A number of JSON that a float would
    change is a Decimal. Raises Unreadable."""
    if len(text) > LARGEST:
        raise Unreadable(f"is too large to be a rule: more than {LARGEST} characters")
    try:
        document = read_json(text)
    except ValueError:
        return _yaml(text)
    _require_once(document, text)
    return document


def _require_once(document: Any, text: str) -> None:
    """Of decoded JSON, in which only a name that is there twice leaves pairs. Raises Unreadable."""
    left = [document]
    while left:
        node = left.pop()
        if isinstance(node, Pairs):
            _require_once_in_lines(text)
            _once((name, None) for name, _ in node.pairs)
        if isinstance(node, dict):
            left += node.values()
        elif isinstance(node, list):
            left += node


def _require_once_in_lines(text: str) -> None:
    """The reader of JSON knows no lines, but YAML's, which reads most JSON too, does. Raises Unreadable."""
    try:
        root = yaml.compose(text, yaml.SafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return
    for node in _nodes(root):
        if isinstance(node, yaml.MappingNode):
            _once_each(node)


def _once(names: Iterable[tuple[Any, int | None]]) -> None:
    """`names` with their lines, if these are known. Raises Unreadable."""
    seen: dict[Any, int | None] = {}
    for name, line in names:
        if name in seen:
            where = f"in line {line}" if seen[name] == line else f"in lines {seen[name]} and {line}"
            place = f", {where}" if line else ""
            raise Unreadable(f"says {cut(str(name))} twice in one object{place}, of which only the last would count")
        seen[name] = line


def _yaml(text: str) -> Any:
    try:
        _require_as_written(yaml.compose(text, yaml.SafeLoader))
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        if isinstance(error, yaml.constructor.ConstructorError) and (wrong := declared_elsewhere(untagged(text))):
            raise Unreadable(wrong) from None
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise Unreadable(f"is neither JSON nor YAML: {error.problem} in line {line}") from None
    except Unreadable:
        raise
    except RecursionError:
        raise Unreadable("is nested too deeply") from None
    except (yaml.YAMLError, ValueError, LookupError, AttributeError, TypeError):
        raise Unreadable("is neither JSON nor YAML") from None  # the latter is what PyYAML lets out of odd values


class _Untagged(yaml.SafeLoader):  # type: ignore[misc]
    """Takes what has a tag of somebody's own, such as CloudFormation's `!Ref`, for nothing."""


_Untagged.add_multi_constructor("!", lambda *_: None)


def untagged(text: str) -> Any:
    """The document but for what has such a tag; None if it has other faults."""
    try:
        return yaml.load(text, _Untagged)  # noqa: S506  (a SafeLoader)
    except (yaml.YAMLError, ValueError, LookupError, AttributeError, TypeError, RecursionError):
        return None


def _require_as_written(root: Any) -> None:
    """Checks that no name is there twice and that no value is read as something else than it looks like. Raises
    Unreadable."""
    for node in _nodes(root):
        if isinstance(node, yaml.MappingNode):
            _once_each(node)
        elif isinstance(node, yaml.ScalarNode):
            _require_plain(node)


def _nodes(root: Any) -> Iterator[Any]:
    """Every node. A YAML alias counts each time, because with aliases a few lines can be endless. Raises Unreadable."""
    left, seen = [root], 0
    while left:
        node, seen = left.pop(), seen + 1
        if seen > MOST_NODES:
            raise Unreadable("is too large to be a rule")
        yield node
        if isinstance(node, yaml.MappingNode):
            left += [each for pair in node.value for each in pair]
        elif isinstance(node, yaml.SequenceNode):
            left += node.value


def _once_each(node: yaml.MappingNode) -> None:
    _once((str(key.value), key.start_mark.line + 1) for key, _ in node.value)


def _require_plain(node: yaml.ScalarNode) -> None:
    kind = node.tag.removeprefix(_TAG)
    if kind in _READ_AS and not (kind in _PLAIN and _PLAIN[kind].fullmatch(node.value)):
        line = node.start_mark.line + 1
        raise Unreadable(f"{cut(node.value)} in line {line} is {_READ_AS[kind]} to YAML: put it in quotes")
    if kind == "str" and node.style is None and _NUMBER.fullmatch(node.value):
        line, number = node.start_mark.line + 1, written_out(node.value)
        raise Unreadable(f"{cut(node.value)} in line {line} is a text to YAML: write {number}, or put it in quotes")
    if kind == "float" and _loses_digits(node.value):
        line = node.start_mark.line + 1
        raise Unreadable(
            f"{cut(node.value)} in line {line} is a number with too many digits, of which some would be lost"
        )


def written_out(number: str) -> str:
    """Without an exponent, unless nobody would write so many digits."""
    value = Decimal(number)
    return format(value, "f") if abs(value.adjusted()) <= LONGEST_SHOWN else "it without an exponent"


def _loses_digits(written: str) -> bool:
    text = written.replace("_", "")
    return any(each.isdigit() for each in text) and Decimal(repr(float(text))) != Decimal(text)
