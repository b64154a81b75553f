"""Looks for one message in a queue that belongs to somebody else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

BATCH, MOST_LOOKED_AT = 10, 100
"""Messages of a receive, and of a look."""

HIDDEN_SECONDS = 30
"""For how long a look hides messages, if it cannot make them visible again."""

COUNTED = "ApproximateNumberOfMessages"

Message = Mapping[str, Any]


class OutOfSight(Exception):
    """The queue cannot be looked into from here; the text says why."""


class NotThere(Exception):
    """A queue of this account that does not exist."""


@dataclass(frozen=True)
class ForeignQueue:
    """A queue of another team. Its messages are made visible again after a look, but for the one that is looked for."""

    sqs: Any
    url: str

    def take(self, marker: str) -> Message | None:
        """The message that has the marker in it, which is deleted, or None."""
        others: list[Message] = []
        try:
            while len(others) < MOST_LOOKED_AT and (messages := self.receive()):
                others += messages
                for message in messages:
                    if marker in message["Body"]:
                        others.remove(message)
                        self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
                        return message
            return None
        finally:
            for message in others:
                self.put_back(message)

    def receive(self) -> list[Message]:
        answer = self.sqs.receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=BATCH,
            VisibilityTimeout=HIDDEN_SECONDS,
            WaitTimeSeconds=1,
            MessageAttributeNames=["All"],
        )
        return list(answer.get("Messages", []))

    def put_back(self, message: Message) -> None:
        handle = message["ReceiptHandle"]
        self.sqs.change_message_visibility(QueueUrl=self.url, ReceiptHandle=handle, VisibilityTimeout=0)


def foreign_queue(sqs: Any, arn: str, account: str) -> ForeignQueue:
    """The queue of this ARN, if a look into it from this account changes nothing. Raises OutOfSight, NotThere."""
    _, _, service, region, owner, name = arn.split(":", 5)
    if service != "sqs":
        raise OutOfSight("it is no queue")
    if (owner, region) != (account, sqs.meta.region_name):
        raise OutOfSight("it is in another account or region")
    try:
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy", COUNTED])["Attributes"]
    except sqs.exceptions.QueueDoesNotExist:
        raise NotThere(name) from None
    except ClientError as error:
        raise OutOfSight(f"SQS says {error.response['Error']['Code']}") from None
    if "RedrivePolicy" in attributes:
        raise OutOfSight("it counts receives, and a look might send others' messages to its dead-letter queue")
    if int(attributes[COUNTED]) >= MOST_LOOKED_AT:
        raise OutOfSight(f"{attributes[COUNTED]} messages wait in it")
    return ForeignQueue(sqs, url)
