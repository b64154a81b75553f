"""Sets of what may stand at one path of an event, and the set that a condition accepts.

A set says whether the field may be absent, and which of true, false and null, which numbers (as multiples of the
field's unit) and which texts it may be. A condition has two sets: what it certainly accepts and what it may accept.
They differ for networks (`cidr`), whose addresses have more spellings than is described here, and for numbers that not
every version of Event Ruler compares. A proof that a rule never hears anything uses what it may accept, a proof that it
always does uses what it certainly accepts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from functools import reduce
from typing import Any, NamedTuple

from eventbridge_rules.conditions import STAR, AnythingBut, Cidr, Condition, Exact, Exists, Numeric, Text
from eventbridge_rules.intervals import EVERY, Intervals, intervals
from eventbridge_rules.languages import (
    ANYTHING,
    NOTHING,
    Language,
    TooHard,
    chained,
    either,
    remembered,
    shortest,
    word,
)
from eventbridge_rules.reading import is_comparable
from eventbridge_rules.regexes import language_of

ABSENT = object()
"""Stands for a field that is not there."""

LARGEST_EXPONENT = 4000
"""The largest power of ten that is calculated with. A pattern is too short to hold a larger number."""

_EXACTLY = Context(prec=2 * LARGEST_EXPONENT)
"""Calculates without rounding with numbers up to there."""

LARGEST, FINEST = Decimal("5e9"), Decimal("1e-6")
"""Numbers that every version of Event Ruler compares: from -5e9 to 5e9, with six decimals."""

_CONSTANTS: Mapping[str, Any] = {"null": None, "true": True, "false": False}
_NAMES = {value: name for name, value in _CONSTANTS.items()}

KINDS_OF_ADDRESS = (language_of(r"^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$"), language_of("^[0-9a-fA-F:]*:[0-9a-fA-F:]*$"))
ADDRESSES = either(KINDS_OF_ADDRESS)
"""Whatever Event Ruler may take for an IP address."""


class Values(NamedTuple):
    absent: bool = False
    constants: frozenset[str] = frozenset()
    numbers: Intervals = Intervals()
    texts: Language = NOTHING

    def __and__(self, other: "Values") -> "Values":
        return Values(
            self.absent and other.absent,
            self.constants & other.constants,
            self.numbers & other.numbers,
            self.texts & other.texts,
        )

    def __or__(self, other: "Values") -> "Values":
        return Values(
            self.absent or other.absent,
            self.constants | other.constants,
            self.numbers | other.numbers,
            self.texts | other.texts,
        )

    def __invert__(self) -> "Values":
        return Values(not self.absent, frozenset(_CONSTANTS) - self.constants, ~self.numbers, ~self.texts)


NONE = Values()
ANY_LEAF = Values(False, frozenset(_CONSTANTS), EVERY, ANYTHING)
NO_LEAF = Values(absent=True)


@dataclass(frozen=True)
class Domain:
    """What producers put at a path. Numbers are multiples of `unit`, texts have at most `longest` characters. `many`:
    an array lies on the way, so that the path may have several leaves. `words` says for people what stands there,
    and `choices` are all texts, if they are few.
    `described` is False if the schema says more than is read here: then anything may stand there."""

    values: Values
    words: str = ""
    unit: Decimal = Decimal(1)
    longest: int | None = None
    many: bool = False
    described: bool = True
    choices: tuple[str, ...] = ()

    def possible(self, conditions: Iterable[Condition]) -> Values:
        """What may stand here that these may accept."""
        return possible(conditions, self.unit) & self.values if self.described else self.values

    def certain(self, conditions: Iterable[Condition]) -> Values:
        """What may stand here that these certainly accept. That a field is nowhere in an array, which is what
        `exists: false` asks, cannot be said of one element."""
        if not self.described:
            return NONE
        found = certain(conditions, self.unit) & self.values
        return found if not self.many or self.never else found._replace(absent=False)

    @property
    def decimals(self) -> bool:
        """Whether producers write numbers here with decimals, 577 as 577.0."""
        return self.unit < 1

    @property
    def never(self) -> bool:
        """Whether there is no such field."""
        return self.values == NO_LEAF

    def some(self, values: Values, usual: Any = ABSENT) -> Any:
        """A member of `values`, which lie within the domain: `usual` if it is one, else a short one; ABSENT can be one.
        Raises LookupError if there is none, TooHard if that was not found out."""
        if usual is not ABSENT and usual in members(values, self.unit):
            return usual
        if values.constants:
            return _CONSTANTS[max(values.constants)]
        if values.numbers:
            return values.numbers.least() * self.unit
        if (text := shortest(values.texts, self.longest)) is not None:
            return text
        if values.absent:
            return ABSENT
        raise LookupError

    def has_none(self, values: Values) -> bool:
        """Whether no such value stands here. Raises TooHard."""
        if values.absent or values.constants or values.numbers:
            return False
        found = _is_empty(values.texts, self.longest)
        if found is None:
            raise TooHard
        return found


@remembered
def _is_empty(texts: Language, longest: int | None) -> bool | None:
    """None if that is too hard, which is remembered too."""
    try:
        return shortest(texts, longest) is None
    except TooHard:
        return None


class members:  # noqa: N801  (reads as a test: `value in members(values, unit)`)
    def __init__(self, values: Values, unit: Decimal) -> None:
        self._values, self._unit = values, unit

    def __contains__(self, value: Any) -> bool:
        if value is None or isinstance(value, bool):
            return _NAMES[value] in self._values.constants
        if isinstance(value, str):
            return is_in(self._values.texts, value)
        return bool(self._values.numbers & _point(value, self._unit))


def is_in(language: Language, text: str) -> bool:
    for character in text:
        language = language.after(ord(character))
    return language.nullable


def _point(number: Decimal, unit: Decimal) -> Intervals:
    """The one number, or none if it is no multiple of the unit."""
    if number.adjusted() > LARGEST_EXPONENT or _EXACTLY.remainder(number, unit) != 0:
        return Intervals()
    steps = int(_EXACTLY.divide(number, unit))
    return intervals([(steps, steps)])


def certain(conditions: Iterable[Condition], unit: Decimal) -> Values:
    """What these certainly accept."""
    return reduce(Values.__or__, (_certain(each, unit) for each in conditions), NONE)


def possible(conditions: Iterable[Condition], unit: Decimal) -> Values:
    """What these may accept."""
    return reduce(Values.__or__, (_possible(each, unit) for each in conditions), NONE)


def _certain(condition: Condition, unit: Decimal) -> Values:
    match condition:
        case Exists(wanted):
            return ANY_LEAF if wanted else NO_LEAF
        case Text():
            return Values(texts=language(condition))
        case Numeric():
            return Values(numbers=_range(condition, unit) & _compared(unit))
        case Cidr(network):
            return Values(texts=word(str(network.broadcast_address)))
        case AnythingBut(excluded):
            return ANY_LEAF & ~possible(excluded, unit)
        case Exact(Decimal() as number) if not is_comparable(number):
            return NONE  # the same number, written otherwise, is another one
    return _exactly(condition, unit)


def _possible(condition: Condition, unit: Decimal) -> Values:
    match condition:
        case Numeric():
            return Values(numbers=_range(condition, unit))
        case Cidr():
            return Values(texts=ADDRESSES, numbers=EVERY)
        case AnythingBut(excluded):
            return ANY_LEAF & ~certain(excluded, unit)
        case Exact():
            return _exactly(condition, unit)
    return _certain(condition, unit)


def _exactly(condition: Exact, unit: Decimal) -> Values:
    value = condition.value
    if value is None or isinstance(value, bool):
        return Values(constants=frozenset({_NAMES[value]}))
    if isinstance(value, str):
        return Values(texts=word(value))
    return Values(numbers=_point(value, unit))


def _compared(unit: Decimal) -> Intervals:
    """The multiples of the unit that every version of Event Ruler compares by their value."""
    if not unit.is_normal() or unit % FINEST != 0:
        return Intervals()
    most = int(LARGEST // unit)
    return intervals([(-most, most)])


@remembered
def language(condition: Text) -> Language:
    return either(
        chained(ANYTHING if piece is STAR else either(map(word, piece)) for piece in pieces)
        for pieces in condition.ways
    )


def _range(condition: Numeric, unit: Decimal) -> Intervals:
    """The multiples of the unit within the limits."""
    low, high = EVERY.parts[0]
    if condition.low is not None:
        low = int((condition.low / unit).to_integral_value(ROUND_CEILING))
        low += condition.low_open and low * unit == condition.low
    if condition.high is not None:
        high = int((condition.high / unit).to_integral_value(ROUND_FLOOR))
        high -= condition.high_open and high * unit == condition.high
    return intervals([(low, high)])
