"""Whether one schema accepts every value that another does. A library decides; where it cannot, a value may.

jsonschema-rs compares canonical forms and answers yes, no or unknown; only yes proves anything. Regular expressions are
what it most often cannot compare. Then values at the edges of both schemas are tried: one that the narrower side takes
and the wider refuses settles it as no. What is unknown after that stays unknown.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import jsonschema_rs

from orderwire.evolution.contracts import Schema

DRAFT = 20
"""2020-12, as jsonschema-rs counts."""

BITS = ("", "a", "A", "0", "-", "aa", "AA", "AAA", "AAAA", "a b", "0.0", "1.0", "2.0", "x" * 20)
NUMBERS = (0, 1, -1, 0.5, 0.001, 0.01, 0.1, 1.5, 2, 100, 10**9, -(10**9))
OTHERS: tuple[Any, ...] = (None, True, False, [], {}, [""], [0])
LONGEST = 10_000
"""Characters of a text that is tried."""


class Verdict(StrEnum):
    COMPATIBLE = "compatible"
    UNKNOWN = "unknown"
    BREAKING = "breaking"


_ANSWERS = {
    jsonschema_rs.canonical.Containment.YES: Verdict.COMPATIBLE,
    jsonschema_rs.canonical.Containment.NO: Verdict.BREAKING,
}


def covers(wide: Schema, narrow: Schema) -> Verdict:
    """Compatible if `wide` accepts whatever `narrow` does."""
    if wide == narrow:
        return Verdict.COMPATIBLE
    answer = canonical(wide).covers(canonical(narrow))
    if answer in _ANSWERS:
        return _ANSWERS[answer]
    takes, should_take = validator(narrow), validator(wide)
    refused = any(takes.is_valid(value) and not should_take.is_valid(value) for value in edges(wide, narrow))
    return Verdict.BREAKING if refused else Verdict.UNKNOWN


def canonical(schema: Schema) -> Any:
    return jsonschema_rs.canonicalize(dict(schema), draft=DRAFT)


def validator(schema: Schema) -> Any:
    return jsonschema_rs.Draft202012Validator(dict(schema))


def edges(*schemas: Schema) -> Iterator[Any]:
    """Values at which schemas of single values most often differ."""
    yield from OTHERS
    yield from NUMBERS
    yield from BITS
    for schema in schemas:
        for bound in bounds(schema, "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"):
            yield from (bound, bound + 1, bound - 1, bound + 0.5, bound - 0.5, bound + 0.001, bound - 0.001, bound / 2)
        for length in bounds(schema, "minLength", "maxLength"):
            yield from (bit * count for bit in ("a", "A", "0") for count in (length - 1, length, length + 1))
        yield from schema.get("enum", [])


def bounds(schema: Schema, *keywords: str) -> Iterator[Any]:
    for keyword in keywords:
        value = schema.get(keyword)
        if isinstance(value, int | float) and abs(value) <= (LONGEST if "Length" in keyword else 1e15):
            yield value
