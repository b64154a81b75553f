"""What the user of this library says about its events: their types, and what all of them keep to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from eventbridge_rules.reading import write_json

REPLAY_NAME = "replay-name"
"""What EventBridge adds to the envelope of an event that it replays from an archive."""


@dataclass(frozen=True)
class Mark:
    """A field that only some events have, which most rules had better leave out: replays, for example, or tests.

    `path` joins names with dots. `advice` is the caution for a rule that hears such events and does not mention the
    field, without what to write: that is added.
    """

    path: str
    advice: str

    @property
    def caution(self) -> str:
        return f"{self.advice}: {condition_at(self.path, [{'exists': False}])}"


REPLAYED = Mark(REPLAY_NAME, "hears replays of the archive too; to leave them out")


@dataclass(frozen=True)
class House:
    """What all events of a house keep to.

    Events with one of the `marks` are no live ones; `marked` is what people call them. `version` is the path of a text
    such as 1.2 that says by which version of its type an event is made, if there is such a field: several major
    versions of a type may be published side by side, and a minor one only adds.
    """

    marks: tuple[Mark, ...] = (REPLAYED,)
    marked: str = "replays"
    version: str | None = None

    @property
    def selecting(self) -> tuple[str, ...]:
        """Conditions at these paths choose types of events; all others choose among the events of a type."""
        return ("source", "detail-type", *([self.version] if self.version else []))

    @property
    def mark_paths(self) -> tuple[str, ...]:
        return tuple(mark.path for mark in self.marks)


@dataclass(frozen=True)
class EventType:
    """One type of event. `schema` is the JSON Schema of its detail, `example` a detail that the schema allows, from
    which witnesses are made. `version` is the major version and the newest minor one. `fixed` are paths at which
    one of a few texts stands, whatever the schema says."""

    detail_type: str
    source: str
    schema: Mapping[str, Any]
    example: Mapping[str, Any] = field(default_factory=dict)
    version: tuple[int, int] | None = None
    fixed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def condition_at(path: str, conditions: list[Any]) -> str:
    """How a pattern asks this of the field at a path: `"detail": {"total": [1]}`."""
    first, *inner = path.split(".")
    node: Any = conditions
    for name in reversed(inner):
        node = {name: node}
    return write_json({first: node}, (", ", ": "))[1:-1]
