"""Claims on the mails of an order, as pure functions: what an attempt may change depends on whether it holds one."""

from datetime import timedelta
from functools import partial

from consumers.decisions import mails
from consumers.decisions.mails import given_up, refusals, refused, sent
from tests.support.edges import NOON
from tests.support.events import ORDER, created, event, one_of_each

LEASE = timedelta(seconds=60)
LATER = NOON + timedelta(seconds=61)
CREATED = event(created())
PAID, SHIPPED = (each for each in one_of_each() if each.type in ("payment.completed", "order.shipped"))

heard = partial(mails.heard, when="placed")
first = heard(None, CREATED, False, "first", NOON, LEASE)


def test_the_attempt_that_finds_a_mail_due_claims_it_in_the_same_write():
    assert (first.claim.template, first.claim.by, first.claim.cause) == ("confirmation", "first", CREATED.event_id)


def test_a_fresh_claim_is_left_alone_and_what_came_meanwhile_is_claimed_by_its_holder():
    both = heard(first, PAID, False, "second", NOON + LEASE, LEASE)
    assert both.claim == first.claim
    after = sent(both, both.claim, "mail-1", LATER)
    assert (after.claim.template, after.claim.by, after.claim.at) == ("receipt", "first", LATER)
    assert sent(after, after.claim, "mail-2", LATER).claim is None


def test_a_stale_claim_is_taken_over():
    taken = heard(first, PAID, False, "second", LATER, LEASE)
    assert (taken.claim.template, taken.claim.by) == ("confirmation", "second")


def test_an_attempt_that_lost_its_claim_records_a_mail_that_went_out_and_nothing_else():
    taken = heard(first, SHIPPED, False, "second", LATER, LEASE)
    after = sent(taken, first.claim, "mail-1", LATER)
    assert after.mails["confirmation"].message_id == "mail-1"
    assert after.claim == taken.claim
    assert refused(taken, first.claim, "MessageRejected", False, LATER) == taken
    assert given_up(taken, first.claim) == taken


def test_the_first_message_id_of_a_mail_is_kept():
    taken = heard(first, SHIPPED, False, "second", LATER, LEASE)
    after = sent(sent(taken, first.claim, "mail-1", LATER), taken.claim, "mail-2", LATER)
    assert after.mails["confirmation"].message_id == "mail-1"
    assert after.claim.template == "shipped"


def test_a_refusal_is_told_to_the_event_that_the_mail_was_sent_for_only():
    after = refused(first, first.claim, "MessageRejected", False, NOON)
    assert refusals(after, CREATED.event_id, False) == ["confirmation refused by SES: MessageRejected"]
    assert refusals(after, PAID.event_id, False) == []
    assert refusals(after, CREATED.event_id, True) == []
    assert after.claim is None


def test_a_take_over_keeps_what_the_claim_was_made_for():
    left = given_up(first, first.claim)
    taken = heard(left, PAID, True, "second", NOON, LEASE)
    assert (taken.claim.by, taken.claim.cause, taken.claim.replayed) == ("second", CREATED.event_id, False)
    after = sent(taken, taken.claim, "mail-1", LATER)
    assert (after.claim.template, after.claim.cause) == ("receipt", CREATED.event_id)


def test_of_two_events_that_ask_for_the_same_mail_the_first_is_told():
    row = None
    for each in one_of_each():
        if each.type in ("inventory.rejected", "order.cancelled"):
            row = heard(row, each, False, "first", NOON, LEASE)
    assert row.order_id == ORDER
    assert row.mails["cancelled"].sold_out == ["book-1"]
