"""Dead letters: what failed for good, why, and the way back."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from edges.settings import Settings
from orderwire.problem import Problem
from schemas.parse import ContractError, unwrap

LOOKING_SECONDS = 60
"""How long a message that is looked at is hidden; it is shown again as soon as the looking ends."""
BATCH = 10
BETWEEN_LOOKS = 1.0
NO_SUCH_ACTION = frozenset({"InvalidAction", "AWS.SimpleQueueService.UnsupportedOperation", "UnsupportedOperation"})

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
    """The dead-letter queue of one consumer. `wait`: seconds that a receive looks; SQS sees all only if it waits."""

    def __init__(self, sqs: Any, settings: Settings, consumer: str, wait: int = 1) -> None:
        self._sqs, self.consumer, self._wait = sqs, consumer, wait
        self._queue = sqs.get_queue_url(QueueName=settings.name(consumer))["QueueUrl"]
        self._dead = sqs.get_queue_url(QueueName=settings.name(f"{consumer}-dlq"))["QueueUrl"]

    def show(self) -> list[DeadLetter]:
        """All of them, oldest first. Looking counts as a receive, which a dead-letter queue does not mind."""
        with self._looked_at() as messages:
            return sorted((describe(self.consumer, each) for each in messages), key=lambda letter: letter.since)

    def redrive(self, order_id: str | None, tick: Tick) -> int:
        """Sends all back to the consumer, or those of one order; answers how many.

        A message goes to the queue before it leaves here, so a crash between repeats it and loses nothing.
        """
        if order_id is None and self._start_move():
            return self._follow_move(tick)
        moved = 0
        with self._looked_at() as messages:
            for message in list(messages):
                if order_id in (None, describe(self.consumer, message).order_id):
                    self._sqs.send_message(QueueUrl=self._queue, MessageBody=message["Body"])
                    self._sqs.delete_message(QueueUrl=self._dead, ReceiptHandle=message["ReceiptHandle"])
                    messages.remove(message)
                    moved += 1
                    tick(moved)
        return moved

    def _start_move(self) -> bool:
        """Starts SQS's own move; False where the endpoint has none.

        Without DestinationArn it fails for messages that were sent here by hand, as the batch runner does.
        """
        try:
            self._sqs.start_message_move_task(SourceArn=self._arn(self._dead), DestinationArn=self._arn(self._queue))
        except ClientError as error:
            if error.response["Error"]["Code"] in NO_SUCH_ACTION:
                return False
            raise
        return True

    def _follow_move(self, tick: Tick) -> int:
        while True:
            task = self._sqs.list_message_move_tasks(SourceArn=self._arn(self._dead), MaxResults=1)["Results"][0]
            moved = int(task.get("ApproximateNumberOfMessagesMoved", 0))
            tick(moved)
            if task["Status"] == "COMPLETED":
                return moved
            if task["Status"] != "RUNNING":
                raise Problem(f"SQS ended the move as {task['Status']}: {task.get('FailureReason', 'no reason given')}")
            time.sleep(BETWEEN_LOOKS)

    def _arn(self, url: str) -> str:
        answer = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return str(answer["Attributes"]["QueueArn"])

    @contextmanager
    def _looked_at(self) -> Iterator[list[Mapping[str, Any]]]:
        """Every message, hidden meanwhile; what is left in the list afterwards is visible again at once."""
        messages: list[Mapping[str, Any]] = []
        try:
            while more := self._receive():
                messages += more
            yield messages
        finally:
            for message in messages:
                self._sqs.change_message_visibility(
                    QueueUrl=self._dead, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
                )

    def _receive(self) -> list[Mapping[str, Any]]:
        answer = self._sqs.receive_message(
            QueueUrl=self._dead,
            MaxNumberOfMessages=BATCH,
            VisibilityTimeout=LOOKING_SECONDS,
            WaitTimeSeconds=self._wait,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        messages: list[Mapping[str, Any]] = answer.get("Messages", [])
        return messages


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
