"""Dead letters: what failed for good, why, and the way back."""

import math
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from edges.clock import Clock
from edges.dead_letters import BATCH, LOOKING_SECONDS, UNDER_WAY, DeadLetterQueue, Message, Move, any_under_way
from edges.queues import depth
from edges.settings import Settings
from orderwire.console.problem import Problem
from orderwire.console.waiting import wait_until
from schemas.parse import ContractError, unwrap

BETWEEN_LOOKS = 1.0
LOOK_SECONDS = 0.1
"""How long a message takes to be looked at, more than it takes in AWS."""

MOVED_HERE = "DeadLetterQueueSourceArn"
"""The attribute of a message that SQS has moved by itself, because it was received too often."""

Tick = Callable[[int], None]
"""Gets the number of messages that have been moved so far."""


@dataclass(frozen=True)
class DeadLetter:
    """`reason` is why it is here: what the batch runner, EventBridge or SNS wrote, or SQS's own rule. `attempts` is how
    often that was tried."""

    consumer: str
    order_id: str | None
    event: str | None
    event_id: str | None
    reason: str
    error: str | None
    attempts: int
    since: datetime


class RedrivePace:
    """Lets `per_second` things happen a second, evenly; any number, if that is None."""

    def __init__(self, clock: Clock, per_second: int | None) -> None:
        self._clock, self._between = clock, 1 / per_second if per_second else 0.0
        self._next = clock.monotonic()

    def seconds(self, things: float) -> float:
        """How long so many take."""
        return things * self._between

    def wait(self) -> None:
        """Until the next one may happen."""
        now = self._clock.monotonic()
        if now < self._next:
            self._clock.sleep(self._next - now)
        self._next = max(now, self._next) + self._between


class DeadLetters:
    """The dead-letter queue of one consumer. `wait` is that of `DeadLetterQueue`."""

    def __init__(self, sqs: Any, settings: Settings, consumer: str, wait: int = 1, clock: Clock | None = None) -> None:
        self.consumer, self._letters = consumer, DeadLetterQueue(sqs, settings.name(consumer), wait)
        self._sqs, self._name = sqs, settings.name(f"{consumer}-dlq")
        self._clock = clock or Clock()

    def count(self) -> int:
        return depth(self._sqs, self._name).total

    def show(self, most: int | None = None) -> list[DeadLetter]:
        """All of them, or up to `most`, oldest first. Looking counts as a receive, and SQS leaves what was received
        more than three times out of the age of the oldest message: alarms watch how many there are."""
        with self._looked_at(most) as messages:
            return sorted((describe(self.consumer, each) for each in messages), key=lambda letter: letter.since)

    def redrive(self, order_id: str | None, tick: Tick, per_second: int | None = None) -> int:
        """Sends all back to the consumer, or those of one order, at that rate; returns how many.

        If SQS moves all of them already, that move is followed to its end; for those of one order, raises Problem.
        """
        pace = RedrivePace(self._clock, per_second)
        if order_id is not None:
            if any_under_way(self._letters.moves() or []):
                raise Problem(f"All dead letters of {self.consumer} are on their way back already, at SQS's own rate.")
            return self._move_those_of(order_id, pace, tick)
        if self._letters.start_move(per_second) is Move.UNKNOWN:
            return self._move_all(pace, tick)
        return self._follow_move(tick)

    def _move_all(self, pace: RedrivePace, tick: Tick) -> int:
        """As many as there are now: what fails again meanwhile would come round for ever. They are looked at by the
        batch, so that none is hidden for longer than its batch takes."""
        moved, total = 0, self.count()
        while moved < total and (messages := self._letters.receive(total - moved)):
            with self._hidden(messages):
                moved = self._send_back(messages, moved, pace, tick)
        return moved

    def _move_those_of(self, order_id: str, pace: RedrivePace, tick: Tick) -> int:
        """All have to be looked at to find them. The others are not hidden while these are moved at their rate."""
        with self._looked_at(pace=pace) as messages:
            others = [each for each in messages if describe(self.consumer, each).order_id != order_id]
            for message in others:
                self._letters.show_again(message)
                messages.remove(message)
            return self._send_back(messages, 0, pace, tick)

    def _follow_move(self, tick: Tick) -> int:
        moved = 0

        def ended() -> bool:
            nonlocal moved
            task = (self._letters.moves() or [])[0]
            moved = int(task.get("ApproximateNumberOfMessagesMoved", 0))
            tick(moved)
            if task["Status"] not in {"COMPLETED", *UNDER_WAY}:
                raise Problem(f"SQS ended the move as {task['Status']}: {task.get('FailureReason', 'no reason given')}")
            return bool(task["Status"] == "COMPLETED")

        wait_until(ended, math.inf, BETWEEN_LOOKS, clock=self._clock)
        return moved

    def _send_back(self, messages: list[Message], moved: int, pace: RedrivePace, tick: Tick) -> int:
        """Each leaves the list as it goes; returns how many have been moved then, `moved` of them before."""
        for message in list(messages):
            pace.wait()
            self._letters.send_back(message)
            messages.remove(message)
            moved += 1
            tick(moved)
        return moved

    @contextmanager
    def _looked_at(self, most: int | None = None, pace: RedrivePace | None = None) -> Iterator[list[Message]]:
        """Every message once, or up to `most`, hidden for as long as it takes to look at all and to send them at this
        pace. SQS may hand out a message twice; the last handle is the one that counts."""
        wanted = min(self.count(), math.inf if most is None else most)
        seconds = LOOKING_SECONDS + wanted * LOOK_SECONDS + (pace.seconds(wanted) if pace else 0)
        messages: list[Message] = []
        with self._hidden(messages):
            for found in self._looks(math.inf if most is None else most, seconds):
                messages[:] = found
            yield messages

    def _looks(self, most: float, seconds: float) -> Iterator[Collection[Message]]:
        """All that were found so far, look by look, until one brings nothing new."""
        found: dict[str, Message] = {}
        known = -1
        while known < len(found) < most:
            known = len(found)
            batch = int(min(BATCH, most - known))
            found.update({each["MessageId"]: each for each in self._letters.receive(batch, seconds)})
            yield found.values()

    @contextmanager
    def _hidden(self, messages: list[Message]) -> Iterator[None]:
        """What is left in the list after the block is visible again at once."""
        try:
            yield
        finally:
            for message in messages:
                self._letters.show_again(message)


