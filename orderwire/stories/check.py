"""What a story has checked, as plain data."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """`figures` are what was counted; `wrong` names what does not hold, a few examples, or is empty."""

    rule: str
    figures: str
    wrong: tuple[str, ...] = ()


def check(rule: str, figures: str, wrong: Iterable[str]) -> Check:
    return Check(rule, figures, tuple(wrong))
