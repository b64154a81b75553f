"""What an event means for a reservation and for stock, as pure functions."""

from decimal import Decimal

import pytest

from consumers.decisions.inventory import decide, needed
from schemas.events import (
    InventoryReleased,
    InventoryReserved,
    ItemQuantity,
    OrderCancelled,
    OrderItem,
    OrderShipped,
    PaymentFailed,
    Shortage,
)
from tables.conflicts import Conflict
from tables.reservations import ReservationRow
from tables.stock import StockRow
from tests.support.edges import NOON
from tests.support.events import ORDER, TOTAL, created, event

CANCELLED = event(OrderCancelled(order_id=ORDER))
FAILED = event(PaymentFailed(order_id=ORDER, amount=TOTAL, currency="EUR", reason="card_declined"))
SHIPPED = event(OrderShipped(order_id=ORDER))
NEW = ReservationRow(order_id=ORDER)


def order_of(*lines):
    items = [OrderItem(sku=sku, name=sku, quantity=number, unit_price=Decimal("9.99")) for sku, number in lines]
    return event(created(items=items))


def shelf(**on_hand):
    return {sku: StockRow(sku=sku, on_hand=number, version=1) for sku, number in on_hand.items()}


def play(events, stock, row=NEW):
    """Row and stock after the events, and all that is published."""
    for each in events:
        decision = decide(row, each, {sku: stock[sku] for sku in needed(row, each) if sku in stock}, NOON)
        row, stock = decision.reservation, {**stock, **decision.stock}
    return row, stock, [stored.event().data for stored in row.events]


def counts(stock):
    return {sku: (row.on_hand, row.reserved, row.shipped) for sku, row in stock.items()}


def test_all_items_are_set_aside_when_all_are_there():
    row, stock, told = play([order_of(("a", 2), ("b", 1))], shelf(a=2, b=5))
    items = [ItemQuantity(sku="a", quantity=2), ItemQuantity(sku="b", quantity=1)]
    assert counts(stock) == {"a": (0, 2, 0), "b": (4, 1, 0)}
    assert (row.state, row.items) == ("reserved", items)
    assert told == [InventoryReserved(order_id=ORDER, items=items)]


def test_no_item_is_set_aside_when_one_is_short_and_the_short_ones_are_named():
    row, stock, told = play([order_of(("a", 2), ("b", 6), ("unheard-of", 1))], shelf(a=2, b=5))
    assert counts(stock) == {"a": (2, 0, 0), "b": (5, 0, 0)}
    assert row.state == "rejected"
    assert told[0].items == [
        Shortage(sku="b", requested=6, available=5),
        Shortage(sku="unheard-of", requested=1, available=0),
    ]


def test_several_lines_of_one_product_are_asked_for_together():
    assert play([order_of(("a", 2), ("b", 1), ("a", 2))], shelf(a=3, b=1))[0].state == "rejected"
    _, stock, told = play([order_of(("a", 2), ("b", 1), ("a", 2))], shelf(a=4, b=1))
    assert counts(stock) == {"a": (0, 4, 0), "b": (0, 1, 0)}
    assert told[0].items == [ItemQuantity(sku="a", quantity=4), ItemQuantity(sku="b", quantity=1)]


def test_the_largest_order_that_the_contract_allows_can_be_rejected_and_reserved():
    largest = order_of(*[("a", 999)] * 50)
    assert play([largest], shelf(a=49_949))[0].state == "rejected"
    assert play([largest], shelf(a=49_950))[0].state == "reserved"


def test_a_rejected_order_is_not_revived_by_later_stock():
    row, _, _ = play([order_of(("a", 1))], shelf(a=0))
    again, stock, told = play([order_of(("a", 1))], shelf(a=9), row)
    assert again == row
    assert counts(stock) == {"a": (9, 0, 0)}
    assert len(told) == 1


