"""Says of an event that is tried on a rule whether producers could publish it."""

from collections.abc import Mapping, Sequence
from typing import Any

from eventbridge_rules.shapes import Shape


def fault(event: Mapping[str, Any], shapes: Sequence[Shape]) -> str | None:
    """Why no schema allows this event; None if one does."""
    named = [shape for shape in shapes if shape.detail_type == event.get("detail-type")]
    if not named:
        return "this event is of no type that is published"
    shape = next((shape for shape in named if shape.major == _major(event)), named[-1])
    if (found := shape.fault(event.get("detail"))) is None:
        return None
    return f"this event is not valid under {shape.name}: {found}"


def _major(event: Mapping[str, Any]) -> int | None:
    match event:
        case {"detail": {"metadata": {"version": str(version)}}} if version.partition(".")[0].isdecimal():
            return int(version.partition(".")[0])
    return None
