"""Orders that only test the shop: an admin may place them through the same door, and nobody else."""

import pytest

from schemas.events import InventoryReserved, ItemQuantity, PaymentCompleted
from tables.catalog import SMOKE_SKU
from tests.support.checkout_api.api import ORDER, running_api
from tests.support.checkout_api.tokens import token
from tests.support.events import TOTAL, event

MARK = {"X-Orderwire-Test": "true"}


@pytest.fixture
def api():
    with running_api(books="open") as api:
        yield api


def place(api, **headers):
    return api.request("POST", "/orders", ORDER, headers=headers)


def test_an_admins_order_can_be_marked_as_a_test(api):
    order_id = api.request("POST", "/orders", ORDER, admin=True, headers=MARK).body["order_id"]
    assert api.bus.events[0].metadata.test is True
    assert [order["test"] for order in api.get("/orders", admin=True).body["orders"]] == [True]
    assert api.row(order_id).test is True


def test_what_admins_decide_about_a_test_order_is_marked_too(api):
    order_id = api.request("POST", "/orders", ORDER, admin=True, headers=MARK).body["order_id"]
    items = [ItemQuantity(sku="book-1", quantity=2)]
    paid = PaymentCompleted(order_id=order_id, amount=TOTAL, currency="EUR", method="card", reference="pay-1")
    api.hears(*api.bus.events, event(InventoryReserved(order_id=order_id, items=items)), event(paid))
    api.admin("POST", f"/orders/{order_id}/process")
    api.admin("DELETE", f"/orders/{order_id}")
    assert [each.metadata.test for each in api.bus.events] == [True, True, True]


@pytest.mark.parametrize(
    ("bearer", "status"),
    [(None, 401), (token(key="other"), 403), (token(**{"cognito:groups": []}), 403)],
    ids=["no token", "forged", "of no group"],
)
def test_nobody_else_can_have_an_order_paid_by_the_sandbox(api, bearer, status):
    answer = place(api, **MARK, **({"Authorization": f"Bearer {bearer}"} if bearer else {}))
    assert (answer.status, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert api.bus.entries == []


def test_a_mark_that_says_anything_else_is_refused(api):
    assert place(api, **{"X-Orderwire-Test": "yes", "Authorization": f"Bearer {token()}"}).status == 400


def test_an_admins_order_without_the_mark_is_a_real_one(api):
    assert place(api, Authorization=f"Bearer {token()}").status == 202
    assert api.bus.events[0].metadata.test is None


@pytest.fixture
def stocked(api):
    api.admin("PUT", f"/catalog/{SMOKE_SKU}", {"name": "Release check", "price": 1})
    api.admin("POST", f"/catalog/{SMOKE_SKU}/stock", {"delta": 5})
    return api


def test_the_product_that_releases_order_is_in_no_list(stocked):
    assert SMOKE_SKU not in {each["sku"] for each in stocked.get("/catalog").body}
    assert SMOKE_SKU not in {each["id"] for each in stocked.get("/books").body}


def test_nobody_but_a_test_order_can_have_it(stocked):
    order = {**ORDER, "items": [{"sku": SMOKE_SKU, "quantity": 1}]}
    refused = stocked.place(order)
    assert (refused.status, refused.body["errors"][0]["pointer"]) == (422, "/items/0/sku")
    books = {"books": [{"id": SMOKE_SKU, "qty": 1}]}
    assert stocked.request("POST", "/books/order", books).status == 422
    assert stocked.bus.entries == []
    assert stocked.request("POST", "/orders", order, admin=True, headers=MARK).status == 202
    assert stocked.bus.events[0].metadata.test is True
