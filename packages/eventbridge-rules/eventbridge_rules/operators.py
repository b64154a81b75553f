"""Reads what stands in a pattern's list: a value, or `{operator: operand}`.

Sources: Event Ruler's `JsonRuleCompiler.processMatchExpression` and `WildcardParser`; the user guide for the limits of
numbers.
"""

import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from ipaddress import ip_network
from typing import Any

from eventbridge_rules.conditions import (
    STAR,
    AnythingBut,
    Cidr,
    Condition,
    Exact,
    Exists,
    Leaf,
    Numeric,
    Piece,
    Text,
    address,
    in_any_case,
    literally,
    without_halves,
)
from eventbridge_rules.pointers import json_pointer
from eventbridge_rules.reading import is_comparable, pairs_of

Place = tuple[str | int, ...]

NUMERIC_OPERATORS = ("=", "<", "<=", ">", ">=")
LARGEST = Decimal("5e9")
"""Numbers that AWS takes as limits: from -5e9 to 5e9."""

_LIKE_A_NUMBER, LONGEST_NUMBER = re.compile(r"[-+]?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9])?"), 20


class Invalid(ValueError):
    """A pattern that AWS refuses. `pointer` (RFC 6901) is the place, `reason` says what must be there."""

    def __init__(self, pointer: str, reason: str) -> None:
        super().__init__(f"{pointer or '/'}: {reason}")
        self.pointer, self.reason = pointer, reason


def condition(value: Any, at: Place) -> Condition:
    """What one item of a list asks. Raises Invalid."""
    if isinstance(value, list):
        raise Invalid(json_pointer(at), "must be a value or an operator, not a list within the list")
    if not isinstance(value, dict):
        return exact(value, at)
    name, operand, place = only(value, at)
    if name not in OPERATORS:
        field = "; for a field of a list's elements, leave the list out: {field: [...]}" if is_nested(operand) else ""
        raise Invalid(json_pointer(place), f"is no operator; there are {', '.join(OPERATORS)}{field}")
    return OPERATORS[name](operand, place)


def is_nested(operand: Any) -> bool:
    return isinstance(operand, dict | list)


def only(value: Mapping[Any, Any], at: Place) -> tuple[Any, Any, Place]:
    """The one key of an operator's object, its operand and their place."""
    pairs = list(pairs_of(value))
    if len(pairs) != 1:
        raise Invalid(json_pointer(at), "must name exactly one operator")
    [(name, operand)] = pairs
    return name, operand, (*at, str(name))


def exact(value: Any, at: Place) -> Condition:
    if isinstance(value, str) and (found := address(text(value, at))):
        return Cidr(ip_network(found))
    return Exact(scalar(value, at))


QUOTE: tuple[Piece, ...] = (frozenset('"'),)


def scalar(value: Any, at: Place) -> Leaf:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float | Decimal):
        return decimal(value, at)
    return text(value, at, "must be a text, a number, true, false, null or an operator")


def decimal(value: Any, at: Place) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise Invalid(json_pointer(at), f"must be a number{as_number(value)}")
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        raise Invalid(json_pointer(at), "must be a finite number")
    return number


def as_number(value: Any) -> str:
    """What to write in place of a text that looks like a number; empty if it does not."""
    if not isinstance(value, str) or len(value) > LONGEST_NUMBER or not _LIKE_A_NUMBER.fullmatch(value):
        return ""
    return f", and {json.dumps(value)} is a text: write {Decimal(value):f}"


def comparable(value: Any, at: Place) -> Decimal:
    """A number that AWS compares as a number. Raises Invalid."""
    number = decimal(value, at)
    if abs(number) > LARGEST:
        raise Invalid(json_pointer(at), "must be between -5000000000 and 5000000000")
    if not is_comparable(number):
        raise Invalid(json_pointer(at), "must be a number that a double holds exactly: it has too many digits")
    return number


def text(value: Any, at: Place, otherwise: str = "must be a text") -> str:
    if not isinstance(value, str):
        raise Invalid(json_pointer(at), otherwise)
    return without_halves(value)


def prefix(operand: Any, at: Place) -> Text:
    """Event Ruler compares texts with quotes around them, so that a prefix may take in the last one."""
    pieces = affix(operand, at)
    return Text((*pieces, STAR), pieces[:-1] if pieces[-1:] == QUOTE else None)


def suffix(operand: Any, at: Place) -> Text:
    pieces = affix(operand, at)
    return Text((STAR, *pieces), pieces[1:] if pieces[:1] == QUOTE else None)


def affix(operand: Any, at: Place) -> tuple[Piece, ...]:
    if not isinstance(operand, dict):
        return literally(text(operand, at, 'must be a text or {"equals-ignore-case": text}'))
    name, inner, place = only(operand, at)
    if name != "equals-ignore-case":
        raise Invalid(json_pointer(place), "must be equals-ignore-case here")
    return in_any_case(text(inner, place))


def equals_ignore_case(operand: Any, at: Place) -> Text:
    return Text(in_any_case(text(operand, at)))


