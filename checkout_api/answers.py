"""What the API tells of an order. Pure; no e-mail address, no payment token, money as JSON numbers."""

from datetime import datetime
from typing import Any

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
)
from schemas.types import format_time
from tables.order_row import OrderRow, inventory_of, payment_of
from tables.orders import Listed

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
"""Causes before what they lead to: the order of events of the same millisecond on a timeline."""

_RANK = {contract.DETAIL_TYPE: rank for rank, contract in enumerate(CAUSAL)}

Document = dict[str, Any]


def accepted(row: OrderRow) -> Document:
    """The answer to POST /orders."""
    return {
        "order_id": row.order_id,
        "status": row.status,
        "total": row.total,
        "currency": row.currency,
        "shipping": row.shipping,
        "placed_at": _time(row.placed_at),
    }


def order(row: OrderRow) -> Document:
    """The answer to GET /orders/{id}. What has not happened is null."""
    return accepted(row) | {
        "items": [item(each) for each in row.items or []],
        "payment": payment(row),
        "inventory": inventory(row),
        "dates": dates(row),
        "cancel_reason": row.cancel_reason,
        "refund_reason": row.refund_reason,
    }


def item(line: OrderItem) -> Document:
    return {"sku": line.sku, "name": line.name, "quantity": line.quantity, "unit_price": line.unit_price}


def payment(row: OrderRow) -> Document:
    status = payment_of(row.types)
    return {
        "status": status,
        "at": _happened(row, f"payment.{status}"),
        "method": row.payment_method,
        "reference": row.payment_reference,
        "failure": row.payment_failure,
    }


def inventory(row: OrderRow) -> Document:
    status = inventory_of(row.types)
    cause = OrderShipped.DETAIL_TYPE if status == "shipped" else f"inventory.{status}"
    shortages = [short.model_dump() for short in row.shortages or []]
    return {"status": status, "at": _happened(row, cause), "shortages": shortages}


def dates(row: OrderRow) -> Document:
    """When the shop did what to the order."""
    done: dict[str, type[EventData]] = {
        "placed": OrderCreated,
        "processed": OrderProcessed,
        "shipped": OrderShipped,
        "cancelled": OrderCancelled,
        "refunded": OrderRefunded,
    }
    return {name: _happened(row, contract.DETAIL_TYPE) for name, contract in done.items()}


def timeline(row: OrderRow) -> list[Document]:
    """The answer to GET /orders/{id}/timeline: oldest first."""
    seen = sorted(row.timeline.items(), key=lambda each: (each[1].at, _RANK[each[1].type]))
    return [{"type": event.type, "at": format_time(event.at), "event_id": event_id} for event_id, event in seen]


def listed(entry: Listed) -> Document:
    """One order of GET /orders."""
    return {
        "order_id": entry.order_id,
        "status": entry.status,
        "total": entry.total,
        "currency": entry.currency,
        "placed_at": _time(entry.placed_at),
        "customer_id": entry.customer_id,
        "items": [item(each) for each in entry.items],
        "test": bool(entry.test),
    }


def _happened(row: OrderRow, type_: str) -> str | None:
    return next((format_time(seen.at) for seen in row.timeline.values() if seen.type == type_), None)


def _time(at: datetime | None) -> str | None:
    return None if at is None else format_time(at)
