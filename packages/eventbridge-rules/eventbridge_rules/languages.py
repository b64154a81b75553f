"""Sets of texts: regular languages with union, intersection and complement, emptiness decided and shortest words found.

A language computes its derivative (Brzozowski): what is left of it after one character. That makes it a deterministic
automaton whose states are created as they are visited. So lengths up to 500 and complements cost nothing until they are
needed; libraries that build the automaton first would be too slow. Languages that are built alike are the same object,
so states are compared by identity.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import ParamSpec, TypeVar

LAST = 0x10FFFF
_SURROGATES = (0xD800, 0xDFFF)
P = ParamSpec("P")
R = TypeVar("R")

Ranges = tuple[tuple[int, int], ...]
"""Characters by code point, both ends included, in order, none touching."""


MOST_STATES = 5_000
"""States that a search visits before it is given up; with large states that takes seconds."""


MOST_KNOWN, REMEMBERED = 50_000, 1_000
"""Languages that are kept, some 30 MB, and results of each function that makes them."""


class TooHard(Exception):
    """The search was given up: nothing is known."""


class Language:
    """`nullable`: whether the empty text is in it. `cuts`: the code points at which the derivative may change, so that
    all characters between two cuts have the same one."""

    nullable: bool
    cuts: frozenset[int]

    def after(self, character: int) -> "Language":
        """What may follow this character."""
        if character not in self._followers:
            self._followers[character] = self._after(character)
        return self._followers[character]

    @cached_property
    def _followers(self) -> dict[int, "Language"]:
        return {}

    def _after(self, character: int) -> "Language":
        raise NotImplementedError

    @cached_property
    def moves(self) -> tuple[tuple[str, "Language"], ...]:
        """One character of each kind that leads on, with what may follow; letters and digits come first."""
        found = [(character, self.after(ord(character))) for character in _one_of_each_kind(self.cuts)]
        live = [(character, rest) for character, rest in found if rest is not NOTHING]
        return tuple(sorted(live, key=lambda move: (not move[0].isalnum(), not move[0].isprintable(), move[0])))

    def __and__(self, other: "Language") -> "Language":
        return both([self, other])

    def __or__(self, other: "Language") -> "Language":
        return either([self, other])

    def __invert__(self) -> "Language":
        return other_than(self)


def _one_of_each_kind(cuts: Iterable[int]) -> Iterator[str]:
    edges = [*sorted({0, *cuts} - {LAST + 1}), LAST + 1]
    for low, end in pairwise(edges):
        if character := _readable(low, end - 1):
            yield character


def _readable(low: int, high: int) -> str | None:
    """A character between these; None if all of them are surrogates, which no text has."""
    for wanted in "a0A-":
        if low <= ord(wanted) <= high:
            return wanted
    if low < ord("!") <= high:
        return "!"
    if _SURROGATES[0] <= low <= _SURROGATES[1]:
        return chr(_SURROGATES[1] + 1) if high > _SURROGATES[1] else None
    return chr(low)


class _Empty(Language):
    nullable, cuts = False, frozenset[int]()

    def _after(self, character: int) -> Language:  # noqa: ARG002
        return self


class _Nil(Language):
    nullable, cuts = True, frozenset[int]()

    def _after(self, character: int) -> Language:  # noqa: ARG002
        return NOTHING


class _Anything(Language):
    nullable, cuts = True, frozenset[int]()

    def _after(self, character: int) -> Language:  # noqa: ARG002
        return self


NOTHING, NIL, ANYTHING = _Empty(), _Nil(), _Anything()
"""No text; the empty text; every text."""


class _Character(Language):
    nullable = False

    def __init__(self, ranges: Ranges) -> None:
        self._ranges = ranges
        self.cuts = frozenset(edge for low, high in ranges for edge in (low, high + 1))

    def _after(self, character: int) -> Language:
        return NIL if any(low <= character <= high for low, high in self._ranges) else NOTHING


class _Chain(Language):
    def __init__(self, first: Language, rest: Language) -> None:
        self._first, self._rest = first, rest
        self.nullable = first.nullable and rest.nullable
        self.cuts = first.cuts | rest.cuts if first.nullable else first.cuts

    def _after(self, character: int) -> Language:
        left = chain(self._first.after(character), self._rest)
        return either([left, self._rest.after(character)]) if self._first.nullable else left


class _Repeat(Language):
    def __init__(self, one: Language, least: int, most: int | None) -> None:
        self._one, self._least, self._most = one, least, most
        self.nullable = least == 0
        self.cuts = one.cuts

    def _after(self, character: int) -> Language:
        most = None if self._most is None else self._most - 1
        return chain(self._one.after(character), repeat(self._one, max(self._least - 1, 0), most))


class _Either(Language):
    def __init__(self, parts: frozenset[Language]) -> None:
        self.parts = parts
        self.nullable = any(part.nullable for part in parts)
        self.cuts = frozenset().union(*(part.cuts for part in parts))

    def _after(self, character: int) -> Language:
        return either(part.after(character) for part in self.parts)


class _Both(Language):
    def __init__(self, parts: frozenset[Language]) -> None:
        self.parts = parts
        self.nullable = all(part.nullable for part in parts)
        self.cuts = frozenset().union(*(part.cuts for part in parts))

    def _after(self, character: int) -> Language:
        return both(part.after(character) for part in self.parts)


class _Not(Language):
    def __init__(self, inner: Language) -> None:
        self.inner = inner
        self.nullable = not inner.nullable
        self.cuts = inner.cuts

    def _after(self, character: int) -> Language:
        return other_than(self.inner.after(character))


_known: dict[tuple[object, ...], Language] = {}
_caches: list[Callable[[], None]] = []


def _one(kind: Callable[..., Language], *parts: object) -> Language:
    key = (kind, *parts)
    if key not in _known:
        _known[key] = kind(*parts)
    return _known[key]


def forget() -> None:
    """Frees memory, which `shortest` does by itself before a search when there are too many languages. Earlier ones
    stay correct, but are no longer the same object as equal new ones."""
    _known.clear()
    for clear in _caches:
        clear()


def remembered(function: Callable[P, R]) -> Callable[P, R]:
    """The function with the results of its last calls, until languages are forgotten."""
    cached = lru_cache(REMEMBERED)(function)
    _caches.append(cached.cache_clear)
    return cached  # type: ignore[return-value]  # lru_cache keeps no parameters


def characters(ranges: Iterable[tuple[int, int]]) -> Language:
    """Texts of one character out of these ranges of code points."""
    joined: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return _one(_Character, tuple(joined)) if joined else NOTHING


@remembered
def word(text: str) -> Language:
    return chained(characters([(ord(character), ord(character))]) for character in text)


def chained(parts: Iterable[Language]) -> Language:
    found: Language = NIL
    for part in reversed(list(parts)):
        found = chain(part, found)
    return found


def chain(first: Language, rest: Language) -> Language:
    if first is NOTHING or rest is NOTHING:
        return NOTHING
    if first is NIL:
        return rest
    if rest is NIL or (first is ANYTHING and rest is ANYTHING):
        return first
    if isinstance(first, _Chain):
        return chain(first._first, chain(first._rest, rest))
    return _one(_Chain, first, rest)


def repeat(one: Language, least: int, most: int | None) -> Language:
    """`one` repeated `least` to `most` times, without limit if `most` is None. If `one` may be empty, `least` is 0."""
    if most == 0 or one is NIL:
        return NIL
    if (least, most) == (1, 1):
        return one
    return _one(_Repeat, one, 0 if one.nullable else least, most)


def either(parts: Iterable[Language]) -> Language:
    found = {each for part in parts for each in (part.parts if isinstance(part, _Either) else (part,))} - {NOTHING}
    if ANYTHING in found:
        return ANYTHING
    if len(found) < 2:
        return found.pop() if found else NOTHING
    return _one(_Either, frozenset(found))


def both(parts: Iterable[Language]) -> Language:
    found = {each for part in parts for each in (part.parts if isinstance(part, _Both) else (part,))} - {ANYTHING}
    if NOTHING in found:
        return NOTHING
    if len(found) < 2:
        return found.pop() if found else ANYTHING
    return _one(_Both, frozenset(found))


def other_than(inner: Language) -> Language:
    if inner is NOTHING:
        return ANYTHING
    if inner is ANYTHING:
        return NOTHING
    return inner.inner if isinstance(inner, _Not) else _one(_Not, inner)


def shortest(language: Language, longest: int | None = None, most_states: int = MOST_STATES) -> str | None:
    """A shortest word of at most `longest` characters; None if there is none. Raises TooHard."""
    if len(_known) > MOST_KNOWN:
        forget()
    seen, layer, length = {language}, [(language, "")], 0
    while layer:
        if found := [text for state, text in layer if state.nullable]:
            return found[0]
        if length == longest:
            return None
        layer, length = list(_one_longer(layer, seen)), length + 1
        if len(seen) > most_states:
            raise TooHard
    return None


def _one_longer(layer: list[tuple[Language, str]], seen: set[Language]) -> Iterator[tuple[Language, str]]:
    """The new states that one more character leads to, each with its text; adds them to `seen`."""
    for state, text in layer:
        for character, rest in state.moves:
            if rest not in seen:
                seen.add(rest)
                yield rest, text + character
