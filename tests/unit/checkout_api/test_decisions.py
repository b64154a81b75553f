"""Decisions over HTTP: what an admin is answered, and what the order and the bus know afterwards."""

import pytest

from tests.support.checkout_api.api import KEY, running_api
from tests.support.checkout_api.api import ORDER as BODY
from tests.support.events import ORDER, TOTAL, one_of_each
from tests.support.services.bus import REFUSED

EVENTS = {each.type: each for each in one_of_each()}
CONFIRMED = [EVENTS[type_] for type_ in ("order.created", "inventory.reserved", "payment.completed")]


@pytest.fixture
def api():
    with running_api() as api:
        yield api


def test_a_confirmed_order_is_processed_shipped_and_refunded(api):
    api.hears(*CONFIRMED)
    for action, status in (("process", "processed"), ("ship", "shipped"), ("refund", "refunded")):
        api.time.advance(60)
        answer = api.admin("POST", f"/orders/{ORDER}/{action}")
        assert (answer.status, answer.body["status"]) == (200, status)
        assert api.row(ORDER).outbox is None
    assert api.bus.types == ["order.processed", "order.shipped", "order.refunded"]
    assert api.bus.events[-1].data.amount == TOTAL
    assert answer.body["dates"] == {
        "placed": "2026-11-20T12:00:00.000Z",
        "processed": "2026-11-20T12:01:00.000Z",
        "shipped": "2026-11-20T12:02:00.000Z",
        "cancelled": None,
        "refunded": "2026-11-20T12:03:00.000Z",
    }
    before = api.row(ORDER)
    api.hears(*api.bus.events)
    assert api.row(ORDER) == before


def test_a_list_and_its_order_offer_the_same_and_every_offer_can_be_taken(api):
    api.hears(*CONFIRMED)
    for action in ("process", "ship", "refund"):
        (listed,) = api.get("/orders", admin=True).body["orders"]
        offered = api.get(f"/orders/{ORDER}/record", admin=True).body["decisions"]
        assert action in offered
        assert listed["decisions"] == offered
        assert api.admin("POST", f"/orders/{ORDER}/{action}").status == 200
    assert api.get(f"/orders/{ORDER}/record", admin=True).body["decisions"] == []


def test_a_cancellation_says_why(api):
    api.hears(*CONFIRMED)
    answer = api.admin("DELETE", f"/orders/{ORDER}", {"reason": "Ordered twice"})
    assert (answer.status, answer.body["status"], answer.body["cancel_reason"]) == (200, "cancelled", "Ordered twice")
    assert api.bus.events[0].data.reason == "Ordered twice"


def test_an_order_can_be_cancelled_in_the_moment_it_was_placed(api):
    order_id = api.place(key=KEY).body["order_id"]
    assert api.admin("DELETE", f"/orders/{order_id}").body["status"] == "cancelled"
    assert set(api.bus.types) == {"order.created", "order.cancelled"}
    assert api.place(key=KEY).body["status"] == "cancelled"


def test_cancelling_an_order_that_never_got_on_the_bus_puts_it_there(api):
    api.bus.outcomes = [REFUSED]
    assert api.place(key=KEY).status == 503
    (listed,) = api.get("/orders", admin=True).body["orders"]
    assert api.admin("DELETE", f"/orders/{listed['order_id']}").status == 200
    assert set(api.bus.types) == {"order.created", "order.cancelled"}


def test_whoever_comes_too_late_is_told_why(api):
    api.hears(*CONFIRMED)
    answer = api.admin("POST", f"/orders/{ORDER}/ship")
    assert (answer.status, answer.headers["Content-Type"]) == (409, "application/problem+json")
    assert answer.body == {
        "type": "urn:orderwire:problem:not-possible",
        "title": "Not possible",
        "status": 409,
        "detail": "Only an order that is processed can be shipped; this one is confirmed.",
        "order_id": ORDER,
        "order_status": "confirmed",
    }
    assert api.bus.entries == []


def test_a_decision_that_the_bus_refuses_stands_and_may_be_repeated(api):
    api.hears(*CONFIRMED)
    api.bus.outcomes = [REFUSED]
    refused = api.admin("DELETE", f"/orders/{ORDER}", {"reason": "first"})
    assert (refused.status, refused.headers["Retry-After"]) == (503, "5")
    assert api.get(f"/orders/{ORDER}").body["status"] == "cancelled"
    assert api.admin("DELETE", f"/orders/{ORDER}", {"reason": "second"}).body["cancel_reason"] == "first"
    assert api.bus.types == ["order.cancelled"]
    assert api.admin("DELETE", f"/orders/{ORDER}").status == 409


@pytest.mark.parametrize("action", ["process", "ship", "refund"])
def test_an_order_that_is_not_there_cannot_be_decided_on(api, action):
    assert api.admin("POST", f"/orders/ord_unknown/{action}").status == 404
    assert api.admin("DELETE", "/orders/a%20b").status == 404


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "process", {"reason": "why not"}),
        ("POST", "ship", {"tracking": "1Z"}),
        ("POST", "refund", {"amount": 1}),
        ("POST", "refund", {"reason": ""}),
        ("DELETE", "", {"reason": "r" * 501}),
        ("DELETE", "", []),
    ],
)
def test_a_decision_takes_no_fields_but_its_reason(api, method, path, body):
    api.hears(*CONFIRMED)
    assert api.admin(method, f"/orders/{ORDER}/{path}".rstrip("/"), body).status == 422
    assert api.row(ORDER).status == "confirmed"


def test_a_decision_knows_the_request_that_it_came_with(api):
    api.hears(*CONFIRMED)
    answer = api.admin("POST", f"/orders/{ORDER}/process")
    (processed,) = api.bus.events
    assert processed.metadata.correlation_id == answer.headers["X-Correlation-Id"]
    assert api.place(BODY).headers["X-Correlation-Id"] != answer.headers["X-Correlation-Id"]
