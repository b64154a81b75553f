"""Money is right whatever order an order's events come in, however often, whoever overtakes whom and whoever dies.

Each example takes the events of one order, delivers them to concurrent attempts, moves these in a given order from one
call to DynamoDB or to the provider to the next, and lets some die there. What was not finished comes again, as from a
queue, until all is done.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
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
from edges.settings import Settings
from schemas.events import InventoryRejected, InventoryReserved, ItemQuantity, OrderCancelled, OrderRefunded, Shortage
from tables.payments import Payments
from tables.sandbox_ledger import SandboxLedger
from tests.support.dynamodb import CONFLICT, FINE, LOST
from tests.support.edges import FakeTime, fake_chance
from tests.support.events import ORDER, TOTAL, created, delivery, event
from tests.support.interleaving import Attempt, Crash, SteppedDynamoDB, step

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
        return self._answer()


class Queue:
    """Delivers messages to attempts and takes back what they did not finish."""

    def __init__(self, messages: Sequence[Any], edges: Edges, time: FakeTime, providers: Any, ends_late: bool) -> None:
        self.waiting, self.running, self.published = list(messages), [], []
        self._consumer, self._time, self._ends_late = PaymentConsumer(edges, providers), time, ends_late

    def play(self, moves: Sequence[tuple[str, int, int]]) -> None:
        for kind, which, steps in moves:
            if kind == "deliver" and self.waiting:
                self.deliver(which)
            elif kind == "move" and self.running:
                for _ in range(steps):
                    self.move(which, crash=False)
            elif kind == "crash":
                self.move(which, crash=not self.is_late(which))
            elif kind == "wait":
                self.pass_time(steps)
        self.finish()

    def deliver(self, which: int) -> None:
        message = self.waiting.pop(which % len(self.waiting))
        self.running.append((Attempt(lambda: self._handle(message)), message, self._time.now))

    def _handle(self, message: Any) -> None:
        events = self._consumer(delivery(message))
        step()
        self.published += [(each.event_id, each.to_json()) for each in events]

    def move(self, which: int, crash: bool) -> None:
        if not self.running:
            return
        place = which % len(self.running)
        attempt, message, _ = self.running[place]
        attempt.move(crash)
        if not attempt.ended:
            return
        del self.running[place]
        if attempt.error is not None:
            if not isinstance(attempt.error, Crash | TryLater | ReadTimeoutError):
                raise attempt.error
            self.waiting.append(message)

    def pass_time(self, seconds: int) -> None:
        """Lambda ends a function whose time is up; a process of one's own may come back to life much later."""
        self._time.advance(seconds)
        for which in reversed(range(len(self.running))):
            if self.is_late(which) and not self._ends_late:
                self.move(which, crash=True)

    def is_late(self, which: int) -> bool:
        began = self.running[which % len(self.running)][2] if self.running else self._time.now
        return (self._time.now - began).total_seconds() > CONSUMER.timeout

    def finish(self) -> None:
        for _ in range(40):
            while self.running:
                self.move(0, crash=False)
            if not self.waiting:
                return
            self._time.advance(60)
            self.deliver(0)
        raise AssertionError(f"never finished: {[message.type for message in self.waiting]}")


def order_events(token: str) -> st.SearchStrategy[list[Any]]:
    """What can be told of one order, some of it twice. Inventory never both reserves and rejects."""
    optional = st.lists(st.sampled_from([CANCELLED, REFUNDED]), unique_by=lambda each: each.type)
    stock = st.sampled_from([[], [RESERVED], [RESERVED], [REJECTED]])
    placed = [event(created(payment_token=token))]
    once = st.tuples(stock, optional).map(lambda parts: [*placed, *parts[0], *parts[1]])
    return once.flatmap(lambda all_: st.lists(st.sampled_from(all_), max_size=2).map(lambda more: all_ + more))


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["deliver", "deliver", "move", "move", "move", "crash", "wait"]),
        st.integers(0, 3),
        st.sampled_from([1, 2, 3, 5, 8, 45]),
    ),
    min_size=10,
    max_size=50,
)


WRITES = st.lists(st.sampled_from([FINE] * 6 + [CONFLICT, LOST]), max_size=12)


def stepped_edges(time: FakeTime, writes: Sequence[str]) -> Edges:
    clients: Any = SimpleNamespace(dynamodb=SteppedDynamoDB(writes))
    return Edges(Settings(stage="test"), clients, time.clock(), fake_chance())


def check(edges: Edges, queue: Queue, messages: Sequence[Any], done: Sequence[str], good: bool) -> None:
    row = Payments(edges).get(ORDER)
    assert row is not None
    assert row.claim is None
    assert row.payment_token is None
    assert all(done.count(status) <= 1 for status in ("authorised", "captured", "voided", "refunded", "failed"))
    if "captured" in done:
        assert RESERVED in messages
    taken = done.count("captured") - done.count("refunded")
    assert taken == int(good and RESERVED in messages and not called_off(row))
    if called_off(row):
        assert done.count("authorised") == done.count("captured") + done.count("voided")
    stored = {each.event().event_id: each.text for each in row.events}
    assert dict(queue.published) == stored
    assert all(stored[event_id] == text for event_id, text in queue.published)
    told = [each.type.removeprefix("payment.") for each in row.events]
    silent = {"authorised"}
    names = {"captured": "completed", "voided": "voided", "refunded": "refunded", "failed": "failed"}
    assert told == [names[status] for status in done if status not in silent]


@settings(max_examples=400, deadline=None)
@given(
    order_events("tok_ok"),
    MOVES,
    st.lists(st.sampled_from([0, 0, 1, 2]), max_size=8),
    WRITES,
    st.sampled_from([True] * 4 + [False]),
)
def test_a_provider_without_idempotency_keys_is_never_asked_for_the_same_twice(messages, moves, faults, writes, good):
    time, provider = FakeTime(), Forgetful(faults, good)
    edges = stepped_edges(time, writes)
    queue = Queue(messages, edges, time, provider, ends_late=False)
    queue.play(moves)
    check(edges, queue, messages, provider.done, good)


@settings(max_examples=60, deadline=None)
@pytest.mark.parametrize("token", ["tok_ok", "tok_flaky", "tok_lost", "tok_declined"])
@given(st.data())
def test_with_idempotency_keys_even_an_attempt_that_comes_back_to_life_takes_no_money_twice(token, data):
    messages, moves = data.draw(order_events(token)), data.draw(MOVES)
    time = FakeTime()
    edges = stepped_edges(time, data.draw(WRITES))
    queue = Queue(messages, edges, time, None, ends_late=True)
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
    check(edges, queue, messages, done, token != "tok_declined")
