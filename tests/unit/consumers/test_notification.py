"""Mails to the customer: each once, none before the order is known, whatever comes in whatever order."""

import json
from dataclasses import replace

import pytest
from botocore.exceptions import ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from consumers.mails.templates import TEMPLATES
from consumers.notification import CONSUMER, LEASE, NotificationConsumer
from consumers.runner.errors import Hopeless, TryLater
from edges.settings import Settings
from schemas.events import (
    ON_ACCOUNT,
    InventoryRejected,
    OrderCancelled,
    OrderCreated,
    OrderShipped,
    PaymentCompleted,
    PaymentFailed,
    PaymentRefunded,
    Shortage,
)
from tables.conflicts import Contended
from tables.mails import Mails
from tests.support.edges import FakeTime
from tests.support.events import ORDER, TOTAL, created, delivery, event
from tests.support.services.dynamodb import CONFLICT, fake_edges
from tests.support.services.dynamodb import LOST as STORED_WITHOUT_AN_ANSWER
from tests.support.services.ses import FINE, LOST, THROTTLED, FakeSES

MONEY = {"order_id": ORDER, "amount": TOTAL, "currency": "EUR"}
CREATED = event(created())
PAID = event(PaymentCompleted(**MONEY, method="card", reference="pay_1"))
FAILED = event(PaymentFailed(**MONEY, reason="card_declined"))
SHIPPED = event(OrderShipped(order_id=ORDER))
CANCELLED = event(OrderCancelled(order_id=ORDER, reason="changed my mind"))
REFUNDED = event(PaymentRefunded(**MONEY, method="card", reference="pay_1"))
REJECTED = event(InventoryRejected(order_id=ORDER, items=[Shortage(sku="book-1", requested=2, available=1)]))

EVENTS = [CREATED, PAID, FAILED, SHIPPED, CANCELLED, REFUNDED, REJECTED]
MAIL_FOR = {
    CREATED.event_id: "confirmation",
    PAID.event_id: "receipt",
    FAILED.event_id: "payment_failed",
    SHIPPED.event_id: "shipped",
    CANCELLED.event_id: "cancelled",
    REJECTED.event_id: "cancelled",
    REFUNDED.event_id: "refunded",
}
ORDER_OF_MAILS = [template.name for template in TEMPLATES]
histories = st.lists(st.sampled_from(EVENTS), max_size=14)
stages = st.sampled_from(["placed", "paid"])


class Shop:
    """A notification consumer on fakes whose failed deliveries come again after a while, as a queue would have it."""

    def __init__(self, ses=None, confirmation="placed"):
        self.time, self.ses = FakeTime(), ses or FakeSES()
        edges = fake_edges(time=self.time, ses=self.ses)
        self.edges = replace(edges, settings=Settings(stage="test", confirmation=confirmation))
        self.consumer = NotificationConsumer(self.edges)
        self.dead = []

    def deliver(self, each, replayed=False):
        return self.consumer(delivery(each, replayed))

    def settle(self, queue):
        """Delivers until the queue is empty; returns the templates sent."""
        while queue:
            each = queue.pop(0)
            try:
                self.deliver(each)
            except Hopeless as error:
                self.dead.append(str(error))
            except (TryLater, Contended, ReadTimeoutError):
                queue.append(each)
                self.time.advance(20)
        return self.ses.templates


ENDS = ("cancelled", "payment_failed")


def wanted(history, confirmation="placed"):
    """The mails of a history, in the order in which they go out when all is known before order.created."""
    mails = {MAIL_FOR[each.event_id] for each in history}
    if confirmation == "paid" or mails & set(ENDS):
        mails.discard("confirmation")
    if "cancelled" in mails:
        mails.discard("payment_failed")
    return sorted(mails, key=ORDER_OF_MAILS.index) if CREATED in history else []


def told(mails, confirmation="placed"):
    """The mails, sorted, with one name for the two that say the order will not be sent, and without the confirmation of
    such an order: it went out if nobody knew the end yet, where the stage does not wait for the card."""
    ended = confirmation == "placed" and set(ENDS) & set(mails)
    return sorted("ended" if mail in ENDS else mail for mail in mails if not (ended and mail == "confirmation"))


