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

Leaf = str | Decimal | bool | None

STAR = None
"""Stands for `*` in a tuple of what a text is made of; anything else there is the set of texts that may stand there."""
Piece = frozenset[str] | None

_IPV4 = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+")
_IPV6 = re.compile("[0-9a-fA-F:]*:[0-9a-fA-F:]*")


def address(text: str) -> IPv4Address | IPv6Address | None:
    """The IP address that Event Ruler reads in a text: octets are decimal, leading zeros or not (`CIDR.java`)."""
    if _IPV4.fullmatch(text):
        text = ".".join(octet.lstrip("0") or "0" for octet in text.split("."))
    elif not _IPV6.fullmatch(text):
        return None
    try:
        return ip_address(text)
    except ValueError:
        return None


def same(left: Leaf, right: Leaf) -> bool:
    """Equality as JSON has it: true is not 1, and 3.0e2 is 300."""
    return left == right and isinstance(left, bool) == isinstance(right, bool)


@dataclass(frozen=True)
class Exact:
    """This value."""

    value: Leaf

    def accepts(self, leaf: Leaf) -> bool:
        return same(leaf, self.value)


@dataclass(frozen=True)
class Text:
    """Text that these pieces make up, one after the other: prefix, suffix, equals-ignore-case and wildcard alike."""

    pieces: tuple[Piece, ...]

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        """The first place where a part between two stars fits will do, so the search never goes back to it."""
        parts = [""]
        for piece in self.pieces:
            if piece is STAR:
                parts.append("")
            else:
                parts[-1] += _regex(piece)
        if len(parts) == 1:
            return re.compile(parts[0])
        inner = "".join(f"(?>.*?{part})" for part in parts[1:-1])
        return re.compile(f"{parts[0]}{inner}.*{parts[-1]}", re.DOTALL)

    def accepts(self, leaf: Leaf) -> bool:
        return isinstance(leaf, str) and self._pattern.fullmatch(leaf) is not None


def _regex(piece: frozenset[str]) -> str:
    choices = "|".join(map(re.escape, sorted(piece)))
    return f"(?:{choices})" if len(piece) > 1 else choices


def literally(text: str) -> tuple[Piece, ...]:
    return tuple(frozenset({character}) for character in text)


def in_any_case(text: str) -> tuple[Piece, ...]:
    """Each character in lower or upper case, which may be longer than the character (Event Ruler's
    `EqualsIgnoreCaseParser`)."""
    return tuple(frozenset({character.lower(), character.upper()}) for character in text)


@dataclass(frozen=True)
class Numeric:
    """A number within limits; a limit that is None is not there."""

    low: Decimal | None = None
    high: Decimal | None = None
    low_open: bool = False
    high_open: bool = False

    def accepts(self, leaf: Leaf) -> bool:
        if not isinstance(leaf, Decimal):
            return False
        above = self.low is None or leaf > self.low or (leaf == self.low and not self.low_open)
        below = self.high is None or leaf < self.high or (leaf == self.high and not self.high_open)
        return above and below


@dataclass(frozen=True)
class Cidr:
    """An address of the network, as text in any spelling. An exact value that is an address is a network of one,
    because Event Ruler compares addresses there, not texts (`CIDR.ipToRangeIfPossible`)."""

    network: IPv4Network | IPv6Network

    def accepts(self, leaf: Leaf) -> bool:
        found = address(leaf) if isinstance(leaf, str) else None
        return found is not None and found.version == self.network.version and found in self.network


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
