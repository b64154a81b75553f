"""Dead letters: what failed for good, why, and the way back."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from edges.dead_letters import DeadLetterQueue
from edges.settings import Settings
from orderwire.problem import Problem
from schemas.parse import ContractError, unwrap

BETWEEN_LOOKS = 1.0

Tick = Callable[[int], None]
"""Gets the number of messages that have been moved so far."""


@dataclass(frozen=True)
class DeadLetter:
    """`reason` is why it is here: what the batch runner wrote, what EventBridge wrote, or SQS's own rule."""

    consumer: str
    order_id: str | None
    event: str | None
    event_id: str | None
    reason: str
    error: str | None
    attempts: int
    since: datetime


class DeadLetters:
    """The dead-letter queue of one consumer. `wait` is that of `DeadLetterQueue`."""

    def __init__(self, sqs: Any, settings: Settings, consumer: str, wait: int = 1) -> None:
        self.consumer, self._letters = consumer, DeadLetterQueue(sqs, settings.name(consumer), wait)

    def show(self) -> list[DeadLetter]:
        """All of them, oldest first. Looking counts as a receive, which a dead-letter queue does not mind."""
        with self._looked_at() as messages:
            return sorted((describe(self.consumer, each) for each in messages), key=lambda letter: letter.since)

    def redrive(self, order_id: str | None, tick: Tick) -> int:
        """Sends all back to the consumer, or those of one order; answers how many."""
        if order_id is None and self._letters.start_move():
            return self._follow_move(tick)
        moved = 0
        with self._looked_at() as messages:
            for message in list(messages):
                if order_id in (None, describe(self.consumer, message).order_id):
                    self._letters.send_back(message)
                    messages.remove(message)
                    moved += 1
                    tick(moved)
        return moved

    def _follow_move(self, tick: Tick) -> int:
        while True:
            task = self._letters.last_move()
            moved = int(task.get("ApproximateNumberOfMessagesMoved", 0))
            tick(moved)
            if task["Status"] == "COMPLETED":
                return moved
            if task["Status"] != "RUNNING":
                raise Problem(f"SQS ended the move as {task['Status']}: {task.get('FailureReason', 'no reason given')}")
            time.sleep(BETWEEN_LOOKS)

    @contextmanager
    def _looked_at(self) -> Iterator[list[Mapping[str, Any]]]:
        """Every message, hidden meanwhile; what is left in the list afterwards is visible again at once."""
        messages: list[Mapping[str, Any]] = []
        try:
            while more := self._letters.receive():
                messages += more
            yield messages
        finally:
            for message in messages:
                self._letters.show_again(message)


def describe(consumer: str, message: Mapping[str, Any]) -> DeadLetter:
    told = {name: value.get("StringValue") for name, value in message.get("MessageAttributes", {}).items()}
    system = message.get("Attributes", {})
    metadata, detail_type, order_id = contents(message["Body"])
    return DeadLetter(
        consumer=consumer,
        order_id=told.get("order_id") or order_id,
        event=detail_type,
        event_id=metadata.get("event_id"),
        reason=reason_of(told),
        error=told.get("error") or told.get("ERROR_MESSAGE"),
        attempts=int(told.get("attempts") or system.get("ApproximateReceiveCount", 0)),
        since=datetime.fromtimestamp(int(system.get("SentTimestamp", 0)) / 1000, UTC),
    )


def reason_of(told: Mapping[str, str | None]) -> str:
    if told.get("reason"):
        return str(told["reason"])
    if told.get("ERROR_CODE"):
        return f"not delivered by the bus: {told['ERROR_CODE']}"
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
