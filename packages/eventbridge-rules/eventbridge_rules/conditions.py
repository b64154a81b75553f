"""What a pattern can ask of one value.

Values are leaves of an event: text, Decimal, True, False or None; an object or an array is none, and never comes here.
Each class says of a leaf whether it `accepts` it. Source: EventBridge user guide, "Comparison operators for use in
event patterns"; Event Ruler's `JsonRuleCompiler` and `Patterns`.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from eventbridge_rules.reading import is_comparable

Leaf = str | Decimal | bool | None

STAR = None
"""Stands for `*` in a tuple of what a text is made of; anything else there is the set of texts that may stand there."""
Piece = frozenset[str] | None

_IPV4 = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+")
_IPV6 = re.compile("[0-9a-fA-F:]*:[0-9a-fA-F:]*")


LONGEST_IPV4 = 15


def address(text: str) -> IPv4Address | IPv6Address | None:
    """The IP address that Event Ruler reads in a text: octets are decimal, leading zeros or not (`CIDR.java`), and an
    IPv4 address that is mapped into IPv6 is one of IPv4 (Java's `InetAddress`)."""
    if _IPV4.fullmatch(text) and len(text) <= LONGEST_IPV4:
        parts, between = text.split("."), "."
    elif _IPV6.fullmatch(text):
        parts, between = text.split(":"), ":"
    else:
        return None
    try:
        found = ip_address(between.join(part.lstrip("0") or part[:1] for part in parts))
    except ValueError:
        return None
    return (isinstance(found, IPv6Address) and found.ipv4_mapped) or found


def same(left: Leaf, right: Leaf) -> bool:
    """Equality as JSON has it: true is not 1, and 3.0e2 is 300. Numbers that no double has are the same if they are
    written alike."""
    if isinstance(left, Decimal) and isinstance(right, Decimal) and not (is_comparable(left) and is_comparable(right)):
        return left.as_tuple() == right.as_tuple()
    return left == right and isinstance(left, bool) == isinstance(right, bool)


@dataclass(frozen=True)
class Exact:
    """This value."""

    value: Leaf

    def accepts(self, leaf: Leaf) -> bool:
        return same(leaf, self.value)


@dataclass(frozen=True)
class Text:
    """Text that these pieces make up, one after the other: prefix, suffix, equals-ignore-case and wildcard alike. Or
    text that `whole` makes up, which is for a prefix or suffix that takes in a quote around the text."""

    pieces: tuple[Piece, ...]
    whole: tuple[Piece, ...] | None = None

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(map(_expression, self.ways)), re.DOTALL)

    @property
    def ways(self) -> tuple[tuple[Piece, ...], ...]:
        return (self.pieces,) if self.whole is None else (self.pieces, self.whole)

    def accepts(self, leaf: Leaf) -> bool:
        return isinstance(leaf, str) and self._pattern.fullmatch(leaf) is not None


def _expression(pieces: tuple[Piece, ...]) -> str:
    """The first place where a part between two stars fits will do, so the search never goes back to it."""
    parts = [""]
    for piece in pieces:
        if piece is STAR:
            parts.append("")
        else:
            parts[-1] += _regex(piece)
    if len(parts) == 1:
        return f"(?:{parts[0]})"
    inner = "".join(f"(?>.*?{part})" for part in parts[1:-1])
    return f"(?:{parts[0]}{inner}.*{parts[-1]})"


def _regex(piece: frozenset[str]) -> str:
    choices = "|".join(map(re.escape, sorted(piece)))
    return f"(?:{choices})" if len(piece) > 1 else choices


def literally(text: str) -> tuple[Piece, ...]:
    return tuple(frozenset({character}) for character in text)


def in_any_case(text: str) -> tuple[Piece, ...]:
    """Each character in lower or upper case, which may be longer than the character. Event Ruler's
    `EqualsIgnoreCaseParser` takes UTF-16 units for characters, and makes a question mark of each half of one that has
    two."""
    return tuple(piece for character in text for piece in _cases(character))


def _cases(character: str) -> tuple[frozenset[str], ...]:
    if character > LAST_IN_ONE_UNIT:
        return (frozenset("?"), frozenset("?"))
    return (frozenset({character.lower(), character.upper()}),)


LAST_IN_ONE_UNIT = "\uffff"
_HALF = re.compile("[\ud800-\udfff]")


def without_halves(text: str) -> str:
    """The text as Java writes it in UTF-8: a lone half of a character becomes a question mark."""
    return _HALF.sub("?", text)


@dataclass(frozen=True)
class Numeric:
    """A number within limits; a limit that is None is not there."""

    low: Decimal | None = None
    high: Decimal | None = None
    low_open: bool = False
    high_open: bool = False

    def accepts(self, leaf: Leaf) -> bool:
        if not isinstance(leaf, Decimal) or not is_comparable(leaf):
            return False
        above = self.low is None or leaf > self.low or (leaf == self.low and not self.low_open)
        below = self.high is None or leaf < self.high or (leaf == self.high and not self.high_open)
        return above and below


@dataclass(frozen=True)
class Cidr:
    """An address of the network, as text in any spelling. An exact value that is an address is a network of one,
    because Event Ruler compares addresses there, not texts (`CIDR.ipToRangeIfPossible`).

    It compares their hexadecimal digits from the left, until those of the value are certainly within the network's:
    so addresses of the other kind are heard that begin like these, and numbers, by the digits that they are written
    with."""

    network: IPv4Network | IPv6Network

    def accepts(self, leaf: Leaf) -> bool:
        if isinstance(leaf, str):
            found = address(leaf)
            return found is not None and self._holds(found.packed.hex().upper())
        return isinstance(leaf, Decimal) and self._holds(str(leaf))

    def _holds(self, digits: str) -> bool:
        first, last = (each.packed.hex().upper() for each in (self.network[0], self.network[-1]))
        if len(digits) >= len(first):
            return first <= digits[: len(first)] <= last
        return first[: len(digits)] < digits < last[: len(digits)]


@dataclass(frozen=True)
class AnythingBut:
    """Any leaf that none of these accepts, of whatever kind: a number is anything but a text."""

    excluded: tuple[Exact | Text, ...]

    def accepts(self, leaf: Leaf) -> bool:
        return not any(each.accepts(leaf) for each in self.excluded)


@dataclass(frozen=True)
class Exists:
    """Any leaf at all, or (`wanted` False) none: null is one; an object and an empty array have none."""

    wanted: bool

    def accepts(self, leaf: Leaf) -> bool:  # noqa: ARG002  (whatever the leaf is, it is there)
        return self.wanted


Condition = Exact | Text | Numeric | Cidr | AnythingBut | Exists