def describe(consumer: str, message: Mapping[str, Any]) -> DeadLetter:
    """What a letter carries is of an earlier time if SQS has moved it here: its own moves back leave that on it."""
    system = message.get("Attributes", {})
    carried = {} if MOVED_HERE in system else message.get("MessageAttributes", {})
    told = {name: value.get("StringValue") for name, value in carried.items()}
    metadata, detail_type, order_id = contents(message["Body"])
    return DeadLetter(
        consumer=consumer,
        order_id=told.get("order_id") or order_id,
        event=detail_type,
        event_id=metadata.get("event_id"),
        reason=reason_of(told),
        error=told.get("error") or told.get("ERROR_MESSAGE") or told.get("ErrorMessage"),
        attempts=int(told.get("attempts") or told.get("RETRY_ATTEMPTS") or system.get("ApproximateReceiveCount", 0)),
        since=datetime.fromtimestamp(int(system.get("SentTimestamp", 0)) / 1000, UTC),
    )


def reason_of(told: Mapping[str, str | None]) -> str:
    if told.get("reason"):
        return str(told["reason"])
    if told.get("ERROR_CODE"):
        return f"not delivered by the bus: {told['ERROR_CODE']}"
    if told.get("ErrorCode"):
        return f"not delivered by the topic: {told['ErrorCode']}"
    return "received too often"


def contents(body: str) -> tuple[Mapping[str, Any], str | None, str | None]:
    """(metadata, detail-type, order id) as far as the body has them: what is here may be anything."""
    try:
        document = unwrap(body)
    except ContractError:
        return {}, None, None
    detail = document.get("detail")
    detail = detail if isinstance(detail, dict) else {}
    metadata, data = detail.get("metadata"), detail.get("data")
    order_id = data.get("order_id") if isinstance(data, dict) else None
    return (
        metadata if isinstance(metadata, dict) else {},
        str(document["detail-type"]) if "detail-type" in document else None,
        order_id if isinstance(order_id, str) else None,
    )
