"""Concurrent attempts whose every step is decided by the test: who moves next, who dies where, what time it is.

An attempt runs in a thread that stands still at each `step()` until it is told to move or to crash. The steps are taken
by `SteppedDynamoDB`, around each call, and by fakes of other services. `InterleavedQueue` delivers messages to such
attempts.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Semaphore, Thread, current_thread
from types import SimpleNamespace
from typing import Any

from hypothesis import strategies as st

from consumers.runner.batch import Delivery, as_published
from edges.connect import Edges
from edges.publisher import AnyEvent
from edges.settings import Settings
from tests.support.edges import FakeTime, fake_chance
from tests.support.services.dynamodb import CONFLICT, FINE, LOST, REPEATED, FakeDynamoDB


class Crash(BaseException):
    """The process is gone; nothing that catches errors may catch this."""


class Attempt(Thread):
    """Runs `work` step by step. `error` is what it ended with, a crash included."""

    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self._work, self._go, self._still = work, Semaphore(0), Semaphore(0)
        self._crash = self.ended = False
        self.error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self._await_move()
            self._work()
        except BaseException as error:
            self.error = error
        self.ended = True
        self._still.release()

    def move(self, crash: bool = False) -> None:
        """Lets it go on to its next step, or ends it where it stands."""
        self._crash = crash
        self._go.release()
        self._still.acquire()

    def pause(self) -> None:
        self._still.release()
        self._await_move()

    def _await_move(self) -> None:
        self._go.acquire()
        if self._crash:
            raise Crash


def move_all(attempts: Sequence[Attempt], schedule: Iterable[tuple[int, bool]]) -> None:
    """Moves the attempts by their numbers, one step each time, and lets one die where the schedule says so; then lets
    each that is left go on to its end."""
    for number, crash in schedule:
        if number < len(attempts) and not attempts[number].ended:
            attempts[number].move(crash)
    for attempt in attempts:
        while not attempt.ended:
            attempt.move()


def step() -> None:
    """A place where the running attempt can be overtaken or die. Outside of attempts nothing happens."""
    attempt = current_thread()
    if isinstance(attempt, Attempt):
        attempt.pause()


class SteppedDynamoDB(FakeDynamoDB):
    """A FakeDynamoDB whose callers stand still before each call, and again after each write."""

    def get_item(self, **get: Any) -> dict[str, Any]:
        step()
        return super().get_item(**get)

    def put_item(self, **put: Any) -> dict[str, Any]:
        step()
        answer = super().put_item(**put)
        step()
        return answer

    def batch_get_item(self, **get: Any) -> dict[str, Any]:
        step()
        return super().batch_get_item(**get)

    def transact_write_items(self, **transaction: Any) -> dict[str, Any]:
        step()
        answer = super().transact_write_items(**transaction)
        step()
        return answer


def stepped_edges(time: FakeTime, writes: Sequence[str] = (), **clients: Any) -> Edges:
    """`writes` says what becomes of one write after the other."""
    fakes: Any = SimpleNamespace(dynamodb=SteppedDynamoDB(writes), **clients)
    return Edges(Settings(stage="test"), fakes, time.clock(), fake_chance())


@dataclass
class Message:
    """An event in a queue. Once it is deleted it never comes again, whoever still has it in hand."""

    event: AnyEvent
    replayed: bool = False
    deleted: bool = False


@dataclass(frozen=True)
class Running:
    attempt: Attempt
    message: Message
    began: datetime


class InterleavedQueue:
    """Delivers messages to attempts of a handler, some to two at once, and takes back what neither finished.

    `passing` are the errors after which a message comes again, as it does after a crash. Lambda ends an attempt after
    `timeout` seconds, unless it `ends_late`, as a process of one's own may. `published` is what came of them, in order.
    """

    def __init__(
        self,
        messages: Sequence[Message],
        handle: Callable[[Delivery], Any],
        time: FakeTime,
        timeout: float,
        passing: tuple[type[BaseException], ...],
        ends_late: bool = False,
    ) -> None:
        self.waiting, self.running = list(messages), list[Running]()
        self.published: list[AnyEvent] = []
        self._handle, self._time, self._timeout = handle, time, timeout
        self._passing, self._ends_late = (Crash, *passing), ends_late

    def play(self, moves: Sequence[tuple[str, int, int]]) -> None:
        """(what happens, to which of those it can happen to, steps or seconds); then all goes on until it is done."""
        for kind, which, steps in moves:
            if kind == "deliver" and self.waiting:
                self.deliver(which)
            elif kind == "again" and self.running:
                self.deliver_again(which)
            elif kind == "move" and self.running:
                for _ in range(steps):
                    self.move(which)
            elif kind == "crash" and self.running:
                self.move(which, crash=not self._is_late(which))
            elif kind == "wait":
                self.pass_time(steps)
        self.finish()

    def deliver(self, which: int) -> None:
        self._start(self.waiting.pop(which % len(self.waiting)))

    def deliver_again(self, which: int) -> None:
        """SQS gives the message of an attempt that is running to a second one."""
        self._start(self.running[which % len(self.running)].message)

    def run(self, which: int) -> None:
        """Lets an attempt go on to its end, without any other."""
        attempt = self.running[which].attempt
        while not attempt.ended:
            self.move(which)

    def _start(self, message: Message) -> None:
        self.running.append(Running(Attempt(lambda: self._attempt(message)), message, self._time.now))

    def _attempt(self, message: Message) -> None:
        found = self._handle(Delivery(message.event, message.replayed, 1))
        step()
        self.published += [as_published(each, message.replayed) for each in found]

    def move(self, which: int, crash: bool = False) -> None:
        if not self.running:
            return
        place = which % len(self.running)
        attempt, message = self.running[place].attempt, self.running[place].message
        attempt.move(crash)
        if not attempt.ended:
            return
        del self.running[place]
        if attempt.error is None:
            message.deleted = True
            self.waiting = [each for each in self.waiting if each is not message]
        elif not isinstance(attempt.error, self._passing):
            raise attempt.error
        elif not (message.deleted or any(each is message for each in self._elsewhere())):
            self.waiting.append(message)

    def _elsewhere(self) -> list[Message]:
        return [*self.waiting, *(each.message for each in self.running)]

    def pass_time(self, seconds: int) -> None:
        self._time.advance(seconds)
        for which in reversed(range(len(self.running))):
            if self._is_late(which) and not self._ends_late:
                self.move(which, crash=True)

    def _is_late(self, which: int) -> bool:
        began = self.running[which % len(self.running)].began
        return (self._time.now - began).total_seconds() > self._timeout

    def finish(self) -> None:
        for _ in range(40):
            while self.running:
                self.move(0)
            if not self.waiting:
                return
            self._time.advance(60)
            self.deliver(0)
        raise AssertionError(f"never finished: {[each.event.type for each in self.waiting]}")


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["deliver", "deliver", "again", "move", "move", "move", "crash", "wait"]),
        st.integers(0, 3),
        st.sampled_from([1, 2, 3, 5, 8, 45]),
    ),
    min_size=10,
    max_size=50,
)

WRITES = st.lists(st.sampled_from([FINE] * 6 + [CONFLICT, LOST, REPEATED]), max_size=12)


def messages_of(events: Sequence[AnyEvent]) -> st.SearchStrategy[list[Message]]:
    """Each event once, some of them twice, some of them replayed as well."""
    more = st.lists(st.tuples(st.sampled_from(events), st.booleans()), max_size=3)
    return more.map(lambda found: [*map(Message, events), *(Message(*each) for each in found)])
