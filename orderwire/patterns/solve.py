"""Finds an event that a rule hears, or one that it does not, or proves that there is none.

An alternative of a pattern is a box: for each of its paths the values that are accepted there, the paths varying
independently. An event in which every array has one element is heard if it lies in a box; and if any event is heard, or
not heard, then so is one like that: its other elements can go, since a rule asks all its fields of an array of the same
element, and asks them of one element only. (`exists: false` asks something of all elements: see `Domain.certain`.)
"""

from collections.abc import Mapping, Sequence
from typing import Any

from orderwire.patterns.grammar import Alternative
from orderwire.patterns.languages import TooHard
from orderwire.patterns.shapes import Shape
from orderwire.patterns.values import Values

Box = Mapping[str, Values]

MOST_STEPS = 20_000
"""Attempts to leave every box, before that is given up."""


def possible(alternative: Alternative, shape: Shape) -> Box:
    """Outside this box an event is not heard."""
    return {path: shape.domain(path).possible(field.conditions) for path, field in alternative.items()}


def certain(alternative: Alternative, shape: Shape) -> Box:
    """Inside this box an event is heard."""
    return {path: shape.domain(path).certain(field.conditions) for path, field in alternative.items()}


def is_empty(box: Box, shape: Shape) -> bool:
    """Raises TooHard."""
    return any(shape.domain(path).has_none(values) for path, values in box.items())


def outside(boxes: Sequence[Box], shape: Shape) -> Box | None:
    """A box that lies outside all of these; None if they cover everything. Raises TooHard."""
    return _Search(shape).leave(sorted(boxes, key=len), {})


class _Search:
    def __init__(self, shape: Shape) -> None:
        self._shape, self._steps = shape, 0

    def leave(self, boxes: Sequence[Box], region: Box) -> Box | None:
        """The part of the region, or of what one more path narrows it to, that is outside all boxes."""
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise TooHard
        if not boxes:
            return region
        box, others = boxes[0], boxes[1:]
        if any(self._has_none(path, self._at(region, path) & values) for path, values in box.items()):
            return self.leave(others, region)
        for path, values in box.items():
            rest = self._at(region, path) & ~values
            if not self._has_none(path, rest) and (found := self.leave(others, {**region, path: rest})) is not None:
                return found
        return None

    def _at(self, region: Box, path: str) -> Values:
        return region[path] if path in region else self._shape.domain(path).values

    def _has_none(self, path: str, values: Values) -> bool:
        return self._shape.domain(path).has_none(values)


def member(box: Box, shape: Shape) -> Mapping[str, Any]:
    """Path -> a value of the box there, the example's own where it will do. Raises LookupError, TooHard."""
    usual = shape.usual
    return {path: shape.domain(path).some(values, usual(path)) for path, values in box.items()}
