"""A message is looked for in a queue that belongs to somebody else, and nothing else is changed there."""

import json

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from orderwire.subscriptions.foreign_queue import MOST_LOOKED_AT, NotThere, OutOfSight, foreign_queue
from tests.support.edges import session

ACCOUNT, ARN = "123456789012", "arn:aws:sqs:eu-central-1:123456789012:theirs"
MARKER = "verify-1"


class Quick:
    """SQS that answers at once instead of waiting for messages."""

    def __init__(self, sqs):
        self._sqs = sqs

    def __getattr__(self, name):
        return getattr(self._sqs, name)

    def receive_message(self, **request):
        return self._sqs.receive_message(**{**request, "WaitTimeSeconds": 0})


class Closed(Quick):
    """SQS that lets nobody look."""

    def get_queue_attributes(self, **_):
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetQueueAttributes")


@pytest.fixture
def sqs():
    with mock_aws():
        yield Quick(session().client("sqs"))


def visible(sqs, url):
    found = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found += [each["Body"] for each in messages]
    return sorted(found)


@pytest.mark.parametrize(("before", "after", "ours"), [(0, 0, 1), (3, 25, 1), (25, 3, 1), (12, 0, 0), (0, 0, 0)])
def test_ours_is_taken_out_and_the_others_are_there_as_before(sqs, before, after, ours):
    url = sqs.create_queue(QueueName="theirs")["QueueUrl"]
    others = [[f"before {number}" for number in range(before)], [f"after {number}" for number in range(after)]]
    for body in [*others[0], *[f"<{MARKER}>"] * ours, *others[1]]:
        sqs.send_message(QueueUrl=url, MessageBody=body)
    found = foreign_queue(sqs, ARN, ACCOUNT).take(MARKER)
    assert (found["Body"] if found else None) == (f"<{MARKER}>" if ours else None)
    assert visible(sqs, url) == sorted(others[0] + others[1])


def test_a_queue_that_is_not_there_is_said_to_be_missing(sqs):
    with pytest.raises(NotThere, match="theirs"):
        foreign_queue(sqs, ARN, ACCOUNT)


@pytest.mark.parametrize(("arn", "why"), [
    ("arn:aws:sns:eu-central-1:123456789012:theirs", "it is no queue"),
    ("arn:aws:sqs:eu-central-1:999999999999:theirs", "it is in another account or region"),
    ("arn:aws:sqs:us-east-1:123456789012:theirs", "it is in another account or region"),
])  # fmt: skip
def test_what_is_elsewhere_is_not_looked_into(sqs, arn, why):
    with pytest.raises(OutOfSight, match=why):
        foreign_queue(sqs, arn, ACCOUNT)


def test_a_queue_that_counts_receives_is_not_looked_into(sqs):
    sqs.create_queue(QueueName="dead")
    redrive = {"deadLetterTargetArn": ARN.replace("theirs", "dead"), "maxReceiveCount": 1}
    sqs.create_queue(QueueName="theirs", Attributes={"RedrivePolicy": json.dumps(redrive)})
    with pytest.raises(OutOfSight, match="it counts receives"):
        foreign_queue(sqs, ARN, ACCOUNT)


def test_a_long_queue_and_a_closed_one_are_not_looked_into(sqs):
    url = sqs.create_queue(QueueName="theirs")["QueueUrl"]
    with pytest.raises(OutOfSight, match="SQS says AccessDenied"):
        foreign_queue(Closed(sqs), ARN, ACCOUNT)
    for number in range(MOST_LOOKED_AT):
        sqs.send_message(QueueUrl=url, MessageBody=str(number))
    with pytest.raises(OutOfSight, match="100 messages wait in it"):
        foreign_queue(sqs, ARN, ACCOUNT)
