"""Money is right whatever order an order's events come in, however often, whoever overtakes whom and whoever dies.

Each example takes the events of one order, delivers them to concurrent attempts, moves these in a given order from one
call to DynamoDB or to the provider to the next, and lets some die there. What was not finished comes again, as from a
queue, until all is done.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError
from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.decisions.payment import called_off
from consumers.payment import CONSUMER, PaymentConsumer
from consumers.providers.port import Charge, ProviderAnswer, Unavailable
from consumers.runner.errors import TryLater
from edges.connect import Edges
from schemas.events import InventoryRejected, InventoryReserved, ItemQuantity, OrderCancelled, OrderRefunded, Shortage
from tables.claim import NOBODY
from tables.payments import PaymentRow, Payments
from tables.sandbox_ledger import SandboxLedger
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

RESERVED = event(InventoryReserved(order_id=ORDER, items=[ItemQuantity(sku="book-1", quantity=2)]))
REJECTED = event(InventoryRejected(order_id=ORDER, items=[Shortage(sku="book-1", requested=2, available=1)]))
CANCELLED = event(OrderCancelled(order_id=ORDER))
REFUNDED = event(OrderRefunded(order_id=ORDER, amount=TOTAL, currency="EUR"))


@dataclass
class Forgetful:
    """A provider that knows no idempotency keys: what is asked for twice is done twice. Counts what it has done.

    `faults` says for one call after the other what goes wrong: 1 nothing is done, 2 the answer is lost.
    """

    faults: list[int]
    token_is_good: bool
    done: list[str] = field(default_factory=list)

    def of(self, *, test: bool) -> "Forgetful":
        return self

    def _call(self, status: str) -> ProviderAnswer:
        fault = self.faults.pop() if self.faults else 0
        step()
        if fault == 1:
            raise Unavailable("no connection")
        self.done.append(status)
        step()
        if fault == 2:
            raise Unavailable("no answer")
        return self._answer()

    def _answer(self) -> ProviderAnswer:
        return ProviderAnswer(self.done[-1] if self.done else "none", reference="pay_1")  # type: ignore[arg-type]

    def authorise(self, charge: Charge) -> ProviderAnswer:
        assert charge.token is not None
        return self._call("authorised" if self.token_is_good else "failed")

    def capture(self, charge: Charge) -> ProviderAnswer:
        return self._call("captured")

    def void(self, charge: Charge) -> ProviderAnswer:
        return self._call("voided")

    def refund(self, charge: Charge) -> ProviderAnswer:
        return self._call("refunded")

    def lookup(self, charge: Charge, tried: Any) -> ProviderAnswer:
        step()
        if self.faults and self.faults.pop():
            raise Unavailable("no connection")
        return self._answer()


PASSING = (TryLater, ReadTimeoutError)


def order_messages(token: str) -> st.SearchStrategy[list[Message]]:
    """What can be told of one order, some of it twice or replayed. Inventory never both reserves and rejects."""
    optional = st.lists(st.sampled_from([CANCELLED, REFUNDED]), unique_by=lambda each: each.type)
    stock = st.sampled_from([[], [RESERVED], [RESERVED], [REJECTED]])
    placed = [event(created(payment_token=token))]
    return st.tuples(stock, optional).flatmap(lambda parts: messages_of([*placed, *parts[0], *parts[1]]))


def check(edges: Edges, queue: InterleavedQueue, heard: set[str], done: Sequence[str], good: bool) -> None:
    """`heard` are the detail-types of what was told of the order, `done` what the provider did."""
    row = Payments(edges).get(ORDER)
    assert row is not None
    assert row.claim is None
    assert row.payment_token is None
    assert all(done.count(status) <= 1 for status in ("authorised", "captured", "voided", "refunded", "failed"))
    if "captured" in done:
        assert RESERVED.type in heard
    taken = done.count("captured") - done.count("refunded")
    assert taken == int(good and RESERVED.type in heard and not called_off(row))
    if called_off(row):
        assert done.count("authorised") == done.count("captured") + done.count("voided")
    stored = {each.event().event_id: each.text for each in row.events}
    live = [each for each in queue.published if not each.metadata.replay]
    assert {each.event_id: each.to_json() for each in live} == stored
    assert {each.event_id for each in queue.published} == stored.keys()
    told = [each.type.removeprefix("payment.") for each in row.events]
    names = {"captured": "completed", "voided": "voided", "refunded": "refunded", "failed": "failed"}
    assert told == [names[status] for status in done if status != "authorised"]


@settings(max_examples=400)
@given(
    order_messages("tok_ok"),
    MOVES,
    st.lists(st.sampled_from([0, 0, 1, 2]), max_size=8),
    WRITES,
    st.sampled_from([True] * 4 + [False]),
)
def test_a_provider_without_idempotency_keys_is_never_asked_for_the_same_twice(messages, moves, faults, writes, good):
    time, provider = FakeTime(), Forgetful(faults, good)
    edges = stepped_edges(time, writes)
    heard = {each.event.type for each in messages}
    queue = InterleavedQueue(messages, PaymentConsumer(edges, provider), time, CONSUMER.timeout, PASSING)
    queue.play(moves)
    check(edges, queue, heard, provider.done, good)


@settings(max_examples=60)
@pytest.mark.parametrize("token", ["tok_ok", "tok_flaky", "tok_lost", "tok_declined"])
@given(st.data())
def test_with_idempotency_keys_even_an_attempt_that_comes_back_to_life_takes_no_money_twice(token, data):
    messages, moves = data.draw(order_messages(token)), data.draw(MOVES)
    time, heard = FakeTime(), {each.event.type for each in messages}
    edges = stepped_edges(time, data.draw(WRITES))
    queue = InterleavedQueue(messages, PaymentConsumer(edges), time, CONSUMER.timeout, PASSING, ends_late=True)
    queue.play(moves)
    ledger = SandboxLedger(edges).get(ORDER)
    operations = ledger.operations if ledger else {}
    row = Payments(edges).get(ORDER)
    assert row is not None
    assert (row.status, row.claim) == (ledger.status if ledger else "none", None)
    names = {"authorise": "authorised", "capture": "captured", "void": "voided", "refund": "refunded"}
    done = [names[key.split("-")[0]] for key, operation in operations.items() if operation.done]
    if token == "tok_declined" and done:
        done = ["failed"]
    check(edges, queue, heard, done, token != "tok_declined")


class Story:
    """What leads to it is told step by step; then everything that is left comes again until it is done."""

    def __init__(self, *messages: Message, faults: Sequence[int]) -> None:
        self.provider = Forgetful(list(reversed(faults)), True)
        time = FakeTime()
        self.edges = stepped_edges(time)
        handle = PaymentConsumer(self.edges, self.provider)
        self.queue = InterleavedQueue(messages, handle, time, CONSUMER.timeout, PASSING)

    @property
    def row(self) -> PaymentRow:
        found = Payments(self.edges).get(ORDER)
        assert found is not None
        return found

    def take_over(self, which: int) -> None:
        """Lets an attempt go on until it has taken over what was given up."""
        while self.row.claim is None or self.row.claim.by == NOBODY:
            self.queue.move(which)


def test_what_a_message_that_is_gone_took_over_and_gave_up_is_done_by_the_message_it_was_claimed_for():
    """Two workers have one order.created; the second begins late, while the provider is away."""
    story = Story(Message(event(created())), Message(REJECTED), faults=[0, 1, 1])
    story.queue.deliver(0)
    story.queue.deliver_again(0)
    story.queue.run(0)
    story.queue.deliver(0)
    story.queue.run(1)
    story.take_over(0)
    story.queue.deliver(0)
    story.queue.run(1)
    story.queue.run(0)
    story.queue.finish()
    assert (story.row.status, story.row.claim) == ("voided", None)
    assert story.provider.done == ["authorised", "voided"]


def test_money_that_a_replay_finishes_taking_is_told_live():
    """The capture was given up; a replay of order.created takes it over before its own message comes again."""
    story = Story(Message(event(created())), Message(RESERVED), faults=[0, 1])
    for _ in range(2):
        story.queue.deliver(0)
        story.queue.run(0)
    story.queue.waiting.append(Message(event(created()), replayed=True))
    story.queue.deliver(1)
    story.queue.run(0)
    assert [(each.type, each.metadata.replay) for each in story.queue.published] == [("payment.completed", None)]
    assert story.queue.published[0].metadata.causation_id == RESERVED.event_id


def test_a_replay_that_cannot_finish_what_it_took_over_leaves_it_and_pages_nobody():
    story = Story(Message(event(created())), Message(RESERVED), faults=[0, 1, 1])
    for _ in range(2):
        story.queue.deliver(0)
        story.queue.run(0)
    story.queue.waiting.append(Message(event(created()), replayed=True))
    story.queue.deliver(1)
    story.queue.run(0)
    assert [each.event for each in story.queue.waiting] == [RESERVED]
    story.queue.finish()
    assert (story.row.status, story.row.claim) == ("captured", None)
