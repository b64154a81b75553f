"""Events as Python builds them: ids, wire form, what a producer may and may not say."""

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.envelope import REGISTRY, EventData, follow_up, new_event
from schemas.events import InventoryLowStock, OrderCancelled, OrderCreated, OrderItem, OrderShipped, PaymentFailed
from schemas.types import Quantity, format_time, parse_money, parse_time, parse_whole
from tests.support.edges import NOON
from tests.support.events import created, event
from tests.support.schemas.strategies import DATA, any_event, word


@pytest.mark.parametrize("number", [19.99, Decimal("19.99"), Decimal("19.990"), 1999 / 100])
def test_money_is_a_decimal_of_whole_cents(number):
    assert str(parse_money(number)) == "19.99"


NO_MONEY = [-0.01, 1.005, 0.1 + 0.2, 10**400, 1_000_000_000, True, "19.99", None, [1]]
NO_NUMBER = [*map(float, ("nan", "inf")), *map(Decimal, ("NaN", "sNaN", "Infinity"))]


@pytest.mark.parametrize("number", NO_MONEY + NO_NUMBER)
def test_what_is_no_amount_of_money_is_refused(number):
    with pytest.raises(ValueError, match=r"must (be|have)"):
        parse_money(number)


def test_nothing_is_nothing_whatever_its_sign():
    assert [str(parse_money(zero)) for zero in (0, -0.0, Decimal("-0"), 1e-400)] == ["0.00"] * 4


@given(st.integers(0, 99_999_999_999))
def test_money_survives_the_way_through_a_double_to_the_cent(cents):
    amount = Decimal(cents) / 100
    assert parse_money(json.loads(json.dumps(float(amount)))) == amount


@pytest.mark.parametrize(("number", "whole"), [(2, 2), (2.0, 2), (Decimal("2.00"), 2), (1e3, 1000), (10**30, 10**30)])
def test_a_whole_number_may_be_written_with_a_point(number, whole):
    assert parse_whole(number) == whole


@pytest.mark.parametrize("number", [1.5, True, "2", None, float("nan"), float("inf"), Decimal("NaN")])
def test_what_is_no_whole_number_is_refused(number):
    with pytest.raises(ValueError, match="must be a whole number"):
        parse_whole(number)


def test_a_moment_of_any_zone_is_written_as_utc_to_the_millisecond():
    there = datetime(2026, 11, 20, 10, 30, 0, 123999, tzinfo=timezone(timedelta(hours=1)))
    assert format_time(there) == "2026-11-20T09:30:00.123Z"
    assert parse_time(there) == parse_time("2026-11-20T09:30:00.123Z")
    assert parse_time(there).tzinfo is UTC


@pytest.mark.parametrize("moment", [datetime(2026, 11, 20), datetime(1999, 12, 31, tzinfo=UTC), 1763631000, None])
def test_a_moment_without_zone_or_outside_the_years_2000_to_2999_is_refused(moment):
    with pytest.raises(ValueError, match="must be a UTC time"):
        parse_time(moment)


@given(any_event, any_event)
def test_the_id_of_an_event_follows_from_its_type_and_key_and_nothing_else(one, other):
    retold = new_event(one.data, at=NOON, correlation_id="other", causation_id="other", test=True)
    assert retold.event_id == one.event_id
    same = (one.type, key_of(one)) == (other.type, key_of(other))
    assert (one.event_id == other.event_id) == same


def key_of(each):
    return [getattr(each.data, field) for field in each.data.KEY]


def test_the_id_of_an_event_never_changes():
    assert OrderCreated.id_for("ord_1") == "21e97640-9c79-5359-b050-9f062f70fabb"
    assert created("ord_1").event_id() == OrderCreated.id_for("ord_1")
    assert created("ord_1", total=Decimal("0.01")).event_id() == OrderCreated.id_for("ord_1")
    low = InventoryLowStock(order_id="ord_1", sku="book-1", on_hand=1, threshold=2)
    assert low.event_id() == InventoryLowStock.id_for("ord_1", "book-1")


@given(word("_-", 64), word("_-", 64))
def test_no_two_keys_run_together_into_one_id(order_id, sku):
    assert InventoryLowStock.id_for(order_id, sku) != InventoryLowStock.id_for(order_id + sku, "")
    assert InventoryLowStock.id_for(order_id, sku) != InventoryLowStock.id_for(sku + order_id, "")


