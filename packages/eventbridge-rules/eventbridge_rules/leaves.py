"""An event as conditions see it: its leaves, each with its path and the array elements that it lies in."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from eventbridge_rules.conditions import Leaf

Elements = Mapping[int, int]
"""Array (numbered as they come) -> index of the element in it."""


class Found(NamedTuple):
    value: Leaf
    elements: Elements


Leaves = Mapping[str, Sequence[Found]]


def leaves_of(event: Mapping[str, Any]) -> Leaves:
    """Path -> its leaves, in the event's order."""
    found: dict[str, list[Found]] = {}
    arrays = iter(range(1_000_000))
    for path, leaf in _leaves(event, "", {}, arrays):
        found.setdefault(path, []).append(leaf)
    return found


def _leaves(node: Any, path: str, elements: Elements, arrays: Iterator[int]) -> Iterator[tuple[str, Found]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _leaves(value, f"{path}.{key}" if path else key, elements, arrays)
    elif isinstance(node, list):
        array = next(arrays)
        for index, value in enumerate(node):
            yield from _leaves(value, path, {**elements, array: index}, arrays)
    else:
        yield path, Found(leaf_of(node), elements)


def leaf_of(value: Any) -> Leaf:
    """A scalar as conditions compare it: a number is a Decimal, exactly as JSON writes it."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return Decimal(repr(value))


def as_json(value: Any) -> Any:
    """A leaf as JSON has it."""
    if not isinstance(value, Decimal):
        return value
    return int(value) if value.is_finite() and value == int(value) else float(value)
