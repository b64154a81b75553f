"""The order as the API shows it: a row that is the fold of the order's events, in whatever order they come."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from pydantic import BaseModel, ConfigDict

from schemas.envelope import Event, EventData
from schemas.events import (
    InventoryLowStock,
    InventoryRejected,
    InventoryReleased,
    InventoryReserved,
    OrderCancelled,
    OrderCreated,
    OrderItem,
    OrderProcessed,
    OrderRefunded,
    OrderShipped,
    PaymentCompleted,
    PaymentFailed,
    PaymentRefunded,
    PaymentVoided,
    Shortage,
)
from schemas.types import Money, Time, format_time
from tables.row import Row
from tables.shards import shard_of

OF_PRODUCTS = (InventoryLowStock,)
"""The events that tell of a product, and no order's timeline has."""


class Seen(BaseModel):
    """One event of the order's timeline."""

    model_config = ConfigDict(frozen=True)

    type: str
    at: Time


class OrderRow(Row):
    """An order. Fields below `timeline` come from one event each, so the order of the events cannot matter.

    `placing` is the text of order.created until that event is known to be on the bus; `expires_at` (epoch seconds)
    goes with it. `waiting` is that text while an admin has not accepted the order. `outbox` holds decisions that are
    not known to be on the bus: event id -> text of the event.
    """

    order_id: str
    status: str
    timeline: dict[str, Seen] = {}
    request_hash: str | None = None
    customer_id: str | None = None
    customer_email: str | None = None
    items: list[OrderItem] | None = None
    shipping: Money | None = None
    total: Money | None = None
    currency: str | None = None
    placed_at: Time | None = None
    test: bool | None = None
    payment_method: str | None = None
    payment_reference: str | None = None
    payment_failure: str | None = None
    shortages: list[Shortage] | None = None
    cancel_reason: str | None = None
    refund_reason: str | None = None

    placing: str | None = None
    waiting: str | None = None
    expires_at: int | None = None
    outbox: dict[str, str] | None = None
    outbox_shard: str | None = None
    outbox_at: Time | None = None

    shard: str | None = None
    status_shard: str | None = None
    placed_sort: str | None = None

    @property
    def types(self) -> frozenset[str]:
        return frozenset(seen.type for seen in self.timeline.values())


def placing_row(event: Event[OrderCreated], expires_at: int) -> OrderRow:
    """The row of an order that is accepted but not yet known to be on the bus. `expires_at` is in epoch seconds."""
    row = fold(None, event)
    assert row is not None  # order.created always makes a row
    return standing(row, "placing").with_(placing=event.to_json(), expires_at=expires_at)


def waiting_row(event: Event[OrderCreated], expires_at: int) -> OrderRow:
    """The row of an order that goes on the bus when an admin accepts it, and expires if nobody does."""
    row = placing_row(event, expires_at)
    return standing(row, "waiting").with_(placing=None, waiting=row.placing)


def accepted_row(row: OrderRow) -> OrderRow:
    """The row that waited, as it is when order.created may go on the bus."""
    return standing(row, status_of(row.types)).with_(waiting=None, expires_at=None)


def standing(row: OrderRow, status: str) -> OrderRow:
    """The row with this status, and its place in the index of that; without the time it was placed it has none."""
    return row.with_(status=status, status_shard=f"{status}#{shard_of(row.order_id)}" if row.placed_sort else None)


NOT_ASKED: Any = {
    "order_id": True,
    "shipping": True,
    "total": True,
    "currency": True,
    "placed_at": True,
    "expected_total": True,
    "items": {"__all__": {"name", "unit_price"}},
}
"""What the shop adds to a request, and what a shopper may add to a retry: all else of an order is asked for."""


def request_hash(order: BaseModel) -> str:
    """What a retry under the same idempotency key must repeat: who orders, what, how it is paid, and whatever else the
    order has, but for `NOT_ASKED`.

    The same for an order.created and for the request that led to it. A field that has its default counts as one that is
    not there, so that a row of a release that did not know the field compares as it did.
    """
    asked = order.model_dump(mode="json", exclude=NOT_ASKED, exclude_defaults=True)
    return sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def status_of(types: Collection[str]) -> str:
    """The status of an order of which events of these types have happened; what ends an order outranks the rest."""
    for contract, status in (
        (OrderRefunded, "refunded"),
        (OrderShipped, "shipped"),
        (OrderCancelled, "cancelled"),
        (InventoryRejected, "rejected"),
        (PaymentFailed, "payment_failed"),
        (OrderProcessed, "processed"),
    ):
        if contract.DETAIL_TYPE in types:
            return status
    paid_for = {InventoryReserved.DETAIL_TYPE, PaymentCompleted.DETAIL_TYPE}
    return "confirmed" if paid_for <= set(types) else "pending"


def payment_of(types: Collection[str]) -> str:
    """What the order's money is doing: refunded, voided, failed, completed or pending."""
    return _latest(types, (PaymentRefunded, "refunded"), (PaymentVoided, "voided"), (PaymentFailed, "failed"),
                   (PaymentCompleted, "completed"))  # fmt: skip


def inventory_of(types: Collection[str]) -> str:
    """What the order's items are doing: shipped, released, rejected, reserved or pending."""
    return _latest(types, (OrderShipped, "shipped"), (InventoryReleased, "released"), (InventoryRejected, "rejected"),
                   (InventoryReserved, "reserved"))  # fmt: skip


def _latest(types: Collection[str], *ranked: tuple[type[EventData], str]) -> str:
    return next((name for contract, name in ranked if contract.DETAIL_TYPE in types), "pending")


def fold(row: OrderRow | None, event: Event[EventData]) -> OrderRow | None:
    """The order after `event`. Any permutation of an order's events, with any repetition, ends in the same row.

    An event that is already known changes nothing, except that a row still being placed now is placed. One that tells
    of a product, not of the order, changes nothing.
    """
    if isinstance(event.data, OF_PRODUCTS):
        return row
    order_id = event.data.order_id
    before = row or OrderRow(order_id=order_id, status="pending")
    if event.event_id in before.timeline and before.placing is None:
        return before
    seen = {**before.timeline, event.event_id: Seen(type=event.type, at=event.metadata.occurred_at)}
    after = before.with_(timeline=seen, placing=None, expires_at=None, **facts(event))
    return standing(after, status_of(after.types))


def facts(event: Event[EventData]) -> Mapping[str, Any]:
    """The fields of the row that this event decides."""
    data = event.data
    match data:
        case OrderCreated():
            return created_facts(data, bool(event.metadata.test))
        case OrderCancelled():
            return {"cancel_reason": data.reason}
        case OrderRefunded():
            return {"refund_reason": data.reason}
        case PaymentCompleted():
            return {"payment_method": data.method, "payment_reference": data.reference}
        case PaymentFailed():
            return {"payment_failure": data.reason}
        case InventoryRejected():
            return {"shortages": data.items}
    return {}


_FROM_CREATED = sorted(OrderRow.model_fields.keys() & OrderCreated.model_fields.keys())


def created_facts(data: OrderCreated, test: bool) -> Mapping[str, Any]:
    """Whatever a row has a field for of the same name, and what is derived from it."""
    return {
        **{name: getattr(data, name) for name in _FROM_CREATED},
        "test": test or None,
        "request_hash": request_hash(data),
        "shard": shard_of(data.order_id),
        "placed_sort": placed_sort(data.placed_at, data.order_id),
    }


def placed_sort(placed_at: datetime, order_id: str) -> str:
    """The sort key of the list indexes: newest first when read backwards, unique."""
    return f"{format_time(placed_at)}#{order_id}"
