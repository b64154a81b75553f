"""Finds an event that a rule hears, or one that it does not, or proves that there is none.

An alternative of a pattern is a box: for each of its paths the set of values that are accepted there; paths vary
independently. An event whose arrays have one element each is heard if it lies in a box. Such events are enough to look
at: a rule asks all its conditions on an array of one and the same element, so an event with longer arrays is heard, or
not heard, like one that keeps only that element. (`exists: false` asks something of all elements: see
`Domain.certain`.)
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from eventbridge_rules.grammar import Alternative, Field
from eventbridge_rules.languages import TooHard
from eventbridge_rules.shapes import Shape
from eventbridge_rules.values import Values

Box = Mapping[str, Values]

MOST_TESTS = 50_000
"""Tests whether a set is empty, after which the search for an event outside all boxes is given up."""

LOOKED_AT = 40
"""How many boxes are compared to leave the one with the fewest ways out first; often there is one with none."""


def possible(alternatives: Sequence[Alternative], shape: Shape) -> list[Box]:
    """Outside these boxes an event is not heard."""
    return _boxes(alternatives, lambda field: shape.domain(field.path).possible(field.conditions))


def certain(alternatives: Sequence[Alternative], shape: Shape) -> list[Box]:
    """Inside one of these boxes an event is heard."""
    return _boxes(alternatives, lambda field: shape.domain(field.path).certain(field.conditions))


def _boxes(alternatives: Sequence[Alternative], values_of: Callable[[Field], Values]) -> list[Box]:
    """Alternatives share most of their fields, whose values are found once."""
    fields = {field.pointer: field for alternative in alternatives for field in alternative.values()}
    values = {pointer: values_of(field) for pointer, field in fields.items()}
    return [{path: values[field.pointer] for path, field in each.items()} for each in alternatives]


def is_empty(box: Box, shape: Shape) -> bool:
    """Raises TooHard."""
    return any(shape.domain(path).has_none(values) for path, values in box.items())


def outside(boxes: Sequence[Box], shape: Shape) -> Box | None:
    """A box that lies outside all of these; None if they cover everything. Raises TooHard."""
    return _Search(shape).leave(boxes, {})


class _Search:
    def __init__(self, shape: Shape) -> None:
        self._shape, self._tests = shape, 0

    def leave(self, boxes: Sequence[Box], region: Box) -> Box | None:
        """The part of the region, or of what one more path narrows it to, that is outside all boxes."""
        left = [box for box in boxes if not self._is_outside(region, box)]
        if not left:
            return region
        ways = [self._ways_out(region, box) for box in left[:LOOKED_AT]]
        fewest = min(range(len(ways)), key=lambda index: len(ways[index]))
        others = left[:fewest] + left[fewest + 1 :]
        for way in ways[fewest]:
            if (found := self.leave(others, {**region, **way})) is not None:
                return found
        return None

    def _ways_out(self, region: Box, box: Box) -> list[Box]:
        """Each narrows the region at one path, so that it is outside the box."""
        ways = ((path, self._at(region, path) & ~values) for path, values in box.items())
        return [{path: rest} for path, rest in ways if not self._has_none(path, rest)]

    def _is_outside(self, region: Box, box: Box) -> bool:
        return any(self._has_none(path, self._at(region, path) & values) for path, values in box.items())

    def _at(self, region: Box, path: str) -> Values:
        return region[path] if path in region else self._shape.domain(path).values

    def _has_none(self, path: str, values: Values) -> bool:
        self._tests += 1
        if self._tests > MOST_TESTS:
            raise TooHard
        return self._shape.domain(path).has_none(values)


def member(box: Box, shape: Shape) -> Mapping[str, Any]:
    """Path -> a value of the box there, the example's own where it will do. Raises LookupError, TooHard."""
    usual = shape.usual
    return {path: shape.domain(path).some(values, usual(path)) for path, values in box.items()}
