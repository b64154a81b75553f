"""A consumer's dead-letter queue and the way back from it, for the API and for a person's command.

SQS moves messages by itself where the endpoint has message move tasks; where it has not, they are moved one by one.
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

RULES = "subscriptions"
"""Stands for the rules of subscriptions/: they have a dead-letter queue together, and no queue to send back to."""
UNDELIVERED = f"{RULES}-dlq"
"""That queue."""

LOOKING_SECONDS = 60
"""For how long a received message is hidden by default; `show_again` ends that earlier."""
LONGEST_HIDDEN = 43_200
"""Seconds; SQS hides a message for no longer."""
BATCH = 10
MOST_MOVES = 10
"""SQS lists no more than this many moves of a queue."""
UNDER_WAY = frozenset({"RUNNING", "CANCELLING"})
"""States of a move; SQS has one at a time for each dead-letter queue."""
NO_LONGER_HIDDEN = frozenset(
    {
        "AWS.SimpleQueueService.MessageNotInflight",
        "InvalidParameterValue",
        "MessageNotInflight",
        "ReceiptHandleIsInvalid",
    }
)
"""What SQS says of a receipt handle whose message is visible again, or gone."""
NO_SUCH_ACTION = frozenset({"InvalidAction", "AWS.SimpleQueueService.UnsupportedOperation", "UnsupportedOperation"})

Message = Mapping[str, Any]
Task = Mapping[str, Any]


class Move(Enum):
    """What came of asking SQS to move all messages by itself. UNDER_WAY: it does so already; UNKNOWN: the endpoint has
    no such operation."""

    STARTED = "started"
    UNDER_WAY = "under way"
    UNKNOWN = "unknown"


class DeadLetterQueue:
    """`queue` is the full name of the consumer's queue. `wait` is the seconds of long polling: without it, SQS asks
    only some of its servers and may miss messages.

    Raises the client's QueueDoesNotExist if there is no such consumer.
    """

    def __init__(self, sqs: Any, queue: str, wait: int = 1) -> None:
        self._sqs, self._wait, self._name = sqs, wait, queue
        self._dead = sqs.get_queue_url(QueueName=f"{queue}-dlq")["QueueUrl"]

    @cached_property
    def _queue(self) -> str:
        """Looked up when needed, because the dead-letter queue of the rules has no such queue beside it."""
        return str(self._sqs.get_queue_url(QueueName=self._name)["QueueUrl"])

    def receive(self, most: int = BATCH, seconds: float = LOOKING_SECONDS) -> list[Message]:
        """Up to `most` messages, at most ten, with all their attributes; they are hidden for `seconds` then."""
        answer = self._sqs.receive_message(
            QueueUrl=self._dead,
            MaxNumberOfMessages=min(most, BATCH),
            VisibilityTimeout=min(LONGEST_HIDDEN, int(seconds)),
            WaitTimeSeconds=self._wait,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        messages: list[Message] = answer.get("Messages", [])
        return messages

    def show_again(self, message: Message) -> None:
        """Makes a hidden message visible now. It is no error if it is visible again already."""
        try:
            self._sqs.change_message_visibility(
                QueueUrl=self._dead, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
            )
        except ClientError as error:
            if error.response["Error"]["Code"] not in NO_LONGER_HIDDEN:
                raise

    def send_back(self, message: Message) -> None:
        """Sends first and deletes afterwards: a crash in between repeats the message instead of losing it."""
        self._sqs.send_message(QueueUrl=self._queue, MessageBody=message["Body"])
        self._sqs.delete_message(QueueUrl=self._dead, ReceiptHandle=message["ReceiptHandle"])

    def start_move(self, per_second: int | None = None) -> Move:
        """Starts SQS's own move of all messages, at most 500 a second.

        Without DestinationArn it fails for messages that were sent here by hand, as the batch runner does.
        """
        known = self.moves()
        if known is None:
            return Move.UNKNOWN
        if any_under_way(known):
            return Move.UNDER_WAY
        rate = {} if per_second is None else {"MaxNumberOfMessagesPerSecond": per_second}
        try:
            self._sqs.start_message_move_task(
                SourceArn=self._arn(self._dead), DestinationArn=self._arn(self._queue), **rate
            )
        except ClientError:
            if any_under_way(self.moves() or []):  # somebody was faster; SQS has several error codes for that
                return Move.UNDER_WAY
            raise
        return Move.STARTED

    def moves(self) -> Sequence[Task] | None:
        """The moves that SQS lists for this queue, the latest first; None if the endpoint has no such operation."""
        try:
            answer = self._sqs.list_message_move_tasks(SourceArn=self._arn(self._dead), MaxResults=MOST_MOVES)
        except ClientError as error:
            if error.response["Error"]["Code"] in NO_SUCH_ACTION:
                return None
            raise
        found: list[Task] = answer.get("Results", [])
        return found

    def _arn(self, url: str) -> str:
        answer = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return str(answer["Attributes"]["QueueArn"])


def any_under_way(moves: Sequence[Task]) -> bool:
    return any(each["Status"] in UNDER_WAY for each in moves)
