"""An event as conditions see it: its leaves, each with its path and the array elements that it lies in."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from eventbridge_rules.conditions import Leaf, without_halves
from eventbridge_rules.reading import is_comparable, pairs_of

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
        for key, value in pairs_of(node):
            if key:  # an empty name is one that no rule finds
                yield from _leaves(value, f"{path}.{key}" if path else key, elements, arrays)
    elif isinstance(node, list):
        array = next(arrays)
        for index, value in enumerate(node):
            within = {**elements, array: index} if isinstance(value, dict | list) else elements
            yield from _leaves(value, path, within, arrays)
    else:
        yield path, Found(leaf_of(node), elements)


def leaf_of(value: Any) -> Leaf:
    """A scalar as conditions compare it: a number is a Decimal, exactly as JSON writes it."""
    if isinstance(value, str):
        return without_halves(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value  # true, false, null or a Decimal
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def as_json(value: Any) -> Any:
    """The value as JSON has it; a number that no double has stays a Decimal."""
    if not isinstance(value, Decimal) or not is_comparable(value):
        return value
    return int(value) if value == int(value) else float(value)
