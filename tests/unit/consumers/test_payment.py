"""Payment at work: on moto with the sandbox, an order at a time."""

from datetime import timedelta
from decimal import Decimal

import pytest

from consumers.decisions.payment import charge_of, heard
from consumers.payment import CONSUMER, LEASE, PaymentConsumer
from consumers.providers.port import ProviderRefused
from consumers.providers.sandbox import Sandbox
from consumers.runner.errors import Hopeless, TryLater
from schemas.events import (
    InventoryRejected,
    InventoryReserved,
    ItemQuantity,
    OrderCancelled,
    OrderRefunded,
    PaymentCompleted,
    PaymentFailed,
    PaymentRefunded,
    PaymentVoided,
    Shortage,
)
from tables.payments import Payments
from tables.sandbox_ledger import SandboxLedger
from tests.support.dynamodb import fake_edges
from tests.support.edges import FakeTime, moto_edges
from tests.support.events import ORDER, TOTAL, created, delivery, event

PLACED = event(created())
RESERVED = event(InventoryReserved(order_id=ORDER, items=[ItemQuantity(sku="book-1", quantity=2)]))
REJECTED = event(InventoryRejected(order_id=ORDER, items=[Shortage(sku="book-1", requested=2, available=1)]))
CANCELLED = event(OrderCancelled(order_id=ORDER))
REFUND_ASKED = event(OrderRefunded(order_id=ORDER, amount=TOTAL, currency="EUR"))
MONEY = {"order_id": ORDER, "amount": TOTAL, "currency": "EUR"}
PAID = {**MONEY, "method": "card", "reference": f"sandbox-{ORDER}"}


@pytest.fixture(scope="module")
def moto():
    with moto_edges() as edges:
        yield edges


@pytest.fixture
def edges(moto):
    """Each test has the tables to itself."""
    for table in (Payments.TABLE, SandboxLedger.TABLE):
        name = moto.settings.name(table.name)
        for item in moto.clients.dynamodb.scan(TableName=name)["Items"]:
            moto.clients.dynamodb.delete_item(TableName=name, Key={table.key: item[table.key]})
    return moto


def play(edges, *events):
    """The data of what is published when the events come in this order."""
    consumer = PaymentConsumer(edges)
    return [told.data for each in events for told in consumer(delivery(each))]


def entry(edges):
    return next(Sandbox(edges).ledger(), None)


def totals(edges):
    found = entry(edges)
    return (found.authorised, found.captured, found.voided, found.refunded) if found else None


@pytest.mark.parametrize("order", [(PLACED, RESERVED), (RESERVED, PLACED)], ids=["placed first", "reserved first"])
def test_an_order_is_charged_its_total_once_it_is_placed_and_reserved(edges, order):
    assert play(edges, *order) == [PaymentCompleted(**PAID)]
    assert totals(edges) == (TOTAL, TOTAL, 0, 0)


def test_an_order_that_is_not_reserved_is_only_authorised(edges):
    assert play(edges, PLACED) == []
    assert totals(edges) == (TOTAL, 0, 0, 0)


def test_a_rejected_order_gives_its_authorisation_up(edges):
    assert play(edges, PLACED, REJECTED) == [PaymentVoided(**MONEY, reference=f"sandbox-{ORDER}")]
    assert totals(edges) == (TOTAL, 0, TOTAL, 0)


@pytest.mark.parametrize("first", [REJECTED, CANCELLED], ids=["rejected", "cancelled"])
def test_an_order_called_off_before_it_is_heard_of_is_never_authorised(edges, first):
    assert play(edges, first, PLACED, RESERVED, PLACED) == []
    assert entry(edges) is None


def test_an_order_cancelled_before_its_capture_is_never_charged(edges):
    assert play(edges, PLACED, CANCELLED, RESERVED) == [PaymentVoided(**MONEY, reference=f"sandbox-{ORDER}")]
    assert totals(edges) == (TOTAL, 0, TOTAL, 0)