@pytest.mark.parametrize("call_off", [CANCELLED, FAILED], ids=["cancelled", "payment failed"])
def test_an_order_that_is_called_off_gives_its_items_back_once(call_off):
    row, stock, told = play([order_of(("a", 2)), call_off, call_off, CANCELLED, FAILED], shelf(a=3))
    assert counts(stock) == {"a": (3, 0, 0)}
    assert row.state == "released"
    assert [type(each) for each in told] == [InventoryReserved, InventoryReleased]


@pytest.mark.parametrize("call_off", [CANCELLED, FAILED], ids=["cancelled", "payment failed"])
def test_an_order_that_was_called_off_before_it_came_takes_nothing_and_says_nothing(call_off):
    row, stock, told = play([call_off, order_of(("a", 2)), order_of(("a", 2)), call_off], shelf(a=3))
    assert counts(stock) == {"a": (3, 0, 0)}
    assert (row.state, told) == ("dropped", [])


@pytest.mark.parametrize("call_off", [CANCELLED, FAILED], ids=["cancelled", "payment failed"])
def test_calling_off_a_rejected_order_changes_no_stock_and_says_nothing(call_off):
    row, stock, told = play([order_of(("a", 2)), call_off], shelf(a=1))
    assert counts(stock) == {"a": (1, 0, 0)}
    assert (row.state, len(told)) == ("rejected", 1)


def test_what_is_shipped_leaves_the_house_whichever_event_comes_first():
    for events in ([order_of(("a", 2)), SHIPPED, SHIPPED], [SHIPPED, SHIPPED, order_of(("a", 2))]):
        row, stock, told = play(events, shelf(a=3))
        assert counts(stock) == {"a": (1, 0, 2)}
        assert row.state == "shipped"
        assert [type(each) for each in told] == [InventoryReserved]


def test_an_order_that_cannot_be_filled_is_not_shipped_from_nothing():
    row, stock, _ = play([SHIPPED, order_of(("a", 2))], shelf(a=1))
    assert (row.state, counts(stock)) == ("rejected", {"a": (1, 0, 0)})


def test_low_stock_is_told_when_a_reservation_crosses_the_threshold_and_not_below_it():
    def told(on_hand, quantity):
        stock = {"a": StockRow(sku="a", on_hand=on_hand, threshold=3)}
        _, _, events = play([order_of(("a", quantity))], stock)
        return [(each.sku, each.on_hand, each.threshold) for each in events[1:]]

    assert told(5, 1) == []
    assert told(5, 2) == []  # three left are not fewer than three
    assert told(5, 3) == [("a", 2, 3)]
    assert told(3, 1) == [("a", 2, 3)]
    assert told(2, 1) == []  # was told when it was crossed


def test_low_stock_is_told_to_everybody_even_if_a_smoke_order_crossed_the_threshold():
    row, _, _ = play([event(order_of(("a", 3)).data, test=True)], {"a": StockRow(sku="a", on_hand=5, threshold=3)})
    assert [(each.type, each.event().metadata.test) for each in row.events] == [
        ("inventory.reserved", True),
        ("inventory.low_stock", None),
    ]


def test_an_event_knows_what_caused_it_and_keeps_the_smoke_mark():
    order = event(order_of(("a", 1)).data, test=True)
    row, _, _ = play([order], shelf(a=1))
    metadata = row.events[0].event().metadata
    assert (metadata.causation_id, metadata.occurred_at, metadata.test) == (order.event_id, NOON, True)


@pytest.mark.parametrize("ended", [CANCELLED, SHIPPED], ids=["released", "shipped"])
def test_stock_that_was_read_after_somebody_else_ended_the_reservation_is_a_conflict_and_no_failure(ended):
    items = [ItemQuantity(sku="one", quantity=2)]
    reserved = NEW.with_(items=items, state="reserved")
    with pytest.raises(Conflict):
        decide(reserved, ended, shelf(one=5), NOON)
