"""Sets of whole numbers: unions of intervals, exact however wide."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

Interval = tuple[float, float]
"""Both ends included: whole numbers, or an infinity."""


@dataclass(frozen=True)
class Intervals:
    """`parts` are in order and do not touch."""

    parts: tuple[Interval, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.parts)

    def __or__(self, other: "Intervals") -> "Intervals":
        return intervals((*self.parts, *other.parts))

    def __and__(self, other: "Intervals") -> "Intervals":
        return intervals((max(low, least), min(high, most)) for low, high in self.parts for least, most in other.parts)

    def __invert__(self) -> "Intervals":
        ends = [-math.inf, *(end for low, high in self.parts for end in (low - 1, high + 1)), math.inf]
        return intervals(zip(ends[::2], ends[1::2], strict=True))

    def least(self) -> int:
        """The member nearest to zero."""
        return min((int(min(max(low, 0), high)) for low, high in self.parts), key=abs)


def intervals(parts: Iterable[Interval]) -> Intervals:
    """The union of these, of which some may be empty."""
    joined: list[Interval] = []
    for low, high in sorted(parts):
        if low > high or low == math.inf or high == -math.inf:
            continue
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return Intervals(tuple(joined))


EVERY = intervals([(-math.inf, math.inf)])
