"""POST /orders: accepted once, at the catalog's price, whatever is repeated and whatever fails."""

import json
from decimal import Decimal
from typing import Annotated, Any, get_args, get_origin

import pytest
from botocore.exceptions import ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from checkout_api.http.origin import Origin
from checkout_api.http.problems import HttpProblem
from checkout_api.http.requests import OrderAsked
from checkout_api.orders.placing import OrderIds, handed_on, place_order
from edges.connect import Edges
from schemas.events import InventoryReserved, ItemQuantity, OrderCreated
from tables.catalog import Catalog
from tables.order_row import NOT_ASKED, request_hash
from tables.orders import Orders
from tests.support.checkout_api.api import KEY, ORDER, Api, running_api, stock_up
from tests.support.consumers.interleaving import Attempt, Crash, SteppedDynamoDB, move_all
from tests.support.events import created, event
from tests.support.services.bus import REFUSED, TAKEN, UNHEARD, FakeBus
from tests.support.services.dynamodb import FINE, LOST, REPEATED, FakeDynamoDB, fake_edges

ORIGIN = Origin("req-1", "corr-1")
ASKED = OrderAsked.model_validate(ORDER)


@pytest.fixture
def api():
    with running_api() as api:
        yield api


def change_price(api: Api, sku: str, price: str) -> None:
    row = Catalog(api.edges).get(sku)
    Catalog(api.edges).put(row.with_(price=Decimal(price)))


def test_an_order_is_answered_with_its_address_its_price_and_its_status(api):
    answer = api.place()
    order_id = answer.body.pop("order_id")
    assert answer.status == 202
    assert answer.headers["Location"] == f"/orders/{order_id}"
    assert answer.body == {
        "status": "placing",
        "total": 69.98,
        "currency": "EUR",
        "shipping": 10.0,
        "placed_at": "2026-11-20T12:00:00.000Z",
    }
    assert api.get(answer.headers["Location"]).body["status"] == "placing"


