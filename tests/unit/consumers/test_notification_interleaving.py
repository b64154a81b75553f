"""Every mail goes out whatever order an order's events come in, whoever overtakes whom and whoever dies.

SES knows no idempotency key, so a crash or a lost answer may repeat a mail; none may leave one out.
"""

from collections.abc import Sequence
from dataclasses import replace

from botocore.exceptions import ReadTimeoutError
from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.notification import CONSUMER, NotificationConsumer
from consumers.runner.errors import TryLater
from edges.settings import Confirmation, Settings
from schemas.events import OrderCancelled, OrderShipped, PaymentCompleted
from tables.claim import NOBODY
from tables.mails import MailRow, Mails
from tests.support.consumers.interleaving import (
    MOVES,
    WRITES,
    InterleavedQueue,
    Message,
    messages_of,
    step,
    stepped_edges,
)
from tests.support.edges import FakeTime
from tests.support.events import ORDER, TOTAL, created, event
from tests.support.services.dynamodb import CONFLICT, FINE
from tests.support.services.ses import FINE as TAKEN
from tests.support.services.ses import LOST, THROTTLED, FakeSES

CREATED = event(created())
PAID = event(PaymentCompleted(order_id=ORDER, amount=TOTAL, currency="EUR", method="card", reference="pay_1"))
SHIPPED = event(OrderShipped(order_id=ORDER))
CANCELLED = event(OrderCancelled(order_id=ORDER))
MAIL_FOR = {
    CREATED.event_id: "confirmation",
    PAID.event_id: "receipt",
    SHIPPED.event_id: "shipped",
    CANCELLED.event_id: "cancelled",
}
PASSING = (TryLater, ReadTimeoutError)


class Story:
    def __init__(
        self, messages: Sequence[Message], ses: FakeSES, writes: Sequence[str] = (), when: Confirmation = "placed"
    ) -> None:
        time = FakeTime()
        edges = stepped_edges(time, writes, ses=ses)
        self.ses, self.edges = ses, replace(edges, settings=Settings(stage="test", confirmation=when))
        ses.meanwhile = step
        self.queue = InterleavedQueue(messages, NotificationConsumer(self.edges), time, CONSUMER.timeout, PASSING)

    @property
    def row(self) -> MailRow:
        found = Mails(self.edges).get(ORDER)
        assert found is not None
        return found


def told() -> st.SearchStrategy[list[Message]]:
    more = st.lists(st.sampled_from([PAID, SHIPPED, CANCELLED]), unique_by=lambda each: each.type)
    return more.flatmap(lambda found: messages_of([CREATED, *found]))


@settings(max_examples=200, deadline=None)
@given(told(), MOVES, st.lists(st.sampled_from([TAKEN, TAKEN, THROTTLED, LOST]), max_size=8), WRITES,
       st.sampled_from(["placed", "paid"]))  # fmt: skip
def test_no_mail_is_left_out_and_nobody_is_left_at_one(messages, moves, faults, writes, when):
    """But for a confirmation that came too late, or is left to the receipt."""
    asked = {MAIL_FOR[each.event.event_id] for each in messages}
    wanted = asked - ({"confirmation"} if when == "paid" or "cancelled" in asked else set())
    story = Story(messages, FakeSES().with_faults(faults), writes, when)
    story.queue.play(moves)
    assert wanted <= set(story.ses.templates) <= (wanted if when == "paid" else asked)
    assert story.row.claim is None
    noted = {template for template, mail in story.row.mails.items() if mail.message_id}
    assert wanted <= noted <= set(story.ses.templates)


@settings(max_examples=100, deadline=None)
@given(told(), MOVES, st.lists(st.sampled_from([TAKEN, TAKEN, THROTTLED]), max_size=8),
       st.lists(st.sampled_from([FINE, FINE, CONFLICT]), max_size=12))  # fmt: skip
def test_where_nobody_dies_and_no_answer_is_lost_each_mail_goes_out_once(messages, moves, faults, writes):
    story = Story(messages, FakeSES().with_faults(faults), writes)
    story.queue.play([each for each in moves if each[0] not in ("crash", "wait")])
    assert len(story.ses.templates) == len(set(story.ses.templates))


def test_a_mail_that_a_message_that_is_gone_took_over_and_gave_up_is_sent_by_the_one_that_asked_for_it():
    """Two workers have one order.created; the second begins late, while SES is slow."""
    story = Story([Message(CREATED), Message(PAID)], FakeSES().with_faults([TAKEN, THROTTLED, THROTTLED]))
    story.queue.deliver(0)
    story.queue.deliver_again(0)
    story.queue.run(0)
    story.queue.deliver(0)
    story.queue.run(1)
    while story.row.claim is None or story.row.claim.by == NOBODY:
        story.queue.move(0)
    story.queue.deliver(0)
    story.queue.run(1)
    story.queue.run(0)
    story.queue.finish()
    assert story.ses.templates == ["confirmation", "receipt"]
