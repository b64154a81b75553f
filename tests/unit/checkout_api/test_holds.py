"""Copies that are set aside for an order nobody pays come back by themselves, and those of any other order do not."""

from datetime import timedelta

import pytest

from checkout_api.orders.holds import REASON, Hold, end_hold, trying_since
from checkout_api.sweep import Sweep, SweepIncomplete, sweep_holds
from consumers.inventory import InventoryConsumer
from consumers.payment import PaymentConsumer
from consumers.providers.port import Unavailable
from consumers.providers.sandbox import Sandbox
from consumers.runner.errors import TryLater
from schemas.events import InventoryReserved, ItemQuantity
from tables.order_row import fold, placing_row
from tables.orders import Orders
from tables.payments import PaymentClaim, PaymentRow, Payments
from tables.stock import Stock
from tests.support.checkout_api.api import ORDER, running_api
from tests.support.edges import NOON
from tests.support.events import TOTAL, created, delivery, event, one_of_each
from tests.support.services.bus import REFUSED

PLACED = event(created())
RESERVED = event(InventoryReserved(order_id=PLACED.data.order_id, items=[ItemQuantity(sku="book-1", quantity=2)]))


class Away:
    """A provider that nobody reaches."""

    def of(self, test):
        return self

    def __getattr__(self, name):
        def asked(*charge):
            raise Unavailable("nobody is there")

        return asked


@pytest.fixture
def api():
    with running_api() as api:
        yield api


def hears(api, *events, providers=None):
    """The parts of the saga that a hold concerns hear these, and what follows from them."""
    inventory, payment = InventoryConsumer(api.edges), PaymentConsumer(api.edges, providers)
    for each in events:
        api.hears(each)
        followed = list(inventory(delivery(each))) if each.type != "inventory.reserved" else []
        try:
            followed += payment(delivery(each))
        except TryLater:
            assert providers
        hears(api, *(told for told in followed if told.type != "inventory.low_stock"), providers=providers)


def placed(api, providers=None, **changes):
    """The id of an order for two copies that all have heard of."""
    order_id = api.place({**ORDER, **changes}).body["order_id"]
    hears(api, api.bus.events[-1], providers=providers)
    return order_id


def on_hand(api):
    row = Stock(api.edges).get("book-1")
    return row.on_hand, row.reserved


def minutes(api, number):
    api.time.advance(number * 60)


def test_a_hold_that_nobody_pays_for_ends_after_half_an_hour_and_the_copies_are_back(api):
    order_id = placed(api, Away())
    assert on_hand(api) == (8, 2)
    minutes(api, 29)
    assert sweep_holds(api.edges) == 0
    minutes(api, 1)
    assert sweep_holds(api.edges) == 1
    row = api.row(order_id)
    assert (row.status, row.cancel_reason, row.outbox) == ("cancelled", REASON, None)
    assert api.bus.types == ["order.created", "order.cancelled"]
    hears(api, api.bus.events[-1], providers=Away())
    assert on_hand(api) == (10, 0)
    assert sweep_holds(api.edges) == 0


def test_what_is_tried_again_and_again_has_no_more_time(api):
    order_id = placed(api, Away())
    for _ in range(3):
        minutes(api, 10)
        hears(api, api.bus.events[0], providers=Away())
    assert sweep_holds(api.edges) == 1
    assert api.row(order_id).status == "cancelled"


def test_the_stage_says_how_long():
    with running_api(hold_minutes=60) as patient:
        placed(patient, Away())
        minutes(patient, 59)
        assert sweep_holds(patient.edges) == 0
        minutes(patient, 1)
        assert sweep_holds(patient.edges) == 1


def test_an_order_that_is_paid_is_left_alone(api):
    order_id = placed(api)
    minutes(api, 10_000)
    assert (sweep_holds(api.edges), api.row(order_id).status) == (0, "confirmed")


def test_an_order_whose_card_is_refused_needs_no_sweep(api):
    placed(api, payment_token="tok_declined")
    minutes(api, 31)
    assert (sweep_holds(api.edges), on_hand(api)) == (0, (10, 0))