@given(histories, stages)
def test_each_mail_is_sent_once_whatever_the_order_and_repetition_of_events(history, stage):
    mails = Shop(confirmation=stage).settle(list(history))
    assert told(mails, stage) == told(wanted(history, stage), stage)
    assert len(mails) == len(set(mails))


@given(histories, stages)
def test_no_mail_is_sent_before_the_order_is_known_and_then_the_confirmation_comes_first(history, stage):
    shop = Shop(confirmation=stage)
    early = [each for each in history if each is not CREATED]
    assert shop.settle(list(early)) == []
    assert shop.settle([CREATED]) == wanted([*early, CREATED], stage)


@given(histories, st.lists(st.booleans(), max_size=20), stages)
def test_each_mail_is_sent_once_when_events_are_handled_while_a_mail_is_being_sent(history, chances, stage):
    shop, queue, chances = Shop(confirmation=stage), list(history), iter(chances)

    def another_worker():
        if queue and next(chances, False):
            each = queue.pop(0)
            try:
                shop.deliver(each)
            except TryLater:
                queue.append(each)

    shop.ses.meanwhile = another_worker
    mails = shop.settle(queue)
    assert told(mails, stage) == told(wanted(history, stage), stage)
    assert len(mails) == len(set(mails))
    assert Mails(shop.edges).get(ORDER) is None or Mails(shop.edges).get(ORDER).claim is None


@given(
    histories,
    st.lists(st.sampled_from([FINE, THROTTLED])),
    st.lists(st.sampled_from([FINE, CONFLICT]), max_size=9),
    stages,
)
def test_throttling_and_conflicts_neither_lose_nor_repeat_a_mail(history, ses_faults, row_faults, stage):
    shop = Shop(FakeSES().with_faults(ses_faults), stage)
    shop.edges.clients.dynamodb.faults = iter(row_faults)
    mails = shop.settle(list(history))
    assert told(mails, stage) == told(wanted(history, stage), stage)
    assert len(mails) == len(set(mails))


@given(
    histories,
    st.lists(st.sampled_from([FINE, LOST])),
    st.lists(st.sampled_from([FINE, STORED_WITHOUT_AN_ANSWER])),
    stages,
)
def test_no_mail_is_lost_when_answers_are_and_each_lost_answer_repeats_at_most_one(
    history, ses_faults, row_faults, stage
):
    shop = Shop(FakeSES().with_faults(ses_faults), stage)
    shop.edges.clients.dynamodb.faults = iter(row_faults)
    mails = shop.settle(list(history))
    assert set(told(mails, stage)) == set(told(wanted(history, stage), stage))
    repeated = len(mails) - len(set(mails))
    assert repeated <= ses_faults.count(LOST) + row_faults.count(STORED_WITHOUT_AN_ANSWER)


@given(histories, histories, stages, stages)
def test_a_replay_mails_nobody_again_also_after_the_stage_has_been_told_to_confirm_at_another_time(
    history, replay, stage, later
):
    shop = Shop(confirmation=stage)
    before = list(shop.settle(list(history)))
    shop.consumer = NotificationConsumer(replace(shop.edges, settings=Settings(stage="test", confirmation=later)))
    for each in [each for each in replay if each in history]:
        shop.deliver(each, replayed=True)
    assert shop.ses.templates == before


@pytest.mark.parametrize(
    ("outcome", "mails"),
    [
        ([CREATED, PAID, SHIPPED], ["confirmation", "receipt", "shipped"]),
        ([CREATED, FAILED], ["confirmation", "payment_failed"]),
        ([CREATED, REJECTED], ["confirmation", "cancelled"]),
        ([CREATED, CANCELLED], ["confirmation", "cancelled"]),
        ([CREATED, PAID, CANCELLED, REFUNDED], ["confirmation", "receipt", "cancelled", "refunded"]),
        ([CREATED, PAID, SHIPPED, REFUNDED], ["confirmation", "receipt", "shipped", "refunded"]),
        ([CREATED, REJECTED, CANCELLED], ["confirmation", "cancelled"]),
        ([CREATED, REJECTED, FAILED], ["confirmation", "cancelled"]),
        ([CREATED, FAILED, REJECTED], ["confirmation", "payment_failed"]),
        ([FAILED, REJECTED, CREATED], ["cancelled"]),
        ([FAILED, CREATED], ["payment_failed"]),
    ],
)
def test_every_outcome_of_an_order_has_its_mails(outcome, mails):
    assert Shop().settle(list(outcome)) == mails


