"""Reading orders: one by its id, its timeline, and lists of large ones."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout_api.orders import answers
from schemas.envelope import REGISTRY
from tables.order_row import OF_PRODUCTS, Seen, fold
from tables.orders import Orders
from tests.support.checkout_api.api import running_api
from tests.support.edges import NOON
from tests.support.events import ORDER, created, event, one_of_each

EVENTS = {each.type: each for each in one_of_each()}


@pytest.fixture
def api():
    with running_api() as api:
        yield api


def test_a_new_order_is_shown_as_it_was_placed(api):
    order_id = api.place().body["order_id"]
    assert api.get(f"/orders/{order_id}").body == {
        "order_id": order_id,
        "status": "placing",
        "total": 69.98,
        "currency": "EUR",
        "shipping": 10.0,
        "placed_at": "2026-11-20T12:00:00.000Z",
        "items": [{"sku": "book-1", "name": "Book 1", "quantity": 2, "unit_price": 29.99}],
        "payment": {"status": "pending", "at": None},
        "inventory": {"status": "pending", "at": None, "shortages": []},
        "dates": {
            "placed": "2026-11-20T12:00:00.000Z",
            "processed": None,
            "shipped": None,
            "cancelled": None,
            "refunded": None,
        },
    }
    (entry,) = api.get(f"/orders/{order_id}/timeline").body
    assert entry == {
        "type": "order.created",
        "at": "2026-11-20T12:00:00.000Z",
        "event_id": api.bus.events[0].event_id,
    }


def test_who_ordered_is_told_to_admins_and_to_nobody_who_only_has_the_orders_id(api):
    order_id = api.place().body["order_id"]
    told = api.get(f"/orders/{order_id}/customer", admin=True)
    assert told.status == 200
    assert told.body.items() >= {("customer_id", "cust-1"), ("customer_email", "ada@example.com")}
    assert api.get(f"/orders/{order_id}/customer").status == 401
    assert api.get("/orders/ord_nobodys/customer", admin=True).status == 404
    for path in (f"/orders/{order_id}", f"/orders/{order_id}/timeline"):
        assert not {"cust-1", "ada@example.com"} & set(str(api.get(path).body).split("'"))


def test_an_order_shows_what_became_of_its_payment_its_items_and_itself(api):
    for type_ in ("order.created", "inventory.reserved", "payment.completed", "order.processed", "order.shipped"):
        api.hears(EVENTS[type_])
    shown = api.get(f"/orders/{ORDER}").body
    assert shown["status"] == "shipped"
    assert shown["payment"] == {"status": "completed", "at": "2026-11-20T12:00:04.000Z"}
    record = api.get(f"/orders/{ORDER}/record", admin=True).body
    assert record == {
        **shown,
        "decisions": ["refund"],
        "payment_method": "card",
        "payment_reference": "pay_1",
        "payment_failure": None,
        "cancel_reason": None,
        "refund_reason": None,
    }
    assert shown["inventory"] == {"status": "shipped", "at": "2026-11-20T12:00:07.000Z", "shortages": []}
    assert shown["dates"]["processed"] == "2026-11-20T12:00:06.000Z"
    assert shown["dates"]["shipped"] == "2026-11-20T12:00:07.000Z"


def test_a_rejected_order_says_which_items_were_short_and_admins_read_why_a_card_was_refused(api):
    api.hears(EVENTS["order.created"], EVENTS["inventory.rejected"], EVENTS["payment.failed"])
    shown = api.get(f"/orders/{ORDER}").body
    assert shown["inventory"]["shortages"] == [{"sku": "book-1", "requested": 2, "available": 1}]
    assert shown["payment"] == {"status": "failed", "at": "2026-11-20T12:00:05.000Z"}
    assert api.get(f"/orders/{ORDER}/record", admin=True).body["payment_failure"] == "card_declined"


@pytest.mark.parametrize("path", ["ord_unknown", "%2e%2e", "a%20b", "x" * 3000])
def test_an_id_that_nobody_has_is_not_found(api, path):
    for address in (f"/orders/{path}", f"/orders/{path}/timeline"):
        answer = api.get(address)
        assert (answer.status, answer.body["type"]) == (404, "urn:orderwire:problem:unknown-order")


def test_an_order_of_which_only_the_consequences_are_known_is_not_found_yet(api):
    api.hears(EVENTS["inventory.reserved"])
    assert api.get(f"/orders/{ORDER}").status == 404
    api.hears(EVENTS["order.created"])
    assert api.get(f"/orders/{ORDER}").status == 200


@given(st.permutations(list(EVENTS.values())), st.booleans())
def test_the_timeline_is_oldest_first_and_causes_come_before_what_they_led_to(shuffled, at_once):
    row = None
    for each in shuffled:
        row = fold(row, event(each.data, NOON) if at_once else each)
    told = [entry["type"] for entry in answers.timeline(row)]
    placed = [contract.DETAIL_TYPE for contract in answers.CAUSAL]
    expected = placed + [type_ for type_ in told if type_ not in placed]
    assert set(expected) == EVENTS.keys() - {contract.DETAIL_TYPE for contract in OF_PRODUCTS}
    if at_once:
        assert told == expected
    else:
        assert told == sorted(expected, key=lambda type_: EVENTS[type_].metadata.occurred_at)


def test_what_nobody_has_placed_comes_last_of_the_events_of_a_millisecond():
    assert set(answers.CAUSAL) <= set(REGISTRY.values()) - set(OF_PRODUCTS)
    known = fold(None, event(created()))
    row = known.with_(timeline={"e-new": Seen(type="order.newer", at=NOON), **known.timeline})
    assert [each["type"] for each in answers.timeline(row)] == ["order.created", "order.newer"]


def test_a_page_of_large_orders_leaves_none_out(api):
    """DynamoDB ends a page of a query at 1 MB, wherever that is in a list."""
    for number in range(9):
        at = NOON + timedelta(seconds=number)
        row = fold(None, event(created(f"ord_{number}", placed_at=at), at))
        Orders(api.edges).put(row.with_(shard="0", customer_id="c" * 200_000))
    listed = api.get("/orders?limit=100", admin=True).body
    assert [order["order_id"] for order in listed["orders"]] == [f"ord_{number}" for number in reversed(range(9))]
