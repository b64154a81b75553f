"""Makes a whole event that has given values at some paths, and validates it against the event's schema."""

import copy
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from eventbridge_rules.reading import is_comparable
from eventbridge_rules.shapes import Shape
from eventbridge_rules.solve import Box, member
from eventbridge_rules.values import ABSENT

Event = dict[str, Any]


def event_in(box: Box, shape: Shape) -> Event | None:
    """The example, changed to lie in the box; None if the schema would not have it. Raises LookupError, TooHard."""
    event = copy.deepcopy(dict(shape.example))
    for path, value in _values(box, shape).items():
        _put(event, path, value, shape)
    return event if shape.allows(event["detail"]) else None


def _values(box: Box, shape: Shape) -> Mapping[str, Any]:
    """A value for each path of the box and, if the type has no example event, for each required field."""
    given = {} if shape.example["detail"] else {
        path: domain.values for path, domain in shape.fields.items() if not domain.values.absent
    }  # fmt: skip
    return member({**given, **box}, shape)


def _put(event: Event, path: str, value: Any, shape: Shape) -> None:
    """Arrays on the way are cut to one element."""
    *way, last = path.split(".")
    if value is ABSENT and shape.domain(path).never:
        return
    node: Any = event
    for depth, name in enumerate(way, 1):
        node = node.setdefault(name, [{}] if ".".join(way[:depth]) in shape.arrays else {})
        if isinstance(node, list):
            del node[1:]
            node = node[0]
    if value is ABSENT:
        node.pop(last, None)
    else:
        written = float(value) if isinstance(value, Decimal) and shape.domain(path).decimals else as_json(value)
        node[last] = [written] if path in shape.arrays else written


def as_json(value: Any) -> Any:
    """The value as JSON has it; a number that no double has stays a Decimal."""
    if not isinstance(value, Decimal) or not is_comparable(value):
        return value
    return int(value) if value == int(value) else float(value)