@given(any_event)
def test_the_same_event_is_the_same_text(each):
    retold = new_event(
        type(each.data)(**dict(each.data)),
        at=each.metadata.occurred_at,
        correlation_id=each.metadata.correlation_id,
        causation_id=each.metadata.causation_id,
        traceparent=each.metadata.traceparent,
        test=bool(each.metadata.test),
    )
    assert retold.to_json() == each.to_json()


def test_an_event_is_written_without_what_it_does_not_say():
    detail = json.loads(event(OrderCancelled(order_id="ord_1")).to_json())
    assert detail["data"] == {"order_id": "ord_1"}
    assert set(detail["metadata"]) == {
        *("event_id", "version", "occurred_at", "producer", "correlation_id", "causation_id")
    }


def test_an_event_emitted_for_a_replayed_one_says_so_and_is_the_same_otherwise():
    shipped = event(OrderShipped(order_id="ord_1"))
    marked = shipped.marked_replay()
    assert (shipped.metadata.replay, marked.metadata.replay) == (None, True)
    assert json.loads(marked.to_json())["metadata"].pop("replay") is True
    assert marked.event_id == shipped.event_id
    assert marked.marked_replay() == marked


def test_a_follow_up_keeps_correlation_trace_and_test_mark_and_names_its_cause():
    trace = f"00-{'a' * 32}-{'b' * 16}-01"
    cause = event(created(), traceparent=trace, test=True)
    effect = follow_up(cause, PaymentFailed(order_id="ord_1", amount=Decimal(1), currency="EUR", reason="no"), NOON)
    assert effect.metadata.causation_id == cause.event_id
    assert effect.metadata.correlation_id == cause.metadata.correlation_id
    assert (effect.metadata.traceparent, effect.metadata.test) == (trace, True)
    assert effect.metadata.producer == PaymentFailed.SOURCE


@pytest.mark.parametrize("contract", DATA, ids=lambda contract: contract.DETAIL_TYPE)
def test_a_producer_publishes_no_field_that_the_contract_does_not_have(contract):
    with pytest.raises(ValidationError, match="colour"):
        contract(order_id="ord_1", colour="red")


def test_an_item_has_no_field_that_the_contract_does_not_have_either():
    with pytest.raises(ValidationError, match="isbn"):
        OrderItem(sku="book-1", name="Emma", quantity=1, unit_price=Decimal(1), isbn="9780141439587")


@pytest.mark.parametrize("quantity", [0, 1000, True, "1"])
def test_an_item_is_ordered_one_to_999_times(quantity):
    with pytest.raises(ValidationError, match="quantity"):
        OrderItem(sku="book-1", name="Emma", quantity=quantity, unit_price=Decimal(1))


def test_an_event_cannot_be_changed():
    with pytest.raises(ValidationError, match="frozen"):
        event(created()).data.total = Decimal(0)


def test_two_classes_cannot_declare_the_same_event():
    with pytest.raises(TypeError, match=r"Impostor and OrderShipped both declare order\.shipped v1"):

        class Impostor(EventData, detail_type="order.shipped", source="orderwire.checkout"):
            pass

    assert REGISTRY["order.shipped", 1] is OrderShipped


def test_the_next_major_of_an_event_stands_beside_the_old_one():
    try:

        class OrderShippedAgain(EventData, detail_type="order.shipped", source="orderwire.checkout", version="2.0"):
            parcels: Quantity

        assert REGISTRY["order.shipped", 1] is OrderShipped
        assert REGISTRY["order.shipped", 2] is OrderShippedAgain
        assert OrderShippedAgain.id_for("ord_1") != OrderShipped.id_for("ord_1")
    finally:
        REGISTRY.pop(("order.shipped", 2), None)


def test_an_event_cannot_be_keyed_by_a_field_that_it_does_not_have():
    try:
        with pytest.raises(TypeError, match=r"has no field \['parcel'\] for its key"):

            class ParcelLost(EventData, detail_type="parcel.lost", source="orderwire.checkout", key=("parcel",)):
                pass

    finally:
        REGISTRY.pop(("parcel.lost", 1), None)
