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
    """Places an order and returns it as it is then, or once it is settled. Raises Problem."""
    order_id = api.place(order, key).require_ok()["order_id"]
    if wait_seconds and not wait_until(lambda: settled(api, order_id), wait_seconds):
        raise Problem(f"{order_id} was accepted, but is not settled after {wait_seconds:g} s.")
    return api.order(order_id).require_ok()


def settled(api: ApiClient, order_id: str) -> bool:
    return api.order(order_id).require_ok()["status"] not in UNSETTLED


@dataclass(frozen=True)
class Happened:
    at: str
    event: str
    event_id: str


def timeline(api: ApiClient, order_id: str) -> list[Happened]:
    return [Happened(each["at"], each["type"], each["event_id"]) for each in api.timeline(order_id).require_ok()]