@pytest.mark.parametrize(
    ("outcome", "mails"),
    [
        ([CREATED], []),
        ([CREATED, FAILED], ["payment_failed"]),
        ([CREATED, REJECTED], ["cancelled"]),
        ([CREATED, CANCELLED, FAILED], ["cancelled"]),
        ([CREATED, PAID, SHIPPED], ["receipt", "shipped"]),
        ([PAID, CREATED], ["receipt"]),
        ([CREATED, PAID, CANCELLED, REFUNDED], ["receipt", "cancelled", "refunded"]),
    ],
)
def test_where_the_confirmation_waits_for_the_card_the_receipt_or_the_refusal_is_the_first_mail(outcome, mails):
    assert Shop(confirmation="paid").settle(list(outcome)) == mails
    assert Settings(stage="test").confirmation == "paid"


def test_an_order_on_account_has_no_card_to_wait_for():
    on_account = event(created(payment_token=ON_ACCOUNT))
    assert Shop(confirmation="paid").settle([on_account]) == ["confirmation"]


def test_what_a_provider_said_of_a_card_is_not_kept_with_the_mail():
    shop = Shop(confirmation="paid")
    shop.settle([event(PaymentFailed(**MONEY, reason="insufficient_funds")), CREATED])
    assert "insufficient" not in json.dumps(shop.edges.clients.dynamodb.tables["orderwire-test-mails"])


def test_nobody_is_mailed_about_a_smoke_order_and_its_address_is_not_kept():
    shop = Shop()
    assert shop.settle([event(each.data, test=True) for each in EVENTS]) == []
    assert Mails(shop.edges).get(ORDER) is None


def test_a_mail_refused_for_good_ends_in_the_dead_letter_queue_without_an_address_and_blocks_no_other():
    shop = Shop(FakeSES(refuses={"orderwire-test-confirmation": "MessageRejected"}))
    assert shop.settle([PAID, CREATED, SHIPPED]) == ["receipt", "shipped"]
    assert shop.dead == ["confirmation refused by SES: MessageRejected"]


def test_a_refused_mail_is_sent_when_its_message_is_redriven_but_not_for_another_event_or_a_replay():
    shop = Shop(FakeSES(refuses={"orderwire-test-confirmation": "MessageRejected"}))
    shop.settle([CREATED])
    shop.ses.refuses.clear()
    shop.deliver(PAID)
    shop.deliver(CREATED, replayed=True)
    assert shop.ses.templates == ["receipt"]
    shop.deliver(CREATED)
    shop.deliver(CREATED)
    assert shop.ses.templates == ["receipt", "confirmation"]


def test_a_mail_refused_at_a_replay_is_sent_when_the_replays_own_message_is_redriven():
    shop = Shop(FakeSES(refuses={"orderwire-test-confirmation": "MessageRejected"}))
    with pytest.raises(Hopeless):
        shop.deliver(CREATED, replayed=True)
    shop.ses.refuses.clear()
    shop.deliver(CREATED, replayed=True)
    shop.deliver(CREATED, replayed=True)
    assert shop.ses.templates == ["confirmation"]


def test_a_mail_that_a_replay_took_over_and_ses_refused_is_told_to_the_message_that_asked_for_it():
    shop = Shop(FakeSES(refuses={"orderwire-test-confirmation": "MessageRejected"}))
    killed_while_sending(shop, CREATED)
    shop.time.advance(LEASE.total_seconds() + 1)
    shop.deliver(PAID, replayed=True)
    with pytest.raises(Hopeless, match="confirmation refused"):
        shop.deliver(CREATED)


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("InvalidParameterValue", "Local address contains control or whitespace"),
        ("InvalidParameterValue", "Domain contains illegal character"),
        ("MessageRejected", "Address blacklisted."),
    ],
)
def test_a_recipient_whom_ses_refuses_is_a_fact_of_the_order_and_a_metric_and_no_dead_letter(capsys, code, says):
    shop = Shop(FakeSES(refuses={"orderwire-test-confirmation": code}, says=says))
    assert shop.settle([CREATED, PAID]) == ["receipt"]
    assert shop.dead == []
    refusal = Mails(shop.edges).get(ORDER).mails["confirmation"].refusal
    assert (refusal.code, refusal.of_recipient) == (code, True)
    [line] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (line["MailsRefused"], line["service"], line["stage"]) == ([1], "notification", "test")
    assert "ada@" not in json.dumps(line)


