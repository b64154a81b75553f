"""Whether a rule hears an event, and if not, what stands in the way.

An event is a list of leaves, each with its path and the array elements it lies in (objects and arrays are elements, a
plain value in an array is a leaf of what is around it); a rule hears it if each of its fields finds a leaf, all of them
in the same elements of the arrays that they share. Source: Event Ruler's `Event`,
`ACFinder` (fields are taken in the order of their paths) and `NameState.getNameTransitions` (`exists: false` means that
no leaf is there which lies in the elements chosen so far).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eventbridge_rules.conditions import Leaf
from eventbridge_rules.grammar import Alternative, Field, Pattern
from eventbridge_rules.leaves import Elements, Leaves, leaves_of


@dataclass(frozen=True)
class Miss:
    """The first condition that fails. `pointer` is its place in the pattern; `wanted` is what stands there, `found`
    what the event has at `path`: its leaves, none of which will do. `together` names the paths that are each met, but
    not in one element of the array."""

    path: str
    pointer: str
    wanted: tuple[Any, ...]
    found: tuple[Any, ...]
    together: tuple[str, ...] = ()


def match(pattern: Pattern, event: Mapping[str, Any]) -> Miss | None:
    """None if the rule hears the event; else the first miss of the alternative that came furthest."""
    leaves = leaves_of(event)
    if any(hears(alternative, leaves) for alternative in pattern.alternatives):
        return None
    return miss(min(pattern.alternatives, key=lambda each: _misses(each, leaves)), leaves)


def matches(pattern: Pattern, event: Mapping[str, Any]) -> bool:
    """Whether the rule hears the event."""
    leaves = leaves_of(event)
    return any(hears(alternative, leaves) for alternative in pattern.alternatives)


def hears(alternative: Alternative, leaves: Leaves) -> bool:
    return _meets(sorted(alternative), alternative, leaves, {})


def _meets(paths: Sequence[str], alternative: Alternative, leaves: Leaves, chosen: Elements) -> bool:
    if not paths:
        return True
    field, rest = alternative[paths[0]], paths[1:]
    there = [each for each in leaves.get(field.path, ()) if _consistent(each.elements, chosen)]
    if not there and field.wants_absence and _meets(rest, alternative, leaves, chosen):
        return True
    return any(accepts(field, each.value) and _meets(rest, alternative, leaves, {**chosen, **each.elements})
               for each in there)  # fmt: skip


def accepts(field: Field, leaf: Leaf) -> bool:
    return any(condition.accepts(leaf) for condition in field.conditions)


def _consistent(elements: Elements, chosen: Elements) -> bool:
    return all(chosen.get(array, index) == index for array, index in elements.items())


def _misses(alternative: Alternative, leaves: Leaves) -> int:
    return sum(not _met(field, leaves) for field in alternative.values())


def _met(field: Field, leaves: Leaves) -> bool:
    there = leaves.get(field.path, ())
    return (not there and field.wants_absence) or any(accepts(field, each.value) for each in there)


def miss(alternative: Alternative, leaves: Leaves) -> Miss:
    """Why this alternative does not hear the event, which is known."""
    for field in alternative.values():
        if not _met(field, leaves):
            found = tuple(each.value for each in leaves.get(field.path, ()))
            return Miss(field.path, field.pointer, field.written, found)
    shared = [field for field in alternative.values() if any(each.elements for each in leaves.get(field.path, ()))]
    first = shared[0]
    found = tuple(each.value for each in leaves[first.path])
    return Miss(first.path, first.pointer, first.written, found, tuple(field.path for field in shared))
