"""What Stripe is sent and what its answers mean, with answers in the form of Stripe's API reference.

What localstripe serves is tried there (test_provider_contract.py, and the last test here). Idempotency keys, lookups
within a time, Stripe's error types and currencies are tried with answers given in advance.
"""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st

from consumers.payment import PaymentConsumer
from consumers.providers.choose import Providers
from consumers.providers.port import Charge, LedgerEntry, ProviderAnswer, ProviderRefused, Unavailable
from consumers.providers.sandbox import Sandbox
from consumers.providers.stripe import (
    KeyRefused,
    Stripe,
    entry_of,
    from_minor,
    to_minor,
)
from consumers.runner.errors import TryLater
from schemas.currencies import THOUSANDTHS
from schemas.events import InventoryReserved, ItemQuantity, OrderCancelled
from tables.payments import Payments
from tests.support.edges import NOON, FakeTime, moto_edges
from tests.support.events import ORDER, created, delivery, event
from tests.support.services.dynamodb import fake_edges
from tests.support.services.stripe_servers import Answers, ToLocalStripe, local_stripe

HOME = Path(__file__).parents[4]
CHARGE = Charge("ord_test", Decimal("69.98"), "EUR", "pm_card_visa")
AUTHORISED = Charge("ord_test", Decimal("69.98"), "EUR", reference="pi_1")
HELD = {"id": "ch_1", "object": "charge", "amount": 6998, "amount_captured": 0, "amount_refunded": 0, "captured": False,
        "refunded": False, "status": "succeeded"}  # fmt: skip


def intent(status, charge=HELD, **more):
    return {"id": "pi_1", "object": "payment_intent", "amount": 6998, "currency": "eur", "status": status,
            "metadata": {"order_id": "ord_test", "stage": "test"}, "latest_charge": charge, **more}  # fmt: skip


def listed(*intents):
    return 200, {"object": "list", "url": "/v1/payment_intents", "has_more": False, "data": list(intents)}


def refused(status, **error):
    return status, {"error": {"type": "invalid_request_error", "message": "pm_card_visa of ada@example.com", **error}}


def stripe_with(*answers):
    http = Answers(*answers)
    return Stripe(lambda: "sk_test_12345", "test", "https://api.stripe.com", http), http


def test_a_key_that_was_changed_is_read_again_after_the_old_one_was_refused():
    keys = iter(["sk_test_old", "sk_test_new"])
    http = Answers(refused(401), (200, intent("requires_capture")))
    provider = Stripe(lambda: next(keys), "test", "https://api.stripe.com", http)
    with pytest.raises(Unavailable):
        provider.authorise(CHARGE)
    assert provider.authorise(CHARGE).status == "authorised"
    assert list(keys) == []


def test_the_line_end_that_a_file_leaves_behind_the_key_is_not_sent():
    http = Answers((200, intent("requires_capture")))
    Stripe(lambda: "rk_live_12345\n", "test", "https://api.stripe.com", http).authorise(CHARGE)
    assert http.authorizations == ["Bearer rk_live_12345"]


@pytest.mark.parametrize(
    "stored", ["", '{"key": "sk_live_12345"}', "pk_live_12345", "sk_live_12345\nsk_live_2", "sk_live_ü"]
)
@pytest.mark.parametrize("operation", ["authorise", "capture", "ledger"])
def test_what_is_no_key_is_said_to_be_none_without_a_call_and_without_showing_it(stored, operation):
    http = Answers()
    provider = Stripe(lambda: stored, "test", "https://api.stripe.com", http)
    with pytest.raises(KeyRefused) as refused:
        list(provider.ledger()) if operation == "ledger" else getattr(provider, operation)(AUTHORISED)
    assert str(refused.value).endswith("it should be sk_... or rk_..., and nothing else")
    assert "live" not in str(refused.value)
    assert http.asked == []


def test_an_authorisation_holds_the_exact_amount_under_the_orders_own_key():
    provider, http = stripe_with((200, intent("requires_capture")))
    assert provider.authorise(CHARGE) == ProviderAnswer("authorised", "pi_1")
    assert http.asked == [("post", "/v1/payment_intents", {
        "amount": "6998", "currency": "eur", "payment_method": "pm_card_visa", "capture_method": "manual",
        "allowed_payment_method_types[0]": "card", "confirm": "true", "off_session": "true",
        "metadata[order_id]": "ord_test", "metadata[stage]": "test", "expand[0]": "latest_charge",
    }, "authorise-ord_test")]  # fmt: skip


@pytest.mark.parametrize(("operation", "path", "sent"), [
    ("capture", "/v1/payment_intents/pi_1/capture", {}),
    ("void", "/v1/payment_intents/pi_1/cancel", {}),
    ("refund", "/v1/refunds", {"payment_intent": "pi_1"}),
])  # fmt: skip
def test_each_later_operation_has_a_key_of_its_own_and_reads_where_the_payment_stands(operation, path, sent):
    taken = {**HELD, "captured": True, "amount_captured": 6998}
    after = {
        "capture": intent("succeeded", taken),
        "void": intent("canceled"),
        "refund": intent("succeeded", {**taken, "refunded": True, "amount_refunded": 6998}),
    }
    provider, http = stripe_with((200, {"id": "x", "object": "refund"}), (200, after[operation]))
    status = {"capture": "captured", "void": "voided", "refund": "refunded"}[operation]
    assert getattr(provider, operation)(AUTHORISED) == ProviderAnswer(status, "pi_1")
    assert http.asked[0] == ("post", path, sent, f"{operation}-ord_test")