def test_the_event_on_the_bus_says_what_was_ordered_at_the_catalogs_price(api):
    order_id = api.place(**{"X-Correlation-Id": "shop-7", "traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}).body[
        "order_id"
    ]
    (created,) = api.bus.events
    assert created.data.order_id == order_id
    assert [(item.sku, item.name, item.unit_price) for item in created.data.items] == [
        ("book-1", "Book 1", Decimal("29.99"))
    ]
    assert (created.data.total, created.data.shipping) == (Decimal("69.98"), Decimal("10.00"))
    assert created.metadata.correlation_id == "shop-7"
    assert created.metadata.traceparent == f"00-{'a' * 32}-{'b' * 16}-01"


@pytest.mark.parametrize("trace", [f"00-{'0' * 32}-{'b' * 16}-01", f"00-{'a' * 32}-{'0' * 16}-01"])
def test_a_trace_of_zeros_is_none(api, trace):
    api.place(traceparent=trace)
    assert api.bus.events[0].metadata.traceparent is None


def test_a_malformed_correlation_id_and_trace_are_left_out(api):
    answer = api.place(**{"X-Correlation-Id": "no spaces allowed", "traceparent": "00-1-2-3"})
    (created,) = api.bus.events
    assert created.metadata.correlation_id == created.metadata.causation_id == answer.headers["X-Correlation-Id"]
    assert created.metadata.traceparent is None


def test_an_order_above_the_limit_is_sent_free_of_charge(api):
    answer = api.place({**ORDER, "items": [{"sku": "book-2", "quantity": 4}, {"sku": "book-3", "quantity": 1}]})
    assert (answer.body["total"], answer.body["shipping"]) == (2000.1, 0)


def test_orders_without_a_key_are_different_orders(api):
    assert api.place().body["order_id"] != api.place().body["order_id"]


def test_a_key_belongs_to_its_customer(api):
    other = {**ORDER, "customer_id": "cust-2"}
    assert api.place(key=KEY).body["order_id"] != api.place(other, key=KEY).body["order_id"]


@given(st.text(min_size=1, max_size=10) | st.text(alphabet='",[ ]', min_size=1, max_size=10))
def test_no_two_pairs_of_customer_and_key_have_the_same_order_id(text):
    """Above all not those that read the same when put together."""
    ids = OrderIds(lambda: "secret")
    pairs = [(text[:cut], text[cut:]) for cut in range(len(text) + 1)]
    found = [ids.order_id(customer, key) for customer, key in pairs]
    assert len(set(found)) == len(found)
    assert all(order_id.startswith("ord_") and len(order_id) == 30 for order_id in found)


def test_an_order_id_cannot_be_told_without_the_secret():
    ids = [OrderIds(lambda secret=secret: secret).order_id("cust-1", "key") for secret in ("one", "two")]
    assert ids[0] != ids[1]


def test_a_retry_is_the_same_order_and_its_event_is_published_again_until_it_has_arrived(api):
    first, again = api.place(key=KEY), api.place(key=KEY)
    assert again.body == first.body
    assert api.bus.entries[0] == api.bus.entries[1]
    api.hears(api.bus.events[0])
    late = api.place(key=KEY)
    assert (late.status, late.body) == (202, {**first.body, "status": "pending"})
    assert len(api.bus.entries) == 2


def test_a_key_with_another_body_is_refused(api):
    api.place(key=KEY)
    other = api.place({**ORDER, "items": [{"sku": "book-1", "quantity": 3}]}, key=KEY)
    assert (other.status, other.body["type"]) == (422, "urn:orderwire:problem:key-reused")
    api.hears(*api.bus.events)
    assert api.place({**ORDER, "payment_token": "tok_other"}, key=KEY).status == 422
    assert len(api.bus.entries) == 1


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"expected_total": 59.98}, 409),
        ({"expected_total": 69.98, "payment_token": "tok_other"}, 409),
        ({"items": [{"sku": "book-9", "quantity": 2}]}, 422),
        ({"items": [{"sku": "book-1", "quantity": 3}], "expected_total": 69.98}, 409),
    ],
)
def test_whoever_tries_keys_is_told_the_same_of_a_key_that_is_known_and_of_one_that_is_not(api, change, status):
    api.place(key=KEY)
    change_price(api, "book-1", "30.00")  # or the stored total would tell
    tried = {**ORDER, "customer_email": "mallory@example.com", **change}
    known, unknown = api.place(tried, key=KEY), api.place(tried, key="another-key-of-it")
    assert (known.status, known.body) == (status, unknown.body) == (unknown.status, unknown.body)
    assert api.bus.types == ["order.created"]


class AskedWithNote(OrderAsked):
    """As a further field of POST /orders and order.created would be."""

    doorbell: str | None = None


class CreatedWithNote(OrderCreated, detail_type="order.created", source=OrderCreated.SOURCE, listed=False):
    doorbell: str | None = None


def test_a_further_field_is_part_of_what_a_retry_must_repeat_without_anybody_listing_it():
    one, other = (AskedWithNote.model_validate({**ORDER, "doorbell": name}) for name in ("Ada", "Mr Babbage"))
    assert request_hash(one) != request_hash(other)
    assert request_hash(CreatedWithNote(**dict(created()), doorbell="Ada")) == request_hash(one)
    assert handed_on(one)["doorbell"] == "Ada"


def test_a_field_that_is_not_there_leaves_the_hash_of_rows_that_an_earlier_release_stored():
    stored = "63133f9d01dd76d93073cc781e4a4bbbd1439200fc42eaeeefec3372223f8449"
    for absent in ({}, {"doorbell": None}):
        assert request_hash(AskedWithNote.model_validate({**ORDER, **absent})) == stored
        assert request_hash(CreatedWithNote(**dict(created()), **absent)) == stored
    assert request_hash(OrderAsked.model_validate({**ORDER, "expected_total": 69.98})) == stored


