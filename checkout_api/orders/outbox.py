"""An order's outbox: the decisions that are recorded on its row and not known to be on the bus yet."""

from collections.abc import Collection, Mapping
from datetime import datetime

from edges.connect import Edges
from edges.publisher import AnyEvent
from schemas.events import OrderCreated
from schemas.parse import parse_stored
from tables.order_row import OrderRow, accepted_row, fold
from tables.orders import Orders
from tables.shards import shard_of

PUBLISH_SECONDS = 8.0
"""How long a request tries to get its events on the bus; API Gateway gives up on it after 29 s."""


def with_decision(row: OrderRow, event: AnyEvent, at: datetime) -> OrderRow:
    """The row with the decision folded in and its event in the outbox.

    A decision ends the placing of an order, so an order.created that may not be on the bus moves to the outbox with it.
    One that waited for an admin is on no bus, and goes on none.
    """
    outbox = dict(row.outbox or {})
    if row.placing is not None:
        outbox[OrderCreated.id_for(row.order_id)] = row.placing
    outbox[event.event_id] = event.to_json()
    folded = fold(row, event)
    assert folded is not None  # a row stays a row
    return with_outbox(folded.with_(waiting=None), outbox, at)


def let_go(row: OrderRow, at: datetime) -> OrderRow:
    """The row of an order that waited to be accepted, with its order.created in the outbox."""
    assert row.waiting is not None  # only such an order is accepted
    return with_outbox(accepted_row(row), {OrderCreated.id_for(row.order_id): row.waiting}, at)


def with_outbox(row: OrderRow, outbox: Mapping[str, str], at: datetime) -> OrderRow:
    return row.with_(outbox=outbox, outbox_shard=shard_of(row.order_id), outbox_at=row.outbox_at or at)


def waiting(row: OrderRow) -> list[AnyEvent]:
    """The events in the outbox, oldest first. Raises ContractError."""
    events = [parse_stored(row.timeline[event_id].type, text) for event_id, text in (row.outbox or {}).items()]
    return sorted(events, key=lambda event: event.metadata.occurred_at)


def without(row: OrderRow, published: Collection[str]) -> OrderRow:
    """The row without these events in its outbox; an empty outbox leaves the index that the sweep reads."""
    left = {event_id: text for event_id, text in (row.outbox or {}).items() if event_id not in published}
    if left:
        return row.with_(outbox=left)
    return row.with_(outbox=None, outbox_shard=None, outbox_at=None)


def deliver(edges: Edges, row: OrderRow, within: float) -> OrderRow:
    """Publishes what is in the outbox, for up to `within` seconds, and empties it; returns the row as it is then.

    Raises NotPublished and Contended, and leaves the events where they are: publishing them again is harmless.
    """
    events = waiting(row)
    edges.publisher.publish(events, within)
    published = {event.event_id for event in events}
    left = Orders(edges).change(row.order_id, lambda now: now and without(now, published), row)
    assert left is not None  # a row that has been decided on never expires
    return left
