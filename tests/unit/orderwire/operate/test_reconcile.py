"""Reconciliation shows every difference between the payments table and the provider's ledger, and nothing else."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from consumers.payment import PaymentConsumer
from consumers.providers.port import Charge, LedgerEntry
from consumers.providers.sandbox import Sandbox
from consumers.runner.errors import TryLater
from orderwire.console.problem import Problem
from orderwire.operate.differences import OLD, Difference, reconcile
from orderwire.operate.reconcile import differences
from schemas.events import InventoryReserved, ItemQuantity, OrderCancelled
from tables.payments import PaymentClaim, PaymentRow, Payments
from tests.support.edges import NOON, moto_edges
from tests.support.events import ORDER, TOTAL, created, delivery, event

NOTHING = Decimal("0.00")


def row(status, order_id=ORDER, **changes):
    known = {"amount": TOTAL, "currency": "EUR", "method": "card", "reference": "pay_1"}
    return PaymentRow(order_id=order_id, status=status, **{**known, **changes})


def entry(authorised=NOTHING, captured=NOTHING, voided=NOTHING, refunded=NOTHING, order_id=ORDER):
    return LedgerEntry(order_id, "pay_1", "EUR", authorised, captured, voided, refunded)


SAME = [
    (row("none", reference=None), None),
    (row("failed", reference=None), None),
    (row("failed", reference="pay_1"), entry()),
    (row("authorised"), entry(TOTAL)),
    (row("captured"), entry(TOTAL, captured=TOTAL)),
    (row("voided"), entry(TOTAL, voided=TOTAL)),
    (row("refunded"), entry(TOTAL, captured=TOTAL, refunded=TOTAL)),
    (row("captured", method="invoice", reference="invoice-1"), None),
]


@pytest.mark.parametrize(("ours", "theirs"), SAME)
def test_sides_that_agree_show_nothing(ours, theirs):
    assert reconcile([ours], [theirs] if theirs else [], NOON) == []


@pytest.mark.parametrize(("ours", "theirs", "found"), [
    (row("authorised"), entry(TOTAL, captured=TOTAL), [Difference(ORDER, "captured", "0.00", "69.98")]),
    (row("captured"), None,
     [Difference(ORDER, "authorised", "69.98", "0.00"), Difference(ORDER, "captured", "69.98", "0.00")]),
    (None, entry(TOTAL), [Difference(ORDER, "authorised", "0.00", "69.98")]),
    (row("captured"), entry(TOTAL, captured=TOTAL, refunded=Decimal("10.00")),
     [Difference(ORDER, "refunded", "0.00", "10.00")]),
    (row("captured"), replace(entry(TOTAL, captured=TOTAL), currency="USD"),
     [Difference(ORDER, "currency", "EUR", "USD")]),
    (row("captured"), replace(entry(TOTAL, captured=TOTAL), reference="pay_2"),
     [Difference(ORDER, "reference", "pay_1", "pay_2")]),
    (row("captured", method="invoice", reference="pay_1"), entry(TOTAL, captured=TOTAL),
     [Difference(ORDER, "authorised", "0.00", "69.98"), Difference(ORDER, "captured", "0.00", "69.98")]),
])  # fmt: skip
def test_each_total_currency_and_reference_that_differs_is_shown(ours, theirs, found):
    assert reconcile([ours] if ours else [], [theirs] if theirs else [], NOON) == found


def test_an_order_that_was_paid_twice_is_shown_as_such():
    second = replace(entry(TOTAL), reference="pay_2")
    words = "pay_1: authorised 69.98 EUR, pay_1: captured 69.98 EUR, pay_2: authorised 69.98 EUR"
    found = reconcile([row("captured")], [entry(TOTAL, captured=TOTAL), second], NOON)
    assert found == [Difference(ORDER, "paid more than once", "captured", words)]


def test_a_declined_attempt_beside_the_payment_is_no_difference():
    declined = replace(entry(), reference="pay_0")
    assert reconcile([row("captured")], [declined, entry(TOTAL, captured=TOTAL)], NOON) == []


def test_an_order_in_the_middle_of_a_call_is_shown_as_in_progress():
    claim = PaymentClaim(action="capture", tried=NOON, at=NOON, cause="some event", by="me")
    found = reconcile([row("authorised", claim=claim)], [entry(TOTAL, captured=TOTAL)], NOON)
    words = "pay_1: authorised 69.98 EUR, pay_1: captured 69.98 EUR"
    told = "capture under way since 2026-11-20 12:00:00"
    assert found == [Difference(ORDER, "in progress", told, words, in_progress=True)]


def test_a_claim_that_nobody_has_taken_up_for_long_is_a_difference():
    claim = PaymentClaim(action="capture", tried=NOON, at=NOON, cause="some event")
    rows, later = [row("authorised", claim=claim)], NOON + OLD + timedelta(seconds=1)
    (found,) = reconcile(rows, [entry(TOTAL)], later)
    assert (found.what, found.in_progress) == ("left unfinished", False)
    (fresh,) = reconcile(rows, [entry(TOTAL)], NOON + OLD)
    assert fresh.in_progress


def test_differences_come_in_the_order_of_their_orders():
    rows = [row("authorised", order_id=order) for order in ("b", "c", "a")]
    assert [each.order_id for each in reconcile(rows, [], NOON)] == ["a", "b", "c"]


RESERVED = event(InventoryReserved(order_id=ORDER, items=[ItemQuantity(sku="book-1", quantity=2)]))


def test_a_stage_in_which_orders_were_paid_and_called_off_has_no_differences():
    with moto_edges() as edges:
        consumer = PaymentConsumer(edges)
        for token in ("tok_ok", "tok_declined", "on_account"):
            consumer(delivery(event(created(f"ord_{token}", payment_token=token))))
            consumer(delivery(event(RESERVED.data.model_copy(update={"order_id": f"ord_{token}"}))))
        consumer(delivery(event(OrderCancelled(order_id="ord_tok_ok"))))
        assert differences(edges) == []


def test_a_payment_that_was_tampered_with_is_found():
    with moto_edges() as edges:
        consumer = PaymentConsumer(edges)
        consumer(delivery(event(created())))
        Sandbox(edges).capture(Charge(ORDER, TOTAL, "EUR", reference=f"sandbox-{ORDER}"))
        assert differences(edges) == [Difference(ORDER, "captured", "0.00", "69.98")]


def test_an_uncertain_payment_is_in_progress_until_it_is_settled():
    with moto_edges() as edges:
        consumer, placed = PaymentConsumer(edges), event(created(payment_token="tok_lost"))
        with pytest.raises(TryLater):
            consumer(delivery(placed))
        (found,) = differences(edges)
        assert (found.what, found.in_progress) == ("in progress", True)
        assert found.payments == "authorise uncertain since 2026-11-20 12:00:00"
        consumer(delivery(placed))
        assert differences(edges) == []


class Watched:
    """DynamoDB's client, and what happens right after its first scan."""

    def __init__(self, client, then):
        self._client, self._then = client, [then]

    def __getattr__(self, call):
        return getattr(self._client, call)

    def get_paginator(self, operation):
        self._paginator = self._client.get_paginator(operation)
        return self

    def paginate(self, **scan):
        yield from self._paginator.paginate(**scan)
        while self._then:
            self._then.pop()()


def test_an_order_that_moves_between_two_scans_is_no_difference():
    with moto_edges() as edges:
        consumer = PaymentConsumer(edges)
        consumer(delivery(event(created())))
        client = Watched(edges.clients.dynamodb, lambda: consumer(delivery(RESERVED)))
        assert differences(replace(edges, clients=SimpleNamespace(dynamodb=client))) == []
        assert Payments(edges).get(ORDER).status == "captured"


def test_a_provider_that_does_not_answer_is_told_in_a_sentence():
    with moto_edges(payment_provider="stripe", stripe_api="https://127.0.0.1:9") as edges:
        edges.clients.secrets.create_secret(Name=edges.settings.path("stripe-key"), SecretString="sk_test_1")
        with pytest.raises(Problem, match=r"^The payment provider's ledger cannot be read: APIConnectionError"):
            differences(edges)