def wildcard(operand: Any, at: Place) -> Text:
    characters = iter(text(operand, at))
    pieces: list[Piece] = []
    for character in characters:
        if character == "\\":
            escaped = next(characters, "")
            if escaped not in ("*", "\\"):
                raise Invalid(json_pointer(at), r"has a \ before something other than * and \ ")
            pieces.append(frozenset({escaped}))
        elif character == "*":
            if pieces and pieces[-1] is STAR:
                raise Invalid(json_pointer(at), "must not have two * in a row")
            pieces.append(STAR)
        else:
            pieces.append(frozenset({character}))
    return Text(tuple(pieces))


def numeric(operand: Any, at: Place) -> Numeric:
    """`[operator, number]`, or a lower limit followed by an upper one."""
    if not isinstance(operand, list) or len(operand) not in (2, 4):
        raise Invalid(json_pointer(at), 'must be a list such as [">=", 100] or [">", 0, "<=", 5]')
    for index in range(0, len(operand), 2):
        if not isinstance(operand[index], str) or operand[index] not in NUMERIC_OPERATORS:
            raise Invalid(json_pointer((*at, index)), f"must be one of {' '.join(NUMERIC_OPERATORS)}")
    first, low = operand[0], comparable(operand[1], (*at, 1))
    if len(operand) == 2:
        return _one_limit(first, low)
    second, high = operand[2], comparable(operand[3], (*at, 3))
    if first not in (">", ">=") or second not in ("<", "<="):
        raise Invalid(json_pointer(at), "must give the lower limit first (> or >=), then the upper (< or <=)")
    if low >= high:
        raise Invalid(json_pointer((*at, 3)), f"must be greater than the lower limit {low}")
    return Numeric(low, high, first == ">", second == "<")


def _one_limit(operator: str, number: Decimal) -> Numeric:
    match operator:
        case "=":
            return Numeric(number, number)
        case ">" | ">=":
            return Numeric(low=number, low_open=operator == ">")
    return Numeric(high=number, high_open=operator == "<")


def exists(operand: Any, at: Place) -> Exists:
    if not isinstance(operand, bool):
        raise Invalid(json_pointer(at), "must be true or false")
    return Exists(operand)


def cidr(operand: Any, at: Place) -> Cidr:
    """Event Ruler reads the bits as Java's `Integer.parseInt` does: with or without a plus, in digits of any script."""
    written = text(operand, at)
    host, slash, bits = written.rstrip("/").partition("/")
    found = address(host)
    bits = bits.removeprefix("+")
    if not slash or found is None or not bits.isdecimal():
        raise Invalid(json_pointer(at), "must be a network such as 10.0.0.0/24 or 2001:db8::/32")
    if int(bits) >= found.max_prefixlen:
        raise Invalid(json_pointer(at), f"must have fewer than {found.max_prefixlen} bits after the /")
    return Cidr(ip_network(f"{found}/{int(bits)}", strict=False))


def anything_but(operand: Any, at: Place) -> AnythingBut:
    if isinstance(operand, dict):
        name, inner, place = only(operand, at)
        if name not in NEGATED:
            raise Invalid(json_pointer(place), f"must be one of {', '.join(NEGATED)} within anything-but")
        return AnythingBut(tuple(_negated(name, each, where) for each, where in several(inner, place)))
    values = [(_excluded(each, where), where) for each, where in several(operand, at)]
    kinds = {type(value) for value, _ in values}
    if len(kinds) > 1:
        raise Invalid(json_pointer(at), "must be all texts or all numbers")
    return AnythingBut(tuple(Exact(value) for value, _ in values))


def several(operand: Any, at: Place) -> list[tuple[Any, Place]]:
    """The operand's values, one or a list, with their places. Raises Invalid."""
    if operand == []:
        raise Invalid(json_pointer(at), "must not be empty")
    return (
        [(each, (*at, index)) for index, each in enumerate(operand)] if isinstance(operand, list) else [(operand, at)]
    )


def _excluded(value: Any, at: Place) -> Leaf:
    if isinstance(value, str):
        return text(value, at)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise Invalid(json_pointer(at), "must be a text or a number")
    return comparable(value, at)


def _negated(name: str, operand: Any, at: Place) -> Text:
    written = text(operand, at)
    if not written and name in ("prefix", "suffix"):
        raise Invalid(json_pointer(at), "must not be empty")
    return NEGATED[name](written, at)


def exactly(operand: Any, at: Place) -> Exact:
    return Exact(text(operand, at))


NEGATED: dict[str, Callable[[Any, Place], Text]] = {
    "prefix": prefix,
    "suffix": suffix,
    "equals-ignore-case": equals_ignore_case,
    "wildcard": wildcard,
}
OPERATORS: dict[str, Callable[[Any, Place], Condition]] = {
    **NEGATED,
    "anything-but": anything_but,
    "numeric": numeric,
    "exists": exists,
    "cidr": cidr,
    "exactly": exactly,
}
