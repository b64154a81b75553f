"""What the API tells of an order. Pure; no payment token, an e-mail address only to admins, money as JSON numbers."""

from typing import Any, TypeVar, cast

from checkout_api.http.shapes import (
    Accepted,
    Customer,
    Dates,
    Inventory,
    Item,
    ListedOrder,
    Order,
    OrderPage,
    OrderRecord,
    Payment,
    Short,
    TimelineEntry,
)
from checkout_api.orders.deciding import decisions_for
from checkout_api.orders.listing import Page
from schemas.envelope import EventData
from schemas.events import (
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
from schemas.types import format_time
from tables.order_row import OrderRow, inventory_of, payment_of
from tables.orders import IndexedOrder

T = TypeVar("T")

CAUSAL: tuple[type[EventData], ...] = (
    OrderCreated,
    InventoryReserved,
    InventoryRejected,
    PaymentCompleted,
    PaymentFailed,
    OrderProcessed,
    OrderShipped,
    OrderCancelled,
    OrderRefunded,
    InventoryReleased,
    PaymentVoided,
    PaymentRefunded,
)
"""Causes before what they lead to: the order of events of the same millisecond on a timeline. What is not named here
comes after them, for example an event that only a newer release knows."""

_RANK = {contract.DETAIL_TYPE: rank for rank, contract in enumerate(CAUSAL)}
_LAST = len(CAUSAL)


def accepted(row: OrderRow) -> Accepted:
    """The answer to POST /orders."""
    return {
        "order_id": row.order_id,
        "status": row.status,
        "total": known(row.total),
        "currency": known(row.currency),
        "shipping": known(row.shipping),
        "placed_at": format_time(known(row.placed_at)),
    }


def order(row: OrderRow) -> Order:
    """The answer to GET /orders/{id}, for whoever has the id. What has not happened is null."""
    return {
        **accepted(row),
        "items": [item(each) for each in known(row.items)],
        "payment": payment(row),
        "inventory": inventory(row),
        "dates": dates(row),
    }


def record(row: OrderRow) -> OrderRecord:
    """The answer to GET /orders/{id}/record and to a decision: for admins only."""
    return {
        **order(row),
        "decisions": decisions_for(row.status),
        "payment_method": row.payment_method,
        "payment_reference": row.payment_reference,
        "payment_failure": row.payment_failure,
        "cancel_reason": row.cancel_reason,
        "refund_reason": row.refund_reason,
    }


def known(value: T | None) -> T:
    """What came with order.created, without which no order is shown."""
    assert value is not None
    return value


def item(line: OrderItem) -> Item:
    return {"sku": line.sku, "name": line.name, "quantity": line.quantity, "unit_price": line.unit_price}


def payment(row: OrderRow) -> Payment:
    status = payment_of(row.types)
    return {"status": status, "at": _happened(row, f"payment.{status}")}


def inventory(row: OrderRow) -> Inventory:
    status = inventory_of(row.types)
    cause = OrderShipped.DETAIL_TYPE if status == "shipped" else f"inventory.{status}"
    return {"status": status, "at": _happened(row, cause), "shortages": [short(each) for each in row.shortages or []]}


def short(shortage: Shortage) -> Short:
    return {"sku": shortage.sku, "requested": shortage.requested, "available": shortage.available}


def dates(row: OrderRow) -> Dates:
    """When the shop did what to the order."""
    return {
        "placed": _happened(row, OrderCreated.DETAIL_TYPE),
        "processed": _happened(row, OrderProcessed.DETAIL_TYPE),
        "shipped": _happened(row, OrderShipped.DETAIL_TYPE),
        "cancelled": _happened(row, OrderCancelled.DETAIL_TYPE),
        "refunded": _happened(row, OrderRefunded.DETAIL_TYPE),
    }


def customer(row: OrderRow) -> Customer:
    """The answer to GET /orders/{id}/customer, with the e-mail address: for admins only."""
    told: Any = {name: getattr(row, name) for name in Customer.__annotations__}
    return cast(Customer, told)


def timeline(row: OrderRow) -> list[TimelineEntry]:
    """The answer to GET /orders/{id}/timeline: oldest first."""
    seen = sorted(row.timeline.items(), key=lambda each: (each[1].at, _RANK.get(each[1].type, _LAST)))
    return [{"type": event.type, "at": format_time(event.at), "event_id": event_id} for event_id, event in seen]


def listed(page: Page) -> OrderPage:
    """The answer to GET /orders."""
    return {"orders": [listed_order(entry) for entry in page.orders], "next": page.next}


def listed_order(entry: IndexedOrder) -> ListedOrder:
    return {
        "order_id": entry.order_id,
        "status": entry.status,
        "decisions": decisions_for(entry.status),
        "total": entry.total,
        "currency": entry.currency,
        "placed_at": format_time(entry.placed_at),
        "customer_id": entry.customer_id,
        "items": [item(each) for each in entry.items],
        "test": bool(entry.test),
    }


def _happened(row: OrderRow, type_: str) -> str | None:
    return next((format_time(seen.at) for seen in row.timeline.values() if seen.type == type_), None)
