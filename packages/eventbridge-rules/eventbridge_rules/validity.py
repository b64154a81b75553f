"""Says of an event that is tried on a rule whether producers could publish it."""

import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from eventbridge_rules.house import House
from eventbridge_rules.leaves import leaves_of
from eventbridge_rules.shapes import Shape

LONGEST_MAJOR = 10
"""Digits of a major version."""

LARGEST_DOUBLE = Decimal(sys.float_info.max)


def fault(event: Mapping[str, Any], shapes: Sequence[Shape]) -> str | None:
    """Why no schema allows this event; None if one does."""
    named = [shape for shape in shapes if shape.detail_type == event.get("detail-type")]
    if not named:
        return "this event is of no type that is published"
    shape = next((shape for shape in named if shape.major == _major(event, shape.house)), named[-1])
    if (found := shape.fault(_plain(event.get("detail")))) is None:
        return None
    return f"this event is not valid under {shape.name}: {found}"


def _major(event: Mapping[str, Any], house: House) -> int | None:
    """Of the event's version, if its house has such a thing."""
    for leaf in leaves_of(event).get(house.version, ()) if house.version else ():
        major = leaf.value.partition(".")[0] if isinstance(leaf.value, str) else ""
        return int(major) if major.isdecimal() and len(major) < LONGEST_MAJOR else None
    return None


def _plain(node: Any) -> Any:
    """The event as a schema is asked about it: with the nearest double for a number that has too many digits."""
    if isinstance(node, dict):
        return {name: _plain(each) for name, each in node.items()}
    if isinstance(node, list):
        return [_plain(each) for each in node]
    if isinstance(node, Decimal):
        return float(max(min(node, LARGEST_DOUBLE), -LARGEST_DOUBLE))
    return node