@pytest.mark.parametrize(("answer", "reason"), [
    (refused(402, type="card_error", code="card_declined", decline_code="stolen_card"), "card_declined"),
    (refused(402, type="card_error", code="authentication_required"), "authentication_required"),
    (refused(400, code="amount_too_small", param="amount"), "amount_too_small"),
    (refused(404, code="resource_missing", param="payment_method"), "resource_missing"),
    (refused(404, code="resource_missing"), "resource_missing"),
    (refused(404, code="resource_missing", param="id"), "resource_missing"),
    (refused(400, code="payment_method_unactivated"), "payment_method_unactivated"),
    (refused(400, code="payment_method_unexpected_state"), "payment_method_unexpected_state"),
    (refused(400, code="payment_method_currency_mismatch"), "payment_method_currency_mismatch"),
    (refused(400, code="payment_intent_payment_attempt_failed"), "payment_intent_payment_attempt_failed"),
    (refused(400, code="token_in_use"), "token_in_use"),
    (refused(400, code="amount_too_large"), "amount_too_large"),
    (refused(400), "invalid_request"),
])  # fmt: skip
def test_what_is_wrong_with_the_card_or_the_amount_fails_the_payment_without_telling_secrets(answer, reason):
    provider, _ = stripe_with(answer)
    assert provider.authorise(CHARGE) == ProviderAnswer("failed", reason=reason)


@pytest.mark.parametrize("answer", [
    stripe.APIConnectionError("timed out"),
    refused(429, code="lock_timeout"),
    refused(500, type="api_error"),
    refused(503, type="api_error"),
    refused(409, type="api_error"),
    (502, "<html>Bad gateway</html>"),
    refused(401),
])  # fmt: skip
def test_what_may_pass_is_unavailable(answer):
    provider, _ = stripe_with(answer)
    with pytest.raises(Unavailable) as told:
        provider.authorise(CHARGE)
    assert "pm_card_visa" not in str(told.value)


@pytest.mark.parametrize("answer", [
    refused(400, code="parameter_unknown", param="capture_method"),
    refused(400, type="idempotency_error"),
])  # fmt: skip
def test_a_request_that_stripe_does_not_understand_is_refused_for_good(answer):
    provider, _ = stripe_with(answer)
    with pytest.raises(ProviderRefused) as told:
        provider.authorise(CHARGE)
    assert "ada@example.com" not in str(told.value)


def test_a_refused_capture_of_an_authorisation_that_expired_answers_voided():
    provider, _ = stripe_with(refused(400, code="payment_intent_unexpected_state"), (200, intent("canceled")))
    assert provider.capture(AUTHORISED) == ProviderAnswer("voided", "pi_1")


def test_a_refused_capture_of_what_could_still_be_captured_is_refused_for_good():
    provider, _ = stripe_with(refused(400, code="capture_unauthorized"), (200, intent("requires_capture")))
    with pytest.raises(ProviderRefused, match="InvalidRequestError 400 capture_unauthorized"):
        provider.capture(AUTHORISED)


def test_a_capture_of_what_stripe_does_not_have_says_so_in_words():
    missing = refused(404, code="resource_missing", param="intent")
    provider, _ = stripe_with(missing, missing)
    with pytest.raises(ProviderRefused, match=r"^InvalidRequestError 404 resource_missing$"):
        provider.capture(AUTHORISED)


@pytest.mark.parametrize("status", ["requires_capture", "processing"])
def test_a_capture_that_shows_no_effect_yet_is_looked_at_later(status):
    provider, _ = stripe_with((200, intent("processing")), (200, intent(status)))
    with pytest.raises(Unavailable):
        provider.capture(AUTHORISED)


def test_a_lookup_without_reference_reads_the_intents_made_about_when_it_was_tried():
    others = [intent("requires_capture", metadata={"order_id": "ord_other", "stage": "test"}, id="pi_2"),
              intent("requires_capture", metadata={"order_id": "ord_test", "stage": "prod"}, id="pi_3"),
              intent("requires_capture", metadata={}, id="pi_4")]  # fmt: skip
    provider, http = stripe_with(listed(*others, intent("requires_payment_method", None), intent("requires_capture")))
    assert provider.lookup(CHARGE, NOON) == ProviderAnswer("authorised", "pi_1")
    asked, noon = http.asked[0][2], int(NOON.timestamp())
    assert (asked["created[gte]"], asked["created[lte]"]) == (str(noon - 120), str(noon + 240))