@pytest.mark.parametrize("reasons", [(CANCELLED,), (REFUND_ASKED,), (CANCELLED, REFUND_ASKED)])
def test_a_charged_order_gets_its_money_back_exactly_once(edges, reasons):
    assert play(edges, PLACED, RESERVED, *reasons) == [PaymentCompleted(**PAID), PaymentRefunded(**PAID)]
    assert totals(edges) == (TOTAL, TOTAL, 0, TOTAL)


def test_a_declined_card_fails_the_payment_and_nothing_is_charged(edges):
    placed = event(created(payment_token="tok_declined"))
    assert play(edges, placed, RESERVED, CANCELLED) == [PaymentFailed(**MONEY, reason="card_declined")]
    assert totals(edges) == (0, 0, 0, 0)


def test_an_order_on_account_is_completed_by_invoice_and_no_provider_hears_of_it(edges):
    invoice = {**MONEY, "method": "invoice", "reference": f"invoice-{ORDER}"}
    placed = event(created(payment_token="on_account"))
    assert play(edges, placed, RESERVED, REFUND_ASKED) == [PaymentCompleted(**invoice), PaymentRefunded(**invoice)]
    assert entry(edges) is None


def test_a_cancelled_order_on_account_is_voided(edges):
    placed = event(created(payment_token="on_account"))
    assert play(edges, placed, CANCELLED, RESERVED) == [PaymentVoided(**MONEY, reference=f"invoice-{ORDER}")]


def test_a_flaky_card_works_in_the_end(edges):
    consumer, placed = PaymentConsumer(edges), event(created(payment_token="tok_flaky"))
    for _ in range(2):
        with pytest.raises(TryLater, match="authorise: the sandbox is flaky"):
            consumer(delivery(placed))
    assert consumer(delivery(placed)) == []
    assert [told.type for told in consumer(delivery(RESERVED))] == ["payment.completed"]


def test_an_answer_that_was_lost_is_found_and_not_asked_for_again(edges):
    consumer, placed = PaymentConsumer(edges), event(created(payment_token="tok_lost"))
    with pytest.raises(TryLater, match="authorise"):
        consumer(delivery(placed))
    with pytest.raises(TryLater, match="capture"):
        consumer(delivery(RESERVED))
    assert [told.type for told in consumer(delivery(RESERVED))] == ["payment.completed"]
    operations = SandboxLedger(edges).get(ORDER).operations
    assert {key: each.attempts for key, each in operations.items()} == {f"authorise-{ORDER}": 1, f"capture-{ORDER}": 1}


def test_a_duplicate_tells_again_what_it_led_to_and_nothing_else(edges):
    consumer = PaymentConsumer(edges)
    assert consumer(delivery(PLACED)) == []
    (first,) = consumer(delivery(RESERVED))
    stored = Payments(edges).get(ORDER)
    assert [each.to_json() for each in consumer(delivery(RESERVED))] == [first.to_json()]
    assert consumer(delivery(PLACED)) == []
    assert Payments(edges).get(ORDER) == stored
    assert first.metadata.causation_id == RESERVED.event_id


def test_a_replay_changes_no_row_and_no_ledger(edges):
    play(edges, PLACED, RESERVED, REFUND_ASKED)
    before = Payments(edges).get(ORDER), SandboxLedger(edges).get(ORDER)
    consumer = PaymentConsumer(edges)
    for each in (REFUND_ASKED, PLACED, RESERVED):
        consumer(delivery(each, replayed=True))
    assert (Payments(edges).get(ORDER), SandboxLedger(edges).get(ORDER)) == before


def test_what_follows_from_a_test_order_is_marked_as_test(edges):
    consumer = PaymentConsumer(edges)
    consumer(delivery(event(created(), test=True)))
    (told,) = consumer(delivery(event(RESERVED.data, test=True)))
    assert told.metadata.test


