"""Whoever has the link of an order, which is sent on and stays in histories, reads how it stands, and nothing of
people, providers or cards."""

import json
from decimal import Decimal

import pytest

from checkout_api.http.shapes import AdminDecision, Item, Order, OrderRecord
from checkout_api.registry import routes
from schemas.envelope import REGISTRY
from schemas.events import (
    OrderCancelled,
    OrderRefunded,
    PaymentCompleted,
    PaymentFailed,
    PaymentRefunded,
    PaymentVoided,
)
from schemas.personal import personal_fields
from tests.support.checkout_api.served import served_api
from tests.support.events import ORDER, created, event

MONEY = {"order_id": ORDER, "amount": Decimal("69.98"), "currency": "EUR"}
HELD_BACK = {
    "customer_id": "babbage-customer",
    "customer_email": "babbage-address@example.com",
    "payment_token": "tok_babbage",
    "reason": "babbage words about Mr Babbage",
}
"""What is marked in the events as personal or secret -> what it is here."""
PROVIDERS = {"method": "card", "reference": "pay_babbage"}
HAPPENED = (
    created(**{name: HELD_BACK[name] for name in ("customer_id", "customer_email", "payment_token")}),
    PaymentCompleted(**MONEY, **PROVIDERS),
    PaymentFailed(**MONEY, reason="babbage_decline"),
    OrderCancelled(order_id=ORDER, reason=HELD_BACK["reason"]),
    OrderRefunded(**MONEY, reason=HELD_BACK["reason"]),
    PaymentVoided(**MONEY, reference="pay_babbage"),
    PaymentRefunded(**MONEY, **PROVIDERS),
)


@pytest.fixture(scope="module")
def api():
    with served_api(books="open", cors_origin="*") as served:
        served.api.hears(*map(event, HAPPENED))
        yield served


def test_everything_that_is_marked_is_tried():
    marked = {name for contract in REGISTRY.values() for name in personal_fields(contract)}
    assert marked <= set(HELD_BACK)


def open_answers(served):
    """Every answer about the order that needs no token."""
    for route in routes(served.api.edges, admins=None):
        if route.method == "GET" and not route.admin and not route.path.startswith("/assets"):
            yield route.path, served.send("GET", route.path.format(order_id=ORDER))


def test_no_open_answer_has_anything_of_people_providers_and_cards(api):
    answers = dict(open_answers(api))
    assert {"/orders/{order_id}", "/orders/{order_id}/timeline"} <= set(answers)
    assert {answer.status for answer in answers.values()} == {200}
    assert [path for path, answer in answers.items() if "babbage" in str(answer.body)] == []


def test_a_retry_with_the_same_key_is_told_no_more(api):
    """The key of an order is as good as its link."""
    body = {
        "customer_id": HELD_BACK["customer_id"],
        "customer_email": HELD_BACK["customer_email"],
        "payment_token": "tok_babbage",
        "items": [{"sku": "book-1", "quantity": 1}],
    }
    told = {"Content-Type": "application/json", "Idempotency-Key": "a-key-of-some-length"}
    for _ in range(2):
        answer = api.send("POST", "/orders", body, told)
        assert (answer.status, "babbage" in json.dumps(answer.body)) == (202, False)


def test_what_is_told_is_how_it_stands_what_was_ordered_and_what_it_costs(api):
    """A field that is added to what everybody reads makes somebody decide here."""
    assert set(Order.__annotations__) == {
        *("order_id", "status", "placed_at", "dates", "inventory", "payment"),
        *("items", "total", "currency", "shipping"),
    }
    assert set(Item.__annotations__) == {"sku", "name", "quantity", "unit_price"}
    assert set(api.send("GET", f"/orders/{ORDER}").body["payment"]) == {"status", "at"}


def test_admins_read_all_of_it(api):
    record = api.send("GET", f"/orders/{ORDER}/record", admin=True)
    assert set(record.body) == set(OrderRecord.__annotations__)
    assert (record.body["cancel_reason"], record.body["refund_reason"]) == (HELD_BACK["reason"], HELD_BACK["reason"])
    assert record.body["payment_method"] == "card"
    assert record.body["payment_reference"] == "pay_babbage"
    assert record.body["payment_failure"] == "babbage_decline"


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer x.y.z"}, {"Authorization": "Basic YTpi"}])
@pytest.mark.parametrize("path", ["record", "customer", "record/", "Record", "record?admin=true"])
def test_the_record_is_for_admins(api, headers, path):
    answer = api.send("GET", f"/orders/{ORDER}/{path}", headers=headers)
    assert answer.status in {401, 403}
    assert "babbage" not in str(answer.body)


def test_a_decision_that_a_holder_tries_tells_nothing_either(api):
    for decision in AdminDecision.__args__:
        method, path = ("DELETE", "") if decision == "cancel" else ("POST", f"/{decision}")
        answer = api.send(method, f"/orders/{ORDER}{path}")
        assert (answer.status, "babbage" in str(answer.body)) == (401, False)