def unmarked(annotation: Any) -> Any:
    """A field's type without what else is held of it: more is refused of a shopper than of an event that is there."""
    if get_origin(annotation) is Annotated:
        return unmarked(get_args(annotation)[0])
    return (get_origin(annotation), *map(unmarked, get_args(annotation))) if get_args(annotation) else annotation


def test_all_that_a_shopper_asks_for_is_in_the_event_under_the_same_name():
    asked = OrderAsked.model_fields.keys() - NOT_ASKED.keys()
    assert asked | {"items"} == OrderCreated.model_fields.keys() - (NOT_ASKED.keys() - {"items"})
    for name in asked:
        assert unmarked(OrderAsked.model_fields[name].annotation) == unmarked(
            OrderCreated.model_fields[name].annotation
        )


def test_a_total_other_than_expected_is_told_with_both_and_nothing_is_stored(api):
    refused = api.place({**ORDER, "expected_total": 59.98}, key=KEY)
    assert refused.status == 409
    assert (refused.body["expected_total"], refused.body["total"]) == (59.98, 69.98)
    assert api.bus.entries == []
    assert api.place({**ORDER, "expected_total": 69.98}, key=KEY).status == 202


@pytest.mark.parametrize("expected", [69.98, 12.00, 99.99, None], ids=["as then", "as today", "as never", "nothing"])
def test_a_key_that_is_known_answers_for_its_order_whatever_it_costs_today(api, expected):
    first = api.place({**ORDER, "expected_total": 69.98}, key=KEY)
    change_price(api, "book-1", "1.00")
    again = api.place({**ORDER, "expected_total": expected} if expected else ORDER, key=KEY)
    assert (again.status, again.body) == (202, first.body)
    assert api.bus.types == ["order.created"] * 2


def test_when_the_bus_refuses_the_answer_is_503_and_a_retry_places_the_order(api):
    api.bus.outcomes = [REFUSED]
    refused = api.place(key=KEY)
    assert (refused.status, refused.headers["Retry-After"]) == (503, "5")
    assert refused.headers["Content-Type"] == "application/problem+json"
    change_price(api, "book-1", "1.00")
    assert api.place(key=KEY).body["total"] == 69.98
    assert api.bus.types == ["order.created"]


def test_the_log_says_why_the_bus_refused(api, caplog):
    api.bus.outcomes = [REFUSED]
    api.place()
    assert caplog.records[-1].cause.endswith(": AccessDeniedException")


def test_a_request_without_a_key_is_told_one_that_makes_its_retry_the_same_order(api):
    api.bus.outcomes = [UNHEARD] * 100
    refused = api.place()
    assert refused.status == 503
    assert "may have been taken all the same. Repeat the request with this Idempotency-Key" in refused.body["detail"]
    api.bus.outcomes = []
    assert api.place(key=refused.body["idempotency_key"]).status == 202
    assert len({entry["Detail"] for entry in api.bus.entries}) == 1


def test_an_order_without_a_key_whose_storing_was_not_answered_is_found_and_published():
    bus = FakeBus()
    edges = edges_with(FakeDynamoDB(), bus)
    edges.clients.dynamodb.faults = iter([REPEATED])
    row = place_order(edges, OrderIds.of(edges), ASKED, None, ORIGIN)
    assert [each.data.order_id for each in bus.events] == [row.order_id]


def test_an_order_that_was_never_published_expires_later_than_any_queue_would_bring_it(api):
    order_id = api.place().body["order_id"]
    stored = api.row(order_id)
    assert stored.expires_at == int(api.time.now.timestamp()) + 30 * 24 * 3600
    api.hears(*api.bus.events)
    assert api.row(order_id).expires_at is None


