"""JSON as EventBridge reads it: every digit of a number counts, and a name that is there twice keeps both values."""

import json
import math
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

LONGEST_WHOLE = 300
"""Digits of a number that is read as an int; Python takes quadratic time for them."""


class Pairs(dict[str, Any]):
    """An object in which a name is there twice: a dict of what was written last, with all of it in `pairs`."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.pairs = pairs


def pairs_of(node: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    """Name and value of an object, as often as they are written."""
    return node.pairs if isinstance(node, Pairs) else node.items()


def read_json(text: str) -> Any:
    """The value of a JSON text. A number is an int or a float where that keeps its value, else a Decimal; an object
    with a name that is there twice is `Pairs`. Raises ValueError."""
    try:
        return json.loads(
            text, parse_float=_number, parse_int=_whole, parse_constant=_no_constant, object_pairs_hook=_object
        )
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _number(text: str) -> float | Decimal:
    try:
        exact = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{text[:20]}... is a number with too large an exponent") from None
    double = float(exact)
    return double if math.isfinite(double) and Decimal(repr(double)) == exact else exact


def _whole(text: str) -> int | Decimal:
    return int(text) if len(text) <= LONGEST_WHOLE else Decimal(text)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no value of JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else Pairs(pairs)


@lru_cache(4_000)
def is_comparable(number: Decimal) -> bool:
    """Whether Event Ruler compares the number by its value, which it does if a double has it (`ComparableNumber`): if
    Java writes that double as this number, with two digits at least."""
    double = float(number) if number.is_finite() else math.inf
    if math.isinf(double):
        return False
    in_two_digits = f"{double:.1e}"
    return number == Decimal(in_two_digits if float(in_two_digits) == double else repr(double))


def write_json(node: Any, separators: tuple[str, str] = (",", ":")) -> str:
    """The JSON text of plain data, with each Decimal as it was written. Raises TypeError for a name that is none."""
    if isinstance(node, Mapping):
        return (
            "{"
            + separators[0].join(
                f"{_name(name)}{separators[1]}{write_json(each, separators)}" for name, each in pairs_of(node)
            )
            + "}"
        )
    if isinstance(node, list | tuple):
        return f"[{separators[0].join(write_json(each, separators) for each in node)}]"
    return str(node) if isinstance(node, Decimal) else _readable(json.dumps(node, ensure_ascii=False, default=str))


def _name(name: Any) -> str:
    if not isinstance(name, str | int | float | None):
        raise TypeError(f"{name!r} is no name")
    return _readable(json.dumps(name if isinstance(name, str) else json.dumps(name), ensure_ascii=False))


def _readable(text: str) -> str:
    """Half a character, which no encoding takes, as an escape."""
    return text.encode("utf-8", "backslashreplace").decode()
