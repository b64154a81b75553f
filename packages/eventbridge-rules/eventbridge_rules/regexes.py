"""Reads the regular expressions of the contracts' JSON Schemas as languages.

Only what the dialects of JSON Schema, Rust and Python all mean alike is read: literals, classes, groups, alternatives
and counted repetition. Anything else is `Unread`: what is not understood is not decided upon.
"""

from functools import cache

from eventbridge_rules.languages import ANYTHING, LAST, Language, chain, chained, characters, either, repeat

_SPECIAL = frozenset(".*+?()[]{}|^$\\")


class Unread(ValueError):
    """An expression that uses more than is read here."""


@cache
def language_of(expression: str) -> Language:
    """The texts in which the expression is found; `^` and `$` bind it to their ends. Raises Unread."""
    bound, end = expression.startswith("^"), expression.endswith("$") and not expression.endswith("\\$")
    reader = _ExpressionReader(expression[bound : len(expression) - end])
    inner = reader.alternatives()
    if not reader.at_end() or (reader.top_level_choice and (bound or end)):
        raise Unread(expression)
    inner = inner if bound else chain(ANYTHING, inner)
    return inner if end else chain(inner, ANYTHING)


class _ExpressionReader:
    def __init__(self, text: str) -> None:
        self._text, self._at, self._depth = text, 0, 0
        self.top_level_choice = False

    def at_end(self) -> bool:
        return self._at == len(self._text)

    def alternatives(self) -> Language:
        found = [self._sequence()]
        while self._take("|"):
            self.top_level_choice |= self._depth == 0
            found.append(self._sequence())
        return either(found)

    def _sequence(self) -> Language:
        parts = []
        while not self.at_end() and self._text[self._at] not in "|)":
            parts.append(self._repeated(self._single()))
        return chained(parts)

    def _repeated(self, one: Language) -> Language:
        least, most = self._count()
        if (least, most) != (1, 1) and not self.at_end() and self._text[self._at] in "*+?{":
            raise Unread(self._text)
        return repeat(one, least, most)

    def _count(self) -> tuple[int, int | None]:
        for sign, count in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._take(sign):
                return count
        if not self._take("{"):
            return 1, 1
        inner, _, rest = self._text[self._at :].partition("}")
        self._at = len(self._text) - len(rest)
        least, comma, most = inner.partition(",")
        if not least.isdigit() or not (most.isdigit() or most == ""):
            raise Unread(self._text)
        return int(least), int(most) if most else (None if comma else int(least))

    def _single(self) -> Language:
        if self._take("("):
            if self._text.startswith("?", self._at) and not self._take("?:"):
                raise Unread(self._text)
            self._depth += 1
            inner = self.alternatives()
            self._depth -= 1
            if not self._take(")"):
                raise Unread(self._text)
            return inner
        if self._take("["):
            return self._class()
        character = self._literal(_SPECIAL)
        return characters([(character, character)])

    def _class(self) -> Language:
        inside = self._text[self._at :].partition("]")[0]
        if any(sign in inside for sign in ("&&", "--", "~~")) or not inside:
            raise Unread(self._text)
        inverted, ranges = self._take("^"), []
        while not self._take("]"):
            low = high = self._literal(frozenset("[]"))
            if self._text.startswith("-", self._at) and not self._text.startswith("-]", self._at):
                self._at += 1
                high = self._literal(frozenset("[]"))
            ranges.append((low, high))
        return characters(_others(sorted(ranges)) if inverted else ranges)

    def _literal(self, special: frozenset[str]) -> int:
        """The code point of a character that stands for itself, or of one that a backslash makes so."""
        escaped = self._take("\\")
        if self.at_end():
            raise Unread(self._text)
        character = self._text[self._at]
        if character.isalnum() if escaped else character in special:
            raise Unread(self._text)
        self._at += 1
        return ord(character)

    def _take(self, sign: str) -> bool:
        there = self._text.startswith(sign, self._at)
        self._at += len(sign) if there else 0
        return there


def _others(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    found, start = [], 0
    for low, high in ranges:
        if low > start:
            found.append((start, low - 1))
        start = max(start, high + 1)
    return [*found, (start, LAST)] if start <= LAST else found
