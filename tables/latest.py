"""The latest events of the shop: each shard of its orders keeps the newest that were heard of them.

What is kept is the newest of a set, so neither order nor repetition of events can matter: one that is heard again is
there already, or older than all that are kept.
"""

from collections.abc import Iterable, Sequence
from typing import Self

from pydantic import BaseModel, ConfigDict

from edges.publisher import AnyEvent
from schemas.events import InventoryLowStock
from schemas.types import Sku, Time

KEPT = 12
"""Events kept per shard. Its row then stays below two kilobytes, so that a write costs two units."""


class KeptEvent(BaseModel):
    """An event without its data; only of inventory.low_stock the `sku` is kept."""

    model_config = ConfigDict(frozen=True)

    event_id: str
    type: str
    at: Time
    order_id: str
    sku: Sku | None = None

    @classmethod
    def of(cls, event: AnyEvent) -> Self:
        sku = event.data.sku if isinstance(event.data, InventoryLowStock) else None
        told = {"type": event.type, "at": event.metadata.occurred_at, "order_id": event.data.order_id, "sku": sku}
        return cls.model_validate({"event_id": event.event_id, **told})

    @property
    def place(self) -> tuple[Time, str]:
        """The sort key: the time, and for events of the same millisecond the id."""
        return (self.at, self.event_id)


def newest(events: Iterable[KeptEvent]) -> list[KeptEvent]:
    """What a shard keeps of them, oldest first."""
    return sorted({each.event_id: each for each in events}.values(), key=lambda each: each.place)[-KEPT:]


def without_gaps(shards: Sequence[Sequence[KeptEvent]]) -> list[KeptEvent]:
    """The latest events of all shards, newest first, from as far back as none of them has dropped any."""
    since = max((kept[0].place for kept in shards if len(kept) == KEPT), default=None)
    latest = sorted((each for kept in shards for each in kept), key=lambda each: each.place, reverse=True)
    return [each for each in latest if since is None or each.place >= since]
