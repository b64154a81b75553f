"""SQS messages as Lambda hands them to a function."""

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from edges.clock import Clock

LARGEST_RECEIVE = 10
LONG_POLL = 1
"""Seconds. As long as a stop may take, for a receive that is given up would hide its messages."""

LONGEST_WINDOW = 1.0
"""Seconds. What saves requests in AWS would only make people wait here, and hold up a stop."""
BETWEEN_RECEIVES = 0.5

Message = Mapping[str, Any]
Receive = Callable[[int, int], Sequence[Message]]
"""(most messages, seconds to wait for the first) -> messages as boto3 gives them."""


def lambda_record(message: Message, queue_arn: str) -> dict[str, Any]:
    """One of `Records` of a Lambda SQS event, from a message received with all its attributes."""
    record = {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": dict(message.get("Attributes", {})),
        "messageAttributes": {
            name: lambda_attribute(value) for name, value in message.get("MessageAttributes", {}).items()
        },
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": queue_arn.split(":")[3],
    }
    if "MD5OfMessageAttributes" in message:
        record["md5OfMessageAttributes"] = message["MD5OfMessageAttributes"]
    return record


def lambda_attribute(value: Mapping[str, Any]) -> dict[str, Any]:
    """A message attribute in Lambda's spelling; bytes are base64 there."""
    attribute = {"stringListValues": [], "binaryListValues": [], "dataType": value["DataType"]}
    if "StringValue" in value:
        attribute["stringValue"] = value["StringValue"]
    if "BinaryValue" in value:
        attribute["binaryValue"] = base64.b64encode(value["BinaryValue"]).decode()
    return attribute


def collect(receive: Receive, size: int, window: float, clock: Clock) -> list[Message]:
    """A batch of up to `size` messages; after the first ones, more are waited for, up to `window` seconds.

    Without a window it is what one receive gives.
    """
    batch = list(receive(min(size, LARGEST_RECEIVE), LONG_POLL))
    closes = clock.monotonic() + min(window, LONGEST_WINDOW)
    while batch and len(batch) < size and clock.monotonic() < closes:
        more = receive(min(size - len(batch), LARGEST_RECEIVE), 0)
        batch += more
        if len(more) < LARGEST_RECEIVE:
            clock.sleep(max(0.0, min(BETWEEN_RECEIVES, closes - clock.monotonic())))
    return batch