def test_an_intent_without_an_order_breaks_neither_a_lookup_nor_the_ledger():
    by_hand = intent("requires_capture", id="pi_5", metadata={"stage": "test"})
    provider, _ = stripe_with(listed(by_hand, intent("requires_capture")))
    assert provider.lookup(CHARGE, NOON) == ProviderAnswer("authorised", "pi_1")
    provider, _ = stripe_with(listed(by_hand, intent("requires_capture")))
    assert [each.order_id for each in provider.ledger()] == ["none (pi_5)", "ord_test"]


def test_an_amount_that_no_card_can_be_charged_fails_the_payment():
    provider, http = stripe_with()
    assert provider.authorise(replace(CHARGE, currency="JPY")) == ProviderAnswer("failed", reason="invalid_amount")
    assert http.asked == []


def test_a_declined_intent_is_found_with_its_reason():
    declined = intent(
        "requires_payment_method", {**HELD, "status": "failed"}, last_payment_error={"code": "expired_card"}
    )
    provider, _ = stripe_with(listed(declined))
    assert provider.lookup(CHARGE, NOON) == ProviderAnswer("failed", "pi_1", "expired_card")


def test_a_lookup_finds_nothing_where_nothing_was_made():
    provider, _ = stripe_with(listed())
    assert provider.lookup(CHARGE, NOON) == ProviderAnswer("none", late=timedelta(minutes=4))


def test_the_ledger_shows_what_a_person_gave_back_in_part():
    partly = {**HELD, "captured": True, "amount_captured": 6998, "amount_refunded": 1000}
    totals = [Decimal(each) for each in ("69.98", "69.98", "0.00", "10.00")]
    assert entry_of(intent("succeeded", partly)) == LedgerEntry("ord_test", "pi_1", "EUR", *totals)


@pytest.mark.parametrize(("amount", "currency", "minor"), [
    ("59.90", "EUR", 5990), ("0.01", "USD", 1), ("60.00", "JPY", 60), ("5.00", "ISK", 500), ("5.25", "KWD", 5250),
])  # fmt: skip
def test_money_is_exact_in_each_currencys_unit(amount, currency, minor):
    assert to_minor(Decimal(amount), currency) == minor
    assert from_minor(minor, currency) == Decimal(amount)


@pytest.mark.parametrize("currency", ["JPY", "ISK", "UGX", "CLP"])
def test_a_fraction_that_a_currency_does_not_have_is_refused(currency):
    with pytest.raises(ProviderRefused, match=f"{currency} has no unit for 59.90"):
        to_minor(Decimal("59.90"), currency)


@given(st.decimals(0, "999999999.99", places=2), st.sampled_from(["EUR", *THOUSANDTHS]))
def test_every_amount_survives_the_way_to_stripe_and_back(amount, currency):
    assert from_minor(to_minor(amount, currency), currency) == amount


def test_stripes_library_is_imported_only_by_a_stage_that_pays_there():
    loaded = "import json, sys, consumers.payment; print(json.dumps('stripe' in sys.modules))"
    answer = subprocess.run([sys.executable, "-c", loaded], cwd=HOME, capture_output=True, text=True, check=True)
    assert json.loads(answer.stdout) is False


def test_a_stage_that_pays_at_stripe_lets_test_orders_pay_at_the_sandbox():
    with moto_edges(payment_provider="stripe") as edges:
        edges.clients.secrets.create_secret(Name="/orderwire/test/stripe-key", SecretString="sk_test_12345")
        providers = Providers(edges)
        assert isinstance(providers.of(test=False), Stripe)
        assert isinstance(providers.of(test=True), Sandbox)
    with moto_edges() as edges:
        assert isinstance(Providers(edges).of(test=False), Sandbox)


class At:
    def __init__(self, provider):
        self._provider = provider

    def of(self, *, test):
        return self._provider


def until_done(consumer, time, *events):
    """Delivers each event until it is done, as its queue would."""
    published = []
    for each in events:
        for _ in range(9):
            try:
                published += consumer(delivery(each))
                break
            except TryLater:
                time.advance(5)
        else:
            raise AssertionError(f"{each.type} was never done")
    return [each.type for each in published]


def test_an_order_at_localstripe_is_charged_once_though_every_first_answer_is_lost():
    reserved = event(InventoryReserved(order_id=ORDER, items=[ItemQuantity(sku="book-1", quantity=2)]))
    placed = event(created(payment_token="pm_card_visa"))
    with local_stripe() as base:
        provider = Stripe(lambda: "sk_test_12345", "test", base, ToLocalStripe(lose=(1, 3, 4, 7)))
        time = FakeTime()
        edges = fake_edges(time=time)
        consumer = PaymentConsumer(edges, At(provider))
        assert until_done(consumer, time, placed, reserved) == ["payment.completed"]
        assert until_done(consumer, time, event(OrderCancelled(order_id=ORDER))) == ["payment.refunded"]
        (entry,) = provider.ledger()
        assert (entry.authorised, entry.captured, entry.refunded) == (Decimal("69.98"),) * 3
        row = Payments(edges).get(ORDER)
        assert (row.status, row.reference, row.payment_token) == ("refunded", entry.reference, None)
