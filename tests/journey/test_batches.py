"""One bad record never holds up or repeats the others of its batch, however the event source mapping is set."""

import json
from dataclasses import dataclass

import pytest

from tables.payments import Payments
from tests.support.embedded import eventually
from tests.support.events import created, entry, event

pytestmark = [pytest.mark.xdist_group("release")]

FUNCTION, QUEUE, DEAD_LETTERS = "orderwire-dev-payment", "payment", "payment-dlq"
GOOD = ("first", "second", "third")


@dataclass(frozen=True)
class Batch:
    """A batch that the deployed payment function was given, once nothing of it is left in the queue.

    `handled` maps the end of an order's id to the attempts in which it was handled to its end; `log` is the function's.
    """

    name: str
    handled: dict
    dead: list
    log: list
    emptied: bool


def bodies(name):
    """Three good orders, one whose card works at the third attempt, one that breaks its contract."""
    yield from (entry(event(created(f"ord_{name}_{end}"))) for end in GOOD)
    yield entry(event(created(f"ord_{name}_flaky", payment_token="tok_flaky")))
    poison = entry(event(created(f"ord_{name}_poison")))
    poison["detail"]["data"]["total"] = "a lot"
    yield poison


def url(release, name):
    return release.edges.clients.sqs.get_queue_url(QueueName=release.edges.settings.name(name))["QueueUrl"]


def is_empty(release, name):
    wanted = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = release.edges.clients.sqs.get_queue_attributes(QueueUrl=url(release, name), AttributeNames=wanted)
    return all(answer["Attributes"][each] == "0" for each in wanted)


def set_mapping(release, **settings):
    """Changes the event source mapping of the function and waits until it is changed."""
    client = release.account.client("lambda")
    mapping = client.list_event_source_mappings(FunctionName=FUNCTION)["EventSourceMappings"][0]["UUID"]
    client.update_event_source_mapping(UUID=mapping, **settings)
    wanted = "Enabled" if settings.get("Enabled") else "Disabled"
    assert eventually(lambda: client.get_event_source_mapping(UUID=mapping)["State"] == wanted)
    return client.get_event_source_mapping(UUID=mapping)


def log_of(release):
    """The function's log so far: its JSON lines as dicts, other lines as text."""
    pages = release.account.client("logs").get_paginator("filter_log_events")
    lines = [
        line
        for page in pages.paginate(logGroupName=f"/aws/lambda/{FUNCTION}")
        for each in page["events"]
        for line in each["message"].splitlines()
    ]
    return [json.loads(line) if line.startswith("{") else line for line in lines]


def handled_in(log, name):
    ends = {}
    for line in log:
        if isinstance(line, dict) and line["message"] == "handled" and line["order_id"].startswith(f"ord_{name}_"):
            ends.setdefault(line["order_id"].rpartition("_")[2], []).append(line["attempt"])
    return ends


def take_dead_letters(release):
    sqs, queue = release.edges.clients.sqs, url(release, DEAD_LETTERS)
    answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
    for message in answer.get("Messages", []):
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return answer.get("Messages", [])


@pytest.fixture(scope="module", params=[[], ["ReportBatchItemFailures"]], ids=["plain", "reporting"])
def batch(release, request):
    """The messages wait in the queue before the mapping is enabled, so that they are received together."""
    name = "reporting" if request.param else "plain"
    set_mapping(release, Enabled=False)
    before = len(log_of(release))
    entries = [{"Id": str(number), "MessageBody": json.dumps(body)} for number, body in enumerate(bodies(name))]
    release.edges.clients.sqs.send_message_batch(QueueUrl=url(release, QUEUE), Entries=entries)
    mapping = set_mapping(release, Enabled=True, FunctionResponseTypes=request.param)
    assert mapping.get("FunctionResponseTypes", []) == request.param
    emptied = eventually(lambda: is_empty(release, QUEUE))
    log = log_of(release)[before:]
    return Batch(name, handled_in(log, name), take_dead_letters(release), log, bool(emptied))


def test_nothing_is_left_of_the_batch(batch):
    assert batch.emptied


def test_the_records_came_as_one_batch_of_which_one_was_left(batch):
    assert any("1 of 5 records are left in the queue" in str(line) for line in batch.log)


def test_what_succeeded_was_handled_once(batch):
    assert {end: batch.handled.get(end) for end in GOOD} == {end: [1] for end in GOOD}


def test_what_failed_came_again_until_it_succeeded(release, batch):
    assert batch.handled["flaky"] == [3]
    row = Payments(release.edges).get(f"ord_{batch.name}_flaky")
    assert row.status == "authorised"


def test_what_cannot_succeed_is_a_dead_letter_that_says_why(batch):
    assert len(batch.dead) == 1
    told = {key: value["StringValue"] for key, value in batch.dead[0]["MessageAttributes"].items()}
    assert (told["reason"], told["attempts"], told["order_id"]) == ("invalid", "1", f"ord_{batch.name}_poison")
    assert "/data/total" in told["error"]
    assert json.loads(batch.dead[0]["Body"])["detail"]["data"]["total"] == "a lot"
