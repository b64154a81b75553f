"""A consumer's dead-letter queue and the way back from it, for the API and for a person's command.

SQS moves messages by itself where the endpoint has message move tasks; where it has not, they are moved one by one.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

LOOKING_SECONDS = 60
"""How long a received message is hidden; `show_again` shows it before."""
BATCH = 10
NO_SUCH_ACTION = frozenset({"InvalidAction", "AWS.SimpleQueueService.UnsupportedOperation", "UnsupportedOperation"})

Message = Mapping[str, Any]


class DeadLetterQueue:
    """`queue` is the full name of the consumer's queue. `wait`: seconds a receive looks; SQS sees all only if it waits.

    Raises the client's QueueDoesNotExist if there is no such consumer.
    """

    def __init__(self, sqs: Any, queue: str, wait: int = 1) -> None:
        self._sqs, self._wait, self._name = sqs, wait, queue
        self._dead = sqs.get_queue_url(QueueName=f"{queue}-dlq")["QueueUrl"]

    @cached_property
    def _queue(self) -> str:
        """What no consumer reads has none."""
        return str(self._sqs.get_queue_url(QueueName=self._name)["QueueUrl"])

    def receive(self, most: int = BATCH) -> list[Message]:
        """Up to `most` messages, ten at the most, hidden now, with all their attributes."""
        answer = self._sqs.receive_message(
            QueueUrl=self._dead,
            MaxNumberOfMessages=min(most, BATCH),
            VisibilityTimeout=LOOKING_SECONDS,
            WaitTimeSeconds=self._wait,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        messages: list[Message] = answer.get("Messages", [])
        return messages

    def show_again(self, message: Message) -> None:
        self._sqs.change_message_visibility(
            QueueUrl=self._dead, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
        )

    def send_back(self, message: Message) -> None:
        """The consumer gets it before it leaves here, so a crash between repeats it and loses nothing."""
        self._sqs.send_message(QueueUrl=self._queue, MessageBody=message["Body"])
        self._sqs.delete_message(QueueUrl=self._dead, ReceiptHandle=message["ReceiptHandle"])

    def start_move(self, per_second: int | None = None) -> bool:
        """Starts SQS's own move of all messages, at most 500 a second; False where the endpoint has none.

        Without DestinationArn it fails for messages that were sent here by hand, as the batch runner does.
        """
        rate = {} if per_second is None else {"MaxNumberOfMessagesPerSecond": per_second}
        try:
            self._sqs.start_message_move_task(
                SourceArn=self._arn(self._dead), DestinationArn=self._arn(self._queue), **rate
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in NO_SUCH_ACTION:
                return False
            raise
        return True

    def last_move(self) -> Mapping[str, Any]:
        """How far the move is that was started last, as SQS tells it."""
        answer = self._sqs.list_message_move_tasks(SourceArn=self._arn(self._dead), MaxResults=1)
        last: Mapping[str, Any] = answer["Results"][0]
        return last

    def _arn(self, url: str) -> str:
        answer = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return str(answer["Attributes"]["QueueArn"])
