"""Orders from the command line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from edges.connect import Edges
from orderwire.console.problem import Problem
from orderwire.console.waiting import wait_until
from orderwire.workplace.api_client import ApiClient
from tables.orders import Orders
from tables.statuses import STATUSES

UNSETTLED = frozenset({"placing", "pending"})


@dataclass(frozen=True)
class OrderSummary:
    order_id: str
    status: str
    total: Decimal
    currency: str
    placed_at: datetime
    items: int


def list_orders(edges: Edges, status: str | None, limit: int) -> list[OrderSummary]:
    """The newest orders first. Raises Problem for a status that there is not."""
    if status is not None and status not in STATUSES:
        raise Problem(f"There is no status {status!r}. There are: {', '.join(STATUSES)}.")
    page = Orders(edges).page(status, limit, None)
    return [
        OrderSummary(
            each.order_id, each.status, each.total, each.currency, each.placed_at, sum(i.quantity for i in each.items)
        )
        for each in page
    ]


def parse_items(texts: Sequence[str]) -> list[dict[str, Any]]:
    """`SKU=QUANTITY` or `SKU` for one copy, as the API's items. Raises Problem."""
    return [parse_item(text) for text in texts]


def parse_item(text: str) -> dict[str, Any]:
    sku, _, quantity = text.partition("=")
    if not sku or (quantity and not quantity.isdecimal()):
        raise Problem(f"{text!r} is not an item: write SKU=QUANTITY, for example 9780141439518=2.")
    return {"sku": sku, "quantity": int(quantity or 1)}


def place(api: ApiClient, order: Mapping[str, Any], key: str | None, wait_seconds: float) -> Any:
    """Places an order and returns it as it is once it is settled, or after `wait_seconds`. Raises Problem."""
    order_id = api.place(order, key).require_ok()["order_id"]
    wait_until(lambda: settled(api, order_id), wait_seconds)
    return api.order(order_id).require_ok()


def shortfall(order: Mapping[str, Any], waited: float) -> str | None:
    """What is told where nothing comes of an order, as far as whoever has its link may know, or that it is open after
    so many seconds; None if it goes its way."""
    match order["status"]:
        case "rejected":
            short = [f"{each['requested']} of {each['sku']}, {each['available']} there" for each in shortages(order)]
            return f"The order was rejected, there are too few copies: {'; '.join(short) or 'none is left'}."
        case "payment_failed":
            return "The payment was refused."
        case "cancelled":
            return "The order was cancelled."
        case "refunded":
            return "The order was refunded."
        case status if waited and status in UNSETTLED:
            return f"{order['order_id']} was accepted, but is not settled after {waited:g} s; it goes on."
    return None


def shortages(order: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = order.get("inventory", {}).get("shortages") or []
    return found


def settled(api: ApiClient, order_id: str) -> bool:
    return api.order(order_id).require_ok()["status"] not in UNSETTLED


@dataclass(frozen=True)
class Happened:
    at: str
    event: str
    event_id: str


def timeline(api: ApiClient, order_id: str) -> list[Happened]:
    return [Happened(each["at"], each["type"], each["event_id"]) for each in api.timeline(order_id).require_ok()]