def test_a_recipient_whom_ses_has_refused_is_not_asked_for_the_same_mail_again(capsys):
    shop = Shop(FakeSES(refuses={"orderwire-test-confirmation": "InvalidParameterValue"}))
    shop.settle([CREATED, CREATED])
    shop.deliver(CREATED, replayed=True)
    assert len(capsys.readouterr().out.splitlines()) == 1
    assert shop.ses.sent == []


def test_all_refusals_of_one_delivery_are_told_together():
    codes = {"orderwire-test-confirmation": "TemplateDoesNotExist", "orderwire-test-receipt": "InvalidTemplate"}
    shop = Shop(FakeSES(refuses=codes))
    shop.settle([PAID, CREATED])
    told = "confirmation refused by SES: TemplateDoesNotExist; receipt refused by SES: InvalidTemplate"
    assert shop.dead == [told]


def test_what_a_throttled_attempt_left_is_sent_by_whoever_comes_next():
    shop = Shop(FakeSES().with_faults([THROTTLED]))
    with pytest.raises(TryLater, match="confirmation: Throttling from SES"):
        shop.deliver(CREATED)
    shop.deliver(PAID)
    assert shop.ses.templates == ["confirmation", "receipt"]


class Killed(BaseException):
    """The process ends here; no `except Exception` sees it."""


def killed_while_sending(shop, each):
    def die():
        shop.ses.meanwhile = lambda: None
        raise Killed

    shop.ses.meanwhile = die
    with pytest.raises(Killed):
        shop.deliver(each)


def test_a_redelivery_waits_for_its_own_claim_until_that_is_stale_and_then_sends():
    shop = Shop()
    killed_while_sending(shop, CREATED)
    with pytest.raises(TryLater, match="another attempt began to send confirmation for this event"):
        shop.deliver(CREATED)
    shop.time.advance(LEASE.total_seconds() + 1)
    shop.deliver(CREATED)
    assert shop.ses.templates == ["confirmation"]


def test_another_event_leaves_its_mail_to_the_holder_of_a_fresh_claim_and_takes_a_stale_one_over():
    shop = Shop()
    killed_while_sending(shop, CREATED)
    shop.deliver(PAID)
    assert shop.ses.templates == []
    shop.time.advance(LEASE.total_seconds() + 1)
    shop.deliver(SHIPPED)
    assert shop.ses.templates == ["confirmation", "receipt", "shipped"]
    shop.deliver(CREATED)
    assert len(shop.ses.sent) == 3


def test_a_claim_outlives_the_function_that_made_it():
    assert LEASE.total_seconds() > CONSUMER.timeout


def test_an_attempt_that_was_overtaken_records_its_mail_and_leaves_the_rest_to_the_other():
    shop = Shop()

    def stall():
        shop.ses.meanwhile = lambda: None
        shop.time.advance(LEASE.total_seconds() + 1)
        shop.deliver(PAID)

    shop.ses.meanwhile = stall
    shop.deliver(CREATED)
    assert shop.ses.templates == ["confirmation", "receipt", "confirmation"]  # the window that the module admits
    row = Mails(shop.edges).get(ORDER)
    assert row.claim is None
    assert row.mails["confirmation"].message_id == "mail-1"


def test_the_row_keeps_whom_and_what_but_no_payment_token():
    shop = Shop()
    shop.settle([event(created(payment_token="tok_secret"))])
    item = json.dumps(shop.edges.clients.dynamodb.tables["orderwire-test-mails"])
    assert "ada@example.com" in item
    assert "tok_secret" not in item


def test_the_consumer_hears_what_it_has_a_mail_for_and_may_send_each_template():
    assert set(CONSUMER.hears) == {type(each.data) for each in EVENTS}
    assert OrderCreated in CONSUMER.hears
    resources = {grant.resource for grant in CONSUMER.touches if grant.service == "ses"}
    assert resources == {"identity/*", *(f"template/orderwire-{{stage}}-{name}" for name in MAIL_FOR.values())}
