"""Rules that EventBridge's own engine hears by chance: what it is known to get wrong, or differently by its version.

Found by asking Event Ruler 1.7.0 and 2.0.1. Whether EventBridge runs one of them nobody outside knows.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import combinations
from typing import Any

from eventbridge_rules.conditions import AnythingBut, Cidr, Condition, Exact, Numeric
from eventbridge_rules.decide import Judgement
from eventbridge_rules.grammar import Alternative, Field, Pattern
from eventbridge_rules.languages import TooHard
from eventbridge_rules.reasons import Reason, shown
from eventbridge_rules.shapes import Shape
from eventbridge_rules.values import FINEST, KINDS_OF_ADDRESS, LARGEST, Domain, Values

MOST_COMPARED = 20_000
"""Pairs of branches that are compared."""

IGNORING_CASE = "equals-ignore-case"


def engine_faults(judgement: Judgement) -> Iterator[Reason]:
    pattern = judgement.pattern
    yield from _alike_branches(pattern)
    for path, written in _by_path(pattern).items():
        yield from _wildcard_and_case(path, written)
    heard = [hearing.shape for hearing in judgement.hearings if hearing.state != "never"]
    for field in fields(pattern):
        yield from _between_plain_values(field)
        yield from _odd_numbers(field, heard)
        yield from _networks(field, heard)


def fields(pattern: Pattern, path: str | None = None) -> list[Field]:
    """Every field of the pattern once, or those at a path."""
    found = {each.pointer: each for alternative in pattern.alternatives for each in alternative.values()}
    return [field for field in found.values() if path in (None, field.path)]


def _by_path(pattern: Pattern) -> Mapping[str, list[Field]]:
    found = defaultdict(list)
    for field in fields(pattern):
        found[field.path].append(field)
    return found


def _alike_branches(pattern: Pattern) -> Iterator[Reason]:
    by_paths: dict[frozenset[str], list[Alternative]] = defaultdict(list)
    for alternative in pattern.alternatives:
        by_paths[frozenset(alternative)].append(alternative)
    compared = 0
    for alike in by_paths.values():
        for one, other in combinations(alike, 2):
            compared += 1
            if compared > MOST_COMPARED:
                return
            if (differing := _differing(one, other)) and all(_share(one[path], other[path]) for path in one):
                yield Reason(
                    "may not count: another branch of $or asks for the same fields and has a condition in common with "
                    "this one at each, and EventBridge's engine may lose what the later one adds; put both into one "
                    "branch, or give them no condition in common",
                    other[differing[0]].pointer,
                )
                return


def _differing(one: Alternative, other: Alternative) -> list[str]:
    return [path for path in one if set(one[path].conditions) != set(other[path].conditions)]


def _share(one: Field, other: Field) -> bool:
    return not set(one.conditions).isdisjoint(other.conditions)


def _wildcard_and_case(path: str, fields: Sequence[Field]) -> Iterator[Reason]:
    named = {field.pointer: _operators(field.written) for field in fields}
    if {"wildcard", IGNORING_CASE} <= set().union(*named.values()):
        pointer = next(pointer for pointer, names in named.items() if "wildcard" in names)
        yield Reason(
            f"asks of {path} with a wildcard and with equals-ignore-case: EventBridge's engine mixes them up, and may "
            "hear texts that neither accepts",
            pointer,
        )


def _operators(written: Any) -> frozenset[str]:
    """The names of all operators in what stands there."""
    if isinstance(written, Mapping):
        return frozenset(written).union(*map(_operators, written.values()))
    if isinstance(written, list | tuple):
        return frozenset[str]().union(*map(_operators, written))
    return frozenset()


def _between_plain_values(field: Field) -> Iterator[Reason]:
    plain = [index for index, value in enumerate(field.written) if not isinstance(value, Mapping)]
    for index, condition in enumerate(field.conditions):
        if isinstance(condition, Numeric) and plain and plain[0] < index < plain[-1]:
            yield Reason(
                f"{shown(field)}: EventBridge's engine may miss values where a numeric condition stands between two "
                "plain ones; put it at the end",
                f"{field.pointer}/{index}",
            )
            return


def _odd_numbers(field: Field, heard: Sequence[Shape]) -> Iterator[Reason]:
    """Numbers of which the versions of the engine make something else."""
    limits = [number for condition in field.conditions for number in _limits(condition)]
    if any(number % FINEST != 0 for number in limits if abs(number) <= LARGEST):
        yield Reason(f"{shown(field)} has more than six decimals, which EventBridge may cut off", field.pointer)
    most = max((_largest(shape, field.path) for shape in heard), default=Decimal(0))
    if limits and most > LARGEST and not all(isinstance(each, Exact) for each in field.conditions):
        yield Reason(f"{field.path} may be beyond 5000000000, where EventBridge may not compare numbers", field.pointer)


def _limits(condition: Condition) -> list[Decimal]:
    match condition:
        case Numeric(low, high):
            return [limit for limit in (low, high) if limit is not None]
        case AnythingBut(excluded):
            return [each.value for each in excluded if isinstance(each, Exact) and isinstance(each.value, Decimal)]
        case Exact(Decimal() as value):
            return [value]
    return []


def _largest(shape: Shape, path: str) -> Decimal:
    """The largest size of a number there."""
    domain = shape.domain(path)
    if not domain.described:
        return Decimal(0)
    ends = [end for part in domain.values.numbers.parts for end in part]
    return max((Decimal(abs(end)) * domain.unit for end in ends), default=Decimal(0))


def _networks(field: Field, heard: Sequence[Shape]) -> Iterator[Reason]:
    """Event Ruler compares the hexadecimal digits of addresses, and takes numbers for such digits."""
    if not any(isinstance(condition, Cidr) for condition in field.conditions):
        return
    domains = [shape.domain(field.path) for shape in heard]
    others = [
        *(["numbers"] if any(domain.values.numbers for domain in domains if domain.described) else []),
        *(["addresses of the other kind, IPv4 or IPv6,"] if any(map(_has_both_kinds, domains)) else []),
    ]
    if others:
        yield Reason(
            f"{shown(field)}: EventBridge compares addresses by their hexadecimal digits, and so hears "
            f"{' and '.join(others)} that begin like these",
            field.pointer,
        )


def _has_both_kinds(domain: Domain) -> bool:
    """Whether texts there may be addresses of either kind, as far as that is known."""
    try:
        return all(not domain.has_none(domain.values & Values(texts=kind)) for kind in KINDS_OF_ADDRESS)
    except TooHard:
        return False
