"""Reads an event pattern, as AWS takes it, into alternatives of conditions, or refuses it with place and reason.

Sources: EventBridge user guide, "Comparison operators for use in event patterns"; Event Ruler's `JsonRuleCompiler` (how
`$or` forks a rule, and that a path written twice keeps what was written last), `Constants` (names that make a `$or` an
ordinary field), `RuleCompiler` (which then reads the pattern, and takes less) and README (numbers: -5e9 to 5e9).
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eventbridge_rules.conditions import Condition, Exists
from eventbridge_rules.operators import NUMERIC_OPERATORS, OPERATORS, Invalid, Place, condition
from eventbridge_rules.pointers import json_pointer
from eventbridge_rules.reading import pairs_of, write_json

LONGEST = 2048
"""Characters that AWS takes as a rule's event pattern, without the blanks that JSON does not need."""

MOST_ALTERNATIVES = 1000
"""What the `$or` of a pattern may multiply to."""

DEEPEST = 60
"""Levels of nesting; beyond, nobody means what they wrote."""

OR = "$or"
_FUTURE = {
    "regex", "not-wildcard", "not-equals-ignore-case", "date-after", "date-on-or-after", "date-before",
    "date-on-or-before", "in-date-range", "ip-address-in-range", "ip-address-not-in-range",
}  # fmt: skip
RESERVED = frozenset(OPERATORS) | frozenset(NUMERIC_OPERATORS) | _FUTURE
"""Field names that a branch of `$or` must not have, or else AWS takes `$or` for a field of the event."""


@dataclass(frozen=True)
class Field:
    """What is asked of one place in the event: that one of `conditions` accepts a leaf there, or that none is there.

    `path` joins names with dots, as Event Ruler does; arrays are no step in it. `pointer` (RFC 6901) is the place of
    the conditions in the pattern, `written` what stands there.
    """

    path: str
    pointer: str
    conditions: tuple[Condition, ...]
    written: tuple[Any, ...]

    @property
    def wants_absence(self) -> bool:
        return any(each == Exists(False) for each in self.conditions)


Alternative = Mapping[str, Field]
"""Path -> what is asked there, in the pattern's order; a rule hears an event that meets all of it."""
Draft = dict[str, Field]


@dataclass(frozen=True)
class Pattern:
    """`alternatives` are what `$or` unfolds to. `replaced` are conditions that count nowhere, because the same path is
    written again later."""

    alternatives: tuple[Alternative, ...]
    replaced: tuple[Field, ...]


def parse(document: Any) -> Pattern:
    """Reads a pattern from decoded JSON or YAML. Raises Invalid."""
    text = _text(document)
    if len(text) > LONGEST:
        raise Invalid("", f"has {len(text)} characters; AWS takes {LONGEST}")
    if combinations(document) > MOST_ALTERNATIVES:
        raise Invalid("", f"makes more than {MOST_ALTERNATIVES} combinations of $or")
    try:
        return _Reader(or_forks=True).read(document)
    except Invalid:
        if OR not in text:
            raise
        try:  # AWS does the same: a `$or` that is none is a field of that name
            return _Reader(or_forks=False).read(document)
        except Invalid:
            pass
        raise


def _text(document: Any) -> str:
    try:
        return write_json(document)
    except (TypeError, RecursionError):
        raise Invalid("", "must be plain data with texts as names, and not nested too deeply") from None


def combinations(node: Any) -> int:
    """What AWS counts: the lengths of all `$or` in the pattern, multiplied."""
    if not isinstance(node, dict):
        return 1
    within = [combinations(value) for _, value in pairs_of(node)]
    branches = node.get(OR)
    if isinstance(branches, list):
        within += [max(len(branches), 1), *map(combinations, branches)]
    return math.prod(within)


class _Reader:
    def __init__(self, or_forks: bool) -> None:
        self._or_forks = or_forks
        self._replaced: dict[str, Field] = {}

    def read(self, document: Any) -> Pattern:
        if not isinstance(document, dict):
            raise Invalid("", "must be an object")
        alternatives = self._object([{}], document, (), ())
        return Pattern(tuple(alternatives), tuple(self._replaced.values()))

    def _object(
        self, found: list[Draft], node: Any, path: tuple[str, ...], at: Place, in_or: bool = False
    ) -> list[Draft]:
        if not node:
            raise Invalid(json_pointer(at), "must not be empty")
        if len(at) > DEEPEST:
            raise Invalid(json_pointer(at), f"is nested deeper than {DEEPEST} levels")
        for key, value in pairs_of(node):
            here = (*at, key)
            name = _name(key, here)
            if in_or and name in RESERVED:
                raise Invalid(json_pointer(here), "is reserved and cannot be a field within $or")
            if name == OR and self._or_forks:
                found = self._branches(found, value, path, here)
            elif isinstance(value, dict):
                found = self._object(found, value, (*path, name), here, in_or)
            elif isinstance(value, list):
                self._write(found, Field(".".join((*path, name)), json_pointer(here), *self._conditions(value, here)))
            else:
                raise Invalid(json_pointer(here), f"must be a list of conditions or an object{_instead(value)}")
        return found

    def _branches(self, found: list[Draft], node: Any, path: tuple[str, ...], at: Place) -> list[Draft]:
        if not isinstance(node, list) or len(node) < 2:
            raise Invalid(json_pointer(at), "must be a list of two or more objects")
        forked: list[Draft] = []
        for index, branch in enumerate(node):
            if not isinstance(branch, dict):
                raise Invalid(json_pointer((*at, index)), "must be an object")
            forked += self._object([dict(each) for each in found], branch, path, (*at, index), in_or=True)
        return forked

    def _conditions(self, values: list[Any], at: Place) -> tuple[tuple[Condition, ...], tuple[Any, ...]]:
        if not values:
            raise Invalid(json_pointer(at), "must not be empty")
        read = tuple(condition(value, (*at, index)) for index, value in enumerate(values))
        for index, value in enumerate(values if not self._or_forks else ()):
            _require_known_to_older(value, (*at, index))
        return read, tuple(values)

    def _write(self, found: list[Draft], field: Field) -> None:
        for alternative in found:
            if before := alternative.get(field.path):
                self._replaced[before.pointer] = before
            alternative[field.path] = field


def _name(key: Any, at: Place) -> str:
    if not isinstance(key, str):
        raise Invalid(json_pointer(at), f"must be text as a name: write {json.dumps(str(key))}")
    return key


def _require_known_to_older(value: Any, at: Place) -> None:
    """What Event Ruler's `RuleCompiler` takes, which reads a pattern whose `$or` is a field. Raises Invalid."""
    match value:
        case {"anything-but": {"wildcard": _} | {"prefix": [*_]} | {"suffix": [*_]}}:
            raise Invalid(json_pointer(at), "is not taken beside a $or that is a field")


def _instead(value: Any) -> str:
    """Nothing at all is left out by accident more often than it is meant."""
    return ", and nothing is there" if value is None else f": write {write_json([value])}"
