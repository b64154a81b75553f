"""A page of orders, newest first, and the cursor that continues it: where the last order stood, made opaque."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass

from checkout_api.http.problems import invalid_parameter
from schemas.types import TIME_PATTERN
from tables.order_row import STATUSES
from tables.orders import IndexedOrder, Orders

USUAL, MOST = 20, 100
_PLACE = re.compile(rf"{TIME_PATTERN[1:-1]}#[A-Za-z0-9_-]{{1,64}}")


@dataclass(frozen=True)
class Page:
    orders: list[IndexedOrder]
    next: str | None


def page(orders: Orders, query: Mapping[str, str]) -> Page:
    """The page that the query's `status`, `limit` and `cursor` ask for. Raises Problem 422.

    The indexes lag a moment behind; an order that changes its status while somebody reads a list of one status may
    leave that list, but none is there twice.
    """
    limit = limit_of(query.get("limit"))
    found = orders.page(status_of(query.get("status")), limit + 1, place_of(query.get("cursor")))
    shown = found[:limit]
    return Page(shown, cursor_after(shown[-1]) if len(found) > limit else None)


def status_of(text: str | None) -> str | None:
    if text is not None and text not in STATUSES:
        raise invalid_parameter("status", f"must be one of {', '.join(STATUSES)}")
    return text


def limit_of(text: str | None) -> int:
    if text is None:
        return USUAL
    if not re.fullmatch("[0-9]{1,3}", text) or not 1 <= int(text) <= MOST:
        raise invalid_parameter("limit", f"must be a number from 1 to {MOST}")
    return int(text)


def cursor_after(order: IndexedOrder) -> str:
    return urlsafe_b64encode(order.placed_sort.encode()).decode().rstrip("=")


def place_of(cursor: str | None) -> str | None:
    """The sort key that a cursor stands for. Raises Problem 422 for one that `cursor_after` did not make."""
    if cursor is None:
        return None
    try:
        place = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except ValueError:
        place = ""
    if not _PLACE.fullmatch(place):
        raise invalid_parameter("cursor", "must be the `next` of an earlier page")
    return place