class AsOf:
    """Chooses and remembers whom it was asked for."""

    def __init__(self, provider):
        self.provider, self.asked = provider, []

    def of(self, *, test):
        self.asked.append(test)
        return self.provider


@pytest.mark.parametrize("test", [True, False])
def test_whether_an_order_is_a_test_decides_where_it_pays_for_good(edges, test):
    pays_at = AsOf(Sandbox(edges))
    consumer = PaymentConsumer(edges, pays_at)
    consumer(delivery(event(created(), test=test)))
    consumer(delivery(RESERVED))  # does not say it itself
    assert pays_at.asked == [test, test]


def abandoned(edges, cause, time, action_done=False):
    """An attempt at `cause` that died, before or after the provider did what it had claimed."""
    Payments(edges).change(ORDER, lambda row: heard(row, cause, "dead", time.now, LEASE))
    if action_done:
        Sandbox(edges).authorise(charge_of(Payments(edges).get(ORDER)))


def test_another_event_need_not_wait_for_a_claim_but_the_event_that_made_it_must():
    time = FakeTime()
    edges = fake_edges(time=time)
    abandoned(edges, PLACED, time)
    consumer = PaymentConsumer(edges)
    assert consumer(delivery(RESERVED)) == []
    with pytest.raises(TryLater, match="an earlier attempt at this event claimed to authorise"):
        consumer(delivery(PLACED))
    assert SandboxLedger(edges).get(ORDER) is None


@pytest.mark.parametrize("action_done", [True, False])
def test_a_stale_claim_is_settled_by_asking_and_the_order_goes_on(action_done):
    time = FakeTime()
    edges = fake_edges(time=time)
    abandoned(edges, PLACED, time, action_done)
    PaymentConsumer(edges)(delivery(RESERVED))
    time.advance(LEASE.total_seconds() + 1)
    assert [told.type for told in PaymentConsumer(edges)(delivery(PLACED))] == ["payment.completed"]
    assert SandboxLedger(edges).get(ORDER).operations[f"authorise-{ORDER}"].attempts == 1


def test_an_attempt_cannot_outlive_its_lease():
    assert timedelta(seconds=CONSUMER.timeout) < LEASE


class Refusing:
    def of(self, *, test):
        return self

    def authorise(self, charge):
        raise ProviderRefused("InvalidRequestError 400 parameter_unknown")


def test_what_the_provider_refuses_for_good_is_hopeless_and_leaves_a_doubt():
    edges = fake_edges()
    with pytest.raises(Hopeless, match="authorise refused: InvalidRequestError 400 parameter_unknown"):
        PaymentConsumer(edges, Refusing())(delivery(PLACED))
    claim = Payments(edges).get(ORDER).claim
    assert (claim.by, claim.uncertain) == (None, True)


@pytest.mark.parametrize("token", ["tok_flaky", "tok_lost"])
def test_an_error_never_names_the_payment_token(token):
    with pytest.raises(TryLater) as told:
        PaymentConsumer(fake_edges())(delivery(event(created(payment_token=token))))
    assert "tok_" not in str(told.value)


def test_two_orders_do_not_touch_each_other(edges):
    other = event(created("ord_other", total=Decimal("20.00")))
    play(edges, PLACED, other, RESERVED)
    assert {each.order_id: each.captured for each in Sandbox(edges).ledger()} == {ORDER: TOTAL, "ord_other": 0}


def test_payment_hears_and_publishes_what_the_saga_says():
    assert {contract.DETAIL_TYPE for contract in CONSUMER.hears} == {
        "order.created", "inventory.reserved", "inventory.rejected", "order.cancelled", "order.refunded",
    }  # fmt: skip
    assert {contract.DETAIL_TYPE for contract in CONSUMER.publishes} == {
        "payment.completed", "payment.failed", "payment.voided", "payment.refunded",
    }  # fmt: skip