def test_in_an_outage_an_order_whose_turn_has_not_come_keeps_its_copies_and_then_has_its_time(api):
    """Nobody has tried its card: a rush, or a queue that stood still for hours, costs time and no orders."""
    order_id = api.place().body["order_id"]
    api.hears(api.bus.events[0])
    for each in InventoryConsumer(api.edges)(delivery(api.bus.events[0])):
        if each.type == "inventory.reserved":
            api.hears(each)
    minutes(api, 600)
    assert sweep_holds(api.edges) == 0
    hears(api, api.bus.events[0], providers=Away())
    minutes(api, 29)
    assert sweep_holds(api.edges) == 0
    hears(api, api.bus.events[0])  # the provider is back in time
    assert (sweep_holds(api.edges), api.row(order_id).status) == (0, "confirmed")


def test_what_the_provider_takes_after_all_is_given_back(api):
    order_id = placed(api, Away())
    minutes(api, 30)
    sweep_holds(api.edges)
    hears(api, *api.bus.events)
    row = Payments(api.edges).get(order_id)
    assert (row.status, row.claim, row.payment_token) == ("refunded", None, None)
    [kept] = Sandbox(api.edges).ledger()
    assert kept.captured == kept.refunded


def test_a_bus_that_is_away_costs_a_minute_and_the_decision_stands(api):
    order_id = placed(api, Away())
    minutes(api, 30)
    api.bus.outcomes = [REFUSED] * 20
    with pytest.raises(SweepIncomplete, match="1 of 1 holds"):
        sweep_holds(api.edges)
    assert api.row(order_id).status == "cancelled"
    api.bus.outcomes = []
    minutes(api, 1)
    Sweep(lambda: api.edges)()
    assert api.bus.types[-1] == "order.cancelled"
    assert api.row(order_id).outbox is None


def test_holds_end_although_an_outbox_cannot_be_emptied(api):
    order_id = placed(api, Away())
    minutes(api, 30)
    broken = placing_row(event(created("ord_broken")), expires_at=1)
    at = NOON.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    Orders(api.edges).put(broken.with_(outbox={"no-such-event": "?"}, outbox_shard="0", outbox_at=at))
    with pytest.raises(SweepIncomplete, match="1 of 1 outboxes"):
        Sweep(lambda: api.edges)()
    assert api.row(order_id).status == "cancelled"


def test_an_order_that_is_paid_for_between_reading_and_writing_is_not_called_off(api):
    order_id = placed(api, Away())
    minutes(api, 30)
    hold = Hold(api.row(order_id), NOON)
    hears(api, api.bus.events[0])
    assert end_hold(api.edges, hold).status == "confirmed"
    assert api.row(order_id).status == "confirmed"


def order(*events):
    row = None
    for each in events:
        row = fold(row, each)
    return row


LATER = NOON + timedelta(hours=9)


@pytest.mark.parametrize("type_", [each.type for each in one_of_each() if each.type != "inventory.low_stock"])
def test_only_an_order_that_holds_copies_and_waits_for_its_money_is_called_off(type_):
    [one] = [each for each in one_of_each() if each.type == type_]
    still_waits = one.type in {
        "order.created",
        "inventory.reserved",
        "inventory.released",
        "payment.voided",
        "payment.refunded",
    }
    assert Hold(order(PLACED, RESERVED, one), NOON).over(LATER) == still_waits
    assert not Hold(order(PLACED), NOON).over(LATER)


@pytest.mark.parametrize("status", ["failed", "authorised", "captured", "voided", "refunded"])
def test_a_card_that_was_authorised_or_refused_is_tried_no_more(status):
    row = PaymentRow(order_id="ord_1", amount=TOTAL, status=status, first_tried=NOON)
    assert trying_since(row) is None
    assert trying_since(row.with_(status="none")) == NOON


def test_a_row_of_the_release_before_says_it_in_its_claim():
    claim = PaymentClaim(action="authorise", tried=NOON, at=LATER, cause="some-event")
    assert trying_since(PaymentRow(order_id="ord_1", claim=claim)) == NOON
    assert trying_since(PaymentRow(order_id="ord_1")) is None
    assert trying_since(None) is None
