"""What payment decides: the same in whatever order the facts come, and never money for what is called off."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.decisions.payment import answered, due, fold, given_up, heard
from consumers.providers.port import ProviderAnswer
from schemas.events import InventoryReserved, OrderCancelled, OrderCreated, OrderRefunded
from tables.claim import NOBODY
from tables.payments import PaymentClaim, PaymentRow
from tests.support.edges import NOON
from tests.support.events import ORDER, TOTAL, created, event, one_of_each

EVENTS = {type(each.data): each for each in one_of_each()}
HEARD = [EVENTS[OrderCreated], EVENTS[InventoryReserved], EVENTS[OrderCancelled], EVENTS[OrderRefunded]]
LEASE = timedelta(seconds=40)
LATE = timedelta(minutes=2)


def row(status="none", **changes):
    known = {"order_id": ORDER, "amount": TOTAL, "currency": "EUR", "method": "card", "reference": "pay_1"}
    return PaymentRow(**{**known, "status": status, **changes})


def claim(action="authorise", by="me", **changes):
    return PaymentClaim(
        **{
            "action": action,
            "tried": NOON,
            "at": NOON,
            "cause": "some-event",
            "correlation_id": "req-1",
            "by": by,
            **changes,
        }
    )


def types(row_):
    return [each.type for each in row_.events]


@given(st.permutations(one_of_each()), st.lists(st.sampled_from(one_of_each())))
def test_the_facts_are_the_same_in_any_order_and_however_often_they_come(shuffled, again):
    def folded(events):
        known = None
        for each in events:
            known = fold(known, each)
        return known

    assert folded(shuffled + again) == folded(one_of_each())


@pytest.mark.parametrize(("known", "action"), [
    (row(), "authorise"),
    (row(reserved=True), "authorise"),
    (row(amount=None), None),
    (row(amount=None, reserved=True), None),
    (row(cancelled=True), None),
    (row(rejected=True), None),
    (row(refund_asked=True), None),
    (row("authorised"), None),
    (row("authorised", reserved=True), "capture"),
    (row("authorised", reserved=True, cancelled=True), "void"),
    (row("authorised", rejected=True), "void"),
    (row("captured", reserved=True), None),
    (row("captured", reserved=True, cancelled=True), "refund"),
    (row("captured", reserved=True, refund_asked=True), "refund"),
    (row("captured", reserved=True, refund_asked=True, cancelled=True), "refund"),
    (row("failed", reserved=True, cancelled=True), None),
    (row("voided", reserved=True, cancelled=True), None),
    (row("refunded", reserved=True, refund_asked=True, cancelled=True), None),
])  # fmt: skip
def test_what_is_due_follows_from_the_facts_and_where_the_payment_stands(known, action):
    assert due(known) == action


def test_what_is_due_is_claimed_with_the_fact_that_makes_it_due():
    after = heard(None, EVENTS[OrderCreated], False, "me", NOON, LEASE)
    assert after.claim == claim(cause=EVENTS[OrderCreated].event_id)
    assert not after.claim.uncertain


def test_a_claim_of_somebody_else_stays_until_it_is_stale():
    held = row(claim=claim(by="other"), payment_token="tok_ok")
    fresh = heard(held, EVENTS[InventoryReserved], False, "me", NOON + LEASE, LEASE)
    assert fresh == held.with_(reserved=True)
    later = NOON + LEASE + timedelta(seconds=1)
    stale = heard(held, EVENTS[InventoryReserved], False, "me", later, LEASE)
    assert stale.claim == claim(at=later, uncertain=True)


def test_a_claim_that_was_given_up_is_taken_over_at_once_and_uncertain():
    held = given_up(row(claim=claim()), claim())
    after = heard(held, EVENTS[InventoryReserved], False, "you", NOON, LEASE)
    assert after.claim == claim(by="you", uncertain=True)


def test_what_is_uncertain_is_settled_even_if_it_is_no_longer_due():
    after = heard(given_up(row(claim=claim()), claim()), EVENTS[OrderCancelled], False, "me", NOON, LEASE)
    assert (due(after), after.claim.action, after.claim.uncertain) == (None, "authorise", True)


def test_an_authorisation_that_is_no_longer_wanted_is_sought_until_it_can_no_longer_arrive():
    """Its request may be under way still when the provider is asked for the first time."""
    sought = row(cancelled=True, claim=claim(uncertain=True))
    early = answered(sought, sought.claim, ProviderAnswer("none", late=LATE), NOON + LATE / 2)
    assert (early.claim.by, early.claim.uncertain) == (NOBODY, True)
    late = answered(sought, sought.claim, ProviderAnswer("none", late=LATE), NOON + LATE)
    assert late.claim is None


def test_an_authorisation_that_is_still_wanted_is_asked_for_again_at_once():
    sought = row(claim=claim(uncertain=True))
    again = answered(sought, sought.claim, ProviderAnswer("none", late=LATE), NOON)
    assert (again.claim.action, again.claim.by, again.claim.uncertain) == ("authorise", "me", False)


def test_a_fact_that_came_during_the_call_is_taken_into_account_in_its_answer():
    held = row(reserved=True, claim=claim())
    after = answered(held, claim(), ProviderAnswer("authorised", "pay_1"), NOON)
    assert (after.status, after.claim.action, after.claim.by) == ("authorised", "capture", "me")
    assert types(after) == []


def test_an_answer_that_comes_after_the_claim_was_taken_over_is_kept_and_the_claim_stays():
    held = row(cancelled=True, claim=claim(by="other"))
    after = answered(held, claim(), ProviderAnswer("authorised", "pay_1"), NOON)
    assert after == held.with_(status="authorised")


def test_an_answer_that_comes_after_all_was_settled_makes_due_what_it_makes_due():
    after = answered(row(cancelled=True), claim(), ProviderAnswer("authorised", "pay_1"), NOON)
    assert (after.claim.action, after.claim.by, after.claim.cause) == ("void", "me", "some-event")


def test_an_attempt_that_does_not_know_leaves_a_doubt_even_if_others_thought_it_settled():
    assert given_up(row(cancelled=True), claim()).claim == claim(by=NOBODY, uncertain=True)
    assert given_up(row("voided", cancelled=True), claim()).claim is None


@pytest.mark.parametrize(("known", "answer", "status", "events"), [
    (row(), ProviderAnswer("failed", reason="card_declined"), "failed", ["payment.failed"]),
    (row("authorised", reserved=True), ProviderAnswer("captured", "pay_1"), "captured", ["payment.completed"]),
    (row("authorised", cancelled=True), ProviderAnswer("voided", "pay_1"), "voided", ["payment.voided"]),
    (row("captured", cancelled=True), ProviderAnswer("refunded", "pay_1"), "refunded", ["payment.refunded"]),
    (row("authorised", reserved=True), ProviderAnswer("voided", "pay_1"), "failed", ["payment.failed"]),
    (row("authorised", cancelled=True), ProviderAnswer("refunded", "pay_1"), "refunded",
     ["payment.completed", "payment.refunded"]),
    (row("captured"), ProviderAnswer("authorised", "pay_1"), "captured", []),
    (row("captured"), ProviderAnswer("none"), "captured", []),
    (row("refunded"), ProviderAnswer("captured", "pay_1"), "refunded", []),
])  # fmt: skip
def test_each_step_of_the_payment_is_told_once_and_an_answer_that_lags_changes_nothing(known, answer, status, events):
    after = answered(known.with_(claim=claim("capture")), claim("capture"), answer, NOON)
    assert (after.status, types(after)) == (status, events)


def test_an_authorisation_that_expired_before_its_capture_fails_the_payment():
    held = row("authorised", reserved=True, claim=claim("capture"))
    after = answered(held, held.claim, ProviderAnswer("voided", "pay_1"), NOON)
    (failed,) = after.events
    assert failed.event().data.reason == "authorisation_expired"
    assert after.claim is None


@pytest.mark.parametrize("total", ["on_account", "free"])
def test_an_order_without_a_card_charge_is_settled_without_a_claim(total):
    order = created(payment_token="on_account") if total == "on_account" else created(total=TOTAL * 0)
    after = heard(
        heard(None, event(order), False, "me", NOON, LEASE), EVENTS[InventoryReserved], False, "me", NOON, LEASE
    )
    (completed,) = after.events
    assert (after.status, after.claim, after.payment_token) == ("captured", None, None)
    assert (completed.event().data.method, completed.event().data.reference) == ("invoice", f"invoice-{ORDER}")


def test_the_token_is_kept_only_while_an_authorisation_may_need_it():
    waiting = heard(None, EVENTS[OrderCreated], False, "me", NOON, LEASE)
    assert waiting.payment_token == "tok_ok"
    for answer in (ProviderAnswer("authorised", "pay_1"), ProviderAnswer("failed", reason="card_declined")):
        assert answered(waiting, waiting.claim, answer, NOON).payment_token is None
    cancelled = heard(None, EVENTS[OrderCancelled], False, "me", NOON, LEASE)
    assert heard(cancelled, EVENTS[OrderCreated], False, "me", NOON, LEASE).payment_token is None


@given(st.permutations([*HEARD, *HEARD]), st.lists(st.sampled_from(["none", "authorised", "captured", "voided"])))
def test_the_token_never_comes_back(order, answers):
    known, gone = None, False
    for each, answer in zip(order, [*answers, *["none"] * 8], strict=False):
        known = heard(known, each, False, "me", NOON, LEASE)
        if known.claim:
            known = answered(known, known.claim, ProviderAnswer(answer, "pay_1"), NOON)
        assert not (gone and known.payment_token)
        gone = gone or (known.amount is not None and known.payment_token is None)


def test_a_lookup_goes_by_when_the_provider_was_last_called_and_a_call_by_now():
    later, latest = NOON + timedelta(days=3), NOON + timedelta(days=3, seconds=1)
    held = row(payment_token="tok_ok", claim=claim(by=NOBODY, uncertain=True))
    asking = heard(held, EVENTS[OrderCreated], False, "me", later, LEASE)
    assert (asking.claim.at, asking.claim.tried) == (later, NOON)
    calling = answered(asking, asking.claim, ProviderAnswer("none"), latest)
    assert (calling.claim.at, calling.claim.tried, calling.claim.uncertain) == (latest, latest, False)


def test_what_follows_from_a_claim_that_was_taken_over_is_caused_by_what_it_was_made_for():
    left = given_up(row("authorised", reserved=True, claim=claim("capture")), claim("capture"))
    taken = heard(left, EVENTS[OrderRefunded], True, "you", NOON, LEASE)
    after = answered(taken, taken.claim, ProviderAnswer("captured", "pay_1"), NOON)
    (completed,) = after.events
    assert (completed.event().metadata.causation_id, completed.event().metadata.correlation_id) == (
        "some-event",
        "req-1",
    )
    assert (after.claim.action, after.claim.cause, after.claim.replayed) == ("refund", "some-event", False)


def test_when_a_card_was_first_tried_stays_known_however_often_it_is_tried_anew():
    """A lookup that finds nothing leads to another claim, and a hold ends by the first."""
    first = heard(None, EVENTS[OrderCreated], False, "me", NOON, LEASE)
    assert (first.first_tried, first.claim.tried) == (NOON, NOON)
    later = NOON + timedelta(minutes=20)
    anew = heard(first.with_(claim=None), EVENTS[OrderCreated], False, "you", later, LEASE)
    assert (anew.first_tried, anew.claim.tried) == (NOON, later)
