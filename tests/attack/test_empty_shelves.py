"""Strangers who take the stock and pay nothing: what they order is refused, is small, or waits for the shop."""

import pytest

from checkout_api.sweep import Sweep
from consumers.inventory import InventoryConsumer
from tables.payments import PaymentRow, Payments
from tables.stock import Stock
from tests.support.checkout_api.api import ORDER
from tests.support.checkout_api.served import served_api
from tests.support.events import delivery

SKUS = ("book-1", "book-2", "book-3")
ALL_OF_IT = {"books": [{"id": sku, "qty": 999} for sku in SKUS]}
JSON = {"Content-Type": "application/json"}
PLAIN = {"Content-Type": "text/plain"}


def everything(served):
    """Every way to ask for it all that needs no token, as (path, body, headers)."""
    yield "/books/order", ALL_OF_IT, PLAIN
    yield "/books/order", {"books": ALL_OF_IT["books"] * 16}, PLAIN
    yield "/books/order", {"books": [{"id": "book-1", "qty": "51"}]}, PLAIN
    yield "/books/order", {"books": [{"id": "book-1", "qty": 26}] * 2}, PLAIN
    items = [{"sku": sku, "quantity": 999} for sku in SKUS]
    yield "/orders", {**ORDER, "items": items}, JSON
    yield "/orders", {**ORDER, "items": items * 16}, JSON
    yield "/orders", {**ORDER, "items": [{"sku": "book-3", "quantity": 501}]}, JSON
    yield "/orders", {**ORDER, "payment_token": "on_account"}, JSON


@pytest.mark.parametrize("stage", [{"books": "open"}, {"books": "token"}, {}])
def test_no_request_of_a_stranger_takes_all_there_is(stage):
    with served_api(**stage) as served:
        for sku in SKUS:
            Stock(served.api.edges).restock(sku, 100_000)
        for path, body, headers in everything(served):
            assert served.send("POST", path, body, headers).status in {401, 403, 422}, (path, body)
        assert served.api.bus.entries == []


@pytest.fixture
def careful():
    with served_api(books="open", account_waits=True) as served:
        yield served


def test_however_many_orders_on_account_come_nothing_is_set_aside_before_an_admin_says_so(careful):
    for _ in range(20):
        assert careful.send("POST", "/books/order", {"books": [{"id": "book-1", "qty": 10}]}, PLAIN).status == 200
    assert careful.api.bus.entries == []


def test_a_stranger_does_not_accept_the_order(careful):
    placed = careful.send("POST", "/books/order", {"books": [{"id": "book-1", "qty": 10}]}, PLAIN)
    order_id = placed.body["id"]
    for path, body in ((f"/orders/{order_id}/accept", None), ("/books/order/handle", {"receiptHandle": order_id})):
        for headers in (JSON, {**JSON, "Authorization": "Bearer a.b.c"}):
            assert careful.send("POST", path, body, headers).status in {401, 403}
    assert careful.send("GET", f"/orders/{order_id}").body["status"] == "waiting"
    assert careful.api.bus.entries == []


def test_copies_that_a_card_never_paid_for_are_not_held_for_ever():
    """However many orders: each of them is called off once its card has been tried for as long as a hold lasts."""
    with served_api(most_unpaid_per_address=100, most_unpaid_per_customer=100) as served:
        api = served.api
        for _ in range(3):
            assert served.send("POST", "/orders", ORDER, JSON).status == 202
        placed = list(api.bus.events)
        api.hears(*placed)
        for each in placed:
            for told in InventoryConsumer(api.edges)(delivery(each)):
                if told.type == "inventory.reserved":
                    api.hears(told)
            Payments(api.edges).put(PaymentRow(order_id=each.data.order_id, first_tried=api.time.now))
        assert Stock(api.edges).get("book-1").reserved == 6
        api.time.advance(30 * 60)
        Sweep(lambda: api.edges)()
        assert api.bus.types[3:] == ["order.cancelled"] * 3
        for each in api.bus.events[3:]:
            InventoryConsumer(api.edges)(delivery(each))
        assert Stock(api.edges).get("book-1").reserved == 0
