"""The event of an effect as it is kept in the effect's row, to be published again identically."""

from collections.abc import Iterable
from typing import Self

from pydantic import BaseModel, ConfigDict

from edges.publisher import AnyEvent
from schemas.parse import parse_stored


class StoredEvent(BaseModel):
    """`text` is what `Event.to_json` wrote; the detail-type stands beside it because the text does not hold it."""

    model_config = ConfigDict(frozen=True)

    type: str
    text: str

    @classmethod
    def of(cls, event: AnyEvent) -> Self:
        return cls(type=event.type, text=event.to_json())

    def event(self) -> AnyEvent:
        return parse_stored(self.type, self.text)


def caused_by(event_id: str, stored: Iterable[StoredEvent]) -> list[AnyEvent]:
    """The stored events that `event_id` led to; what handling that event again must publish again."""
    events = (each.event() for each in stored)
    return [event for event in events if event.metadata.causation_id == event_id]