def test_a_retry_that_finds_an_expired_order_still_there_publishes_what_was_stored(api):
    api.place(key=KEY)
    api.time.advance(31 * 24 * 3600)
    assert api.place(key=KEY).status == 202
    assert api.bus.entries[0] == api.bus.entries[1]


def test_a_retry_that_finds_only_what_followed_from_the_order_is_asked_to_come_again(api):
    order_id = OrderIds.of(api.edges).order_id("cust-1", KEY)
    api.hears(event(InventoryReserved(order_id=order_id, items=[ItemQuantity(sku="book-1", quantity=2)])))
    answer = api.place(key=KEY)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")


def test_the_payment_token_and_the_address_are_in_no_answer(api):
    answer = api.place(
        {**ORDER, "payment_token": "tok_unseen", "customer_email": "unseen@example.com"}, key="unseen-by-anybody"
    )
    order = api.get(answer.headers["Location"])
    timeline = api.get(f"{answer.headers['Location']}/timeline")
    assert "unseen" not in json.dumps([answer.body, order.body, timeline.body])


outcomes = st.sampled_from([TAKEN, REFUSED, UNHEARD])


@given(
    st.lists(st.tuples(outcomes, st.integers(100, 9999), st.booleans()), min_size=1, max_size=6),
    st.lists(st.sampled_from([FINE, LOST])),
)
def test_however_often_a_request_is_repeated_and_whatever_fails_there_is_one_order_with_one_event(attempts, faults):
    bus = FakeBus()
    edges = edges_with(FakeDynamoDB(), bus)
    edges.clients.dynamodb.faults = iter(faults)
    ids, seen = OrderIds.of(edges), set()
    for outcome, cents, is_today in attempts:
        bus.outcomes = [outcome]
        set_price(edges.clients.dynamodb, cents)
        asked = ASKED.model_copy(update={"expected_total": 2 * Decimal(cents) / 100 + 10 if is_today else Decimal(1)})
        try:
            row = place_order(edges, ids, asked, "key", ORIGIN)
        except (HttpProblem, ReadTimeoutError) as error:
            nothing_was_ordered = getattr(error, "status", None) == 409
            assert not (nothing_was_ordered and edges.clients.dynamodb.tables.get("orderwire-test-orders"))
            continue
        seen.add((row.order_id, row.total))
        assert bus.types
    assert len(seen) <= 1
    assert len({entry["Detail"] for entry in bus.entries}) <= 1
    if bus.events:
        assert bus.events[0].data.total == Orders(edges).get(bus.events[0].data.order_id).total


@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from([False] * 9 + [True])), max_size=30))
def test_the_same_request_three_times_at_once_is_one_order_even_if_some_of_them_die(schedule):
    bus = FakeBus()
    edges = edges_with(SteppedDynamoDB(), bus)
    ids, seen = OrderIds.of(edges), []
    attempts = [Attempt(lambda: seen.append(place_order(edges, ids, ASKED, "key", ORIGIN))) for _ in range(3)]
    move_all(attempts, schedule)
    assert {type(attempt.error) for attempt in attempts} <= {type(None), Crash}
    place_order(edges, ids, ASKED, "key", ORIGIN)
    assert len({row.order_id for row in seen}) <= 1
    assert len({entry["Detail"] for entry in bus.entries}) == 1


def edges_with(dynamodb: FakeDynamoDB, bus: FakeBus) -> Edges:
    """Edges with the products in stock."""
    edges = fake_edges(events=bus, secrets=OneSecret())
    stock_up(edges)
    dynamodb.tables = edges.clients.dynamodb.tables
    edges.clients.dynamodb = dynamodb
    return edges


class OneSecret:
    """Secrets Manager with one secret."""

    def get_secret_value(self, SecretId):  # noqa: N803
        return {"SecretString": f"of {SecretId}"}


def set_price(dynamodb: FakeDynamoDB, cents: int) -> None:
    dynamodb.tables["orderwire-test-catalog"]["book-1"]["price"] = {"N": str(Decimal(cents) / 100)}
