"""Paging through orders: each once, newest first, whatever the limit, and nothing for a query that makes no sense."""

import random
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tables.order_row import OrderRow, fold, placing_row
from tables.orders import Orders
from tests.support.checkout_api.api import running_api
from tests.support.edges import NOON
from tests.support.events import created, event, one_of_each

EVENTS = {each.type: each for each in one_of_each()}
STATUSES = ("placing", "pending", "cancelled", "rejected")
ENDINGS = {"cancelled": "order.cancelled", "rejected": "inventory.rejected"}


def stored(number, status):
    """An order placed some seconds after noon, several of them at the same time."""
    at = NOON + timedelta(seconds=number // 3)
    placed = event(created(f"ord_{number:03}", placed_at=at), at)
    if status == "placing":
        return placing_row(placed, expires_at=1)
    row = fold(None, placed)
    if status in ENDINGS:
        ending = EVENTS[ENDINGS[status]].data.model_copy(update={"order_id": f"ord_{number:03}"})
        row = fold(row, event(ending, at))
    return row


def of_a_newer_release(row):
    """Its lines say something that this release does not know, and has to list all the same."""
    item = row.to_item()
    item["items"]["L"][0]["M"]["gift"] = {"BOOL": True}
    return OrderRow.from_item(item)


@pytest.fixture(scope="module")
def shop():
    """Thirty orders, stored in no order. Nothing but listing is done with it."""
    with running_api() as api:
        rows = [stored(number, STATUSES[number % 4]) for number in range(30)]
        for row in random.Random(7).sample(rows, len(rows)):
            Orders(api.edges).put(of_a_newer_release(row))
        yield api


def pages(api, query, limit):
    """The orders of each page of a list until its end."""
    cursor, found = None, []
    while cursor is not None or not found:
        answer = api.get(f"/orders?limit={limit}{query}" + (f"&cursor={cursor}" if cursor else ""), admin=True)
        assert answer.status == 200
        found.append(answer.body["orders"])
        cursor = answer.body["next"]
    return found


@settings(max_examples=12)
@given(st.integers(1, 100), st.sampled_from([None, *STATUSES, "shipped"]))
def test_paging_shows_every_order_once_newest_first_whatever_the_limit(shop, limit, status):
    found = pages(shop, f"&status={status}" if status else "", limit)
    numbers = [number for number in range(30) if status in (None, STATUSES[number % 4])]
    expected = sorted(numbers, key=lambda number: (number // 3, number), reverse=True)
    assert [order["order_id"] for page in found for order in page] == [f"ord_{number:03}" for number in expected]
    assert all(len(page) == limit for page in found[:-1])
    assert all(order["status"] == status for page in found for order in page if status)


def test_a_list_shows_what_an_admin_needs_of_an_order(shop):
    answer = shop.get("/orders?limit=1&status=pending", admin=True)
    assert answer.body["orders"] == [
        {
            "order_id": "ord_029",
            "status": "pending",
            "total": 69.98,
            "currency": "EUR",
            "placed_at": "2026-11-20T12:00:09.000Z",
            "customer_id": "cust-1",
            "items": [{"sku": "book-1", "name": "Middlemarch", "quantity": 2, "unit_price": 29.99}],
            "test": False,
            "decisions": ["cancel"],
        }
    ]


def test_a_page_has_twenty_orders_unless_the_query_says_otherwise(shop):
    assert len(shop.get("/orders", admin=True).body["orders"]) == 20


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("limit=0", "limit"),
        ("limit=1&limit=2", "limit"),
        ("status=pending&status=shipped", "status"),
        ("limit=101", "limit"),
        ("limit=-1", "limit"),
        ("limit=ten", "limit"),
        ("limit=1.0", "limit"),
        ("limit=", "limit"),
        ("limit=%D9%A1", "limit"),
        ("status=lost", "status"),
        ("status=", "status"),
        ("cursor=", "cursor"),
        ("cursor=garbage", "cursor"),
        ("cursor=%00", "cursor"),
        ("cursor=%C3%A4", "cursor"),
        ("cursor=b3JkXzE", "cursor"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused(shop, query, parameter):
    answer = shop.get(f"/orders?{query}", admin=True)
    assert answer.status == 422
    assert [error["parameter"] for error in answer.body["errors"]] == [parameter]
