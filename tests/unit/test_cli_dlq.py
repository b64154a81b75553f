"""Dead letters: shown with their reasons, sent back whole or by order, never lost on the way."""

import dataclasses
import json
from itertools import pairwise

import pytest
from botocore.exceptions import ClientError

from consumers.queue import SourceQueue
from orderwire.cli.dead_letters import LONGEST_ERROR, shortened
from orderwire.commands.dlq import DeadLetters
from orderwire.problem import Problem
from tests.support.edges import moto_edges
from tests.support.events import created, entry, event, sqs_record
from tests.support.sqs import WithoutMoves

BATCHES = 12


@pytest.fixture
def edges():
    with moto_edges() as edges:
        for name in ("payment", "payment-dlq"):
            edges.clients.sqs.create_queue(QueueName=edges.settings.name(name))
        yield edges


def url(edges, name):
    return edges.clients.sqs.get_queue_url(QueueName=edges.settings.name(name))["QueueUrl"]


def bodies(edges, name):
    """The bodies of all messages that can be received now."""
    found = []
    while more := edges.clients.sqs.receive_message(
        QueueUrl=url(edges, name), MaxNumberOfMessages=10, VisibilityTimeout=60
    ).get("Messages"):
        found += [message["Body"] for message in more]
    return sorted(found)


def bury(edges, order_id, reason="hopeless"):
    """What the batch runner does with a record that can never succeed."""
    body = json.dumps(entry(event(created(order_id))))
    sent = edges.clients.sqs.send_message(QueueUrl=url(edges, "payment"), MessageBody=body)
    received = edges.clients.sqs.receive_message(QueueUrl=url(edges, "payment"))["Messages"][0]
    assert received["MessageId"] == sent["MessageId"]
    record = {**sqs_record(body), "receiptHandle": received["ReceiptHandle"]}
    queue = SourceQueue(edges.clients.sqs, edges.settings.name("payment"))
    queue.bury(record, reason=reason, error="no such card", attempts=3, order_id=order_id)
    return body


def letters(edges):
    return DeadLetters(WithoutMoves(edges.clients.sqs), edges.settings, "payment", wait=0, clock=edges.clock)


def test_a_dead_letter_tells_its_reason_attempts_order_and_event(edges):
    bury(edges, "ord_1")
    (letter,) = letters(edges).show()
    assert (letter.consumer, letter.reason, letter.error, letter.attempts) == ("payment", "hopeless", "no such card", 3)
    assert (letter.order_id, letter.event) == ("ord_1", "order.created")
    assert letter.event_id == event(created("ord_1")).event_id


def test_looking_twice_shows_the_same_letters(edges):
    for number in range(BATCHES):
        bury(edges, f"ord_{number:02}")
    first = {letter.order_id for letter in letters(edges).show()}
    assert first == {letter.order_id for letter in letters(edges).show()}
    assert len(first) == BATCHES


def test_a_letter_that_the_bus_could_not_deliver_and_one_that_is_no_event_are_shown_too(edges):
    attributes = {
        "ERROR_CODE": {"DataType": "String", "StringValue": "NO_PERMISSIONS"},
        "ERROR_MESSAGE": {"DataType": "String", "StringValue": "not authorised"},
    }
    send = edges.clients.sqs.send_message
    send(
        QueueUrl=url(edges, "payment-dlq"),
        MessageBody=json.dumps(entry(event(created()))),
        MessageAttributes=attributes,
    )
    send(QueueUrl=url(edges, "payment-dlq"), MessageBody="not JSON")
    send(QueueUrl=url(edges, "payment-dlq"), MessageBody='{"detail": [], "detail-type": "x"}')
    shown = {letter.reason: letter for letter in letters(edges).show()}
    undelivered = shown["not delivered by the bus: NO_PERMISSIONS"]
    assert (undelivered.error, undelivered.order_id) == ("not authorised", created().order_id)
    assert shown["received too often"].order_id is None


def test_what_a_rule_for_people_could_not_deliver_is_shown_though_no_queue_is_there_to_send_it_back_to(edges):
    edges.clients.sqs.create_queue(QueueName=edges.settings.name("subscriptions-dlq"))
    edges.clients.sqs.send_message(
        QueueUrl=url(edges, "subscriptions-dlq"),
        MessageBody=json.dumps(entry(event(created("ord_9")))),
        MessageAttributes={"ERROR_CODE": {"DataType": "String", "StringValue": "NO_PERMISSIONS"}},
    )
    found = DeadLetters(edges.clients.sqs, edges.settings, "subscriptions", wait=0)
    [letter] = found.show()
    assert (letter.order_id, letter.reason) == ("ord_9", "not delivered by the bus: NO_PERMISSIONS")
    assert found.count() == 1


def test_all_letters_go_back_as_they_came(edges):
    sent = sorted(bury(edges, f"ord_{number:02}") for number in range(BATCHES))
    ticks = []
    assert letters(edges).redrive(None, ticks.append) == BATCHES
    assert ticks == list(range(1, BATCHES + 1))
    assert bodies(edges, "payment") == sent
    assert bodies(edges, "payment-dlq") == []


def test_the_letters_of_one_order_go_back_and_all_others_stay(edges):
    wanted, others = bury(edges, "ord_wanted"), [bury(edges, "ord_other"), bury(edges, "ord_third")]
    assert letters(edges).redrive("ord_wanted", lambda _: None) == 1
    assert bodies(edges, "payment") == [wanted]
    assert bodies(edges, "payment-dlq") == sorted(others)


def test_nothing_is_moved_if_no_letter_is_of_that_order(edges):
    bury(edges, "ord_1")
    assert letters(edges).redrive("ord_2", lambda _: None) == 0
    assert len(letters(edges).show()) == 1


@pytest.mark.parametrize(("rate", "seconds"), [(1, BATCHES - 1), (4, (BATCHES - 1) / 4), (500, (BATCHES - 1) / 500)])
def test_letters_go_back_no_faster_than_the_rate(edges, rate, seconds):
    for number in range(BATCHES):
        bury(edges, f"ord_{number:02}")
    began, times = edges.clock.monotonic(), []
    moved = letters(edges).redrive(None, lambda _: times.append(edges.clock.monotonic() - began), rate)
    assert (moved, times[0]) == (BATCHES, 0)
    assert times[-1] == pytest.approx(seconds, abs=1e-3)
    gaps = [after - before for before, after in pairwise(times)]
    assert gaps == pytest.approx([1 / rate] * (BATCHES - 1), abs=1e-3)


def test_a_rate_holds_for_the_letters_of_one_order_too(edges):
    for _ in range(3):
        bury(edges, "ord_wanted")
        bury(edges, "ord_other")
    began = edges.clock.monotonic()
    assert letters(edges).redrive("ord_wanted", lambda _: None, 2) == 3
    assert edges.clock.monotonic() - began == pytest.approx(1.0)
    assert {letter.order_id for letter in letters(edges).show()} == {"ord_other"}


def test_what_fails_again_meanwhile_does_not_come_round_for_ever(edges):
    for number in range(BATCHES):
        bury(edges, f"ord_{number:02}")

    def fail_again(_):
        body = json.dumps(entry(event(created("ord_again"))))
        edges.clients.sqs.send_message(QueueUrl=url(edges, "payment-dlq"), MessageBody=body)

    assert letters(edges).redrive(None, fail_again) == BATCHES
    assert [letter.order_id for letter in letters(edges).show()] == ["ord_again"] * BATCHES


def test_letters_that_could_not_be_sent_are_there_at_once(edges):
    for number in range(BATCHES):
        bury(edges, f"ord_{number:02}")

    def stop(moved):
        if moved == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        letters(edges).redrive(None, stop)
    assert len(letters(edges).show()) == BATCHES - 3


class MovingSqs:
    """SQS with message move tasks, which moto has not: answers one status after the other."""

    def __init__(self, *statuses):
        self.statuses, self.started, self.rate = list(statuses), None, None

    def get_queue_url(self, QueueName):  # noqa: N803  (boto3's names)
        return {"QueueUrl": f"https://{QueueName}"}

    def get_queue_attributes(self, QueueUrl, AttributeNames):  # noqa: N803
        return {"Attributes": {"QueueArn": QueueUrl.replace("https://", "arn:")}}

    def start_message_move_task(self, SourceArn, DestinationArn, **more):  # noqa: N803
        self.started, self.rate = (SourceArn, DestinationArn), more

    def list_message_move_tasks(self, SourceArn, MaxResults):  # noqa: N803
        status = self.statuses.pop(0)
        return {"Results": [{"Status": status, "ApproximateNumberOfMessagesMoved": 7, "FailureReason": "why"}]}


def test_where_sqs_moves_messages_itself_it_is_told_where_to(edges):
    sqs, ticks = MovingSqs("COMPLETED"), []
    assert DeadLetters(sqs, edges.settings, "payment").redrive(None, ticks.append) == 7
    assert sqs.started == ("arn:orderwire-test-payment-dlq", "arn:orderwire-test-payment")
    assert (ticks, sqs.rate) == ([7], {})


def test_where_sqs_moves_messages_itself_it_is_told_how_fast_and_followed_to_the_end(edges):
    sqs, ticks = MovingSqs("RUNNING", "RUNNING", "COMPLETED"), []
    letters = DeadLetters(sqs, edges.settings, "payment", clock=edges.clock)
    assert letters.redrive(None, ticks.append, 25) == 7
    assert sqs.rate == {"MaxNumberOfMessagesPerSecond": 25}
    assert ticks == [7, 7, 7]


def test_a_move_that_fails_says_why(edges):
    with pytest.raises(Problem, match="FAILED: why"):
        DeadLetters(MovingSqs("FAILED"), edges.settings, "payment").redrive(None, lambda _: None)


class RefusingSqs(MovingSqs):
    def start_message_move_task(self, SourceArn, DestinationArn):  # noqa: N803
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "StartMessageMoveTask")


def test_a_refused_move_is_not_taken_for_one_that_there_is_not(edges):
    with pytest.raises(ClientError, match="AccessDenied"):
        DeadLetters(RefusingSqs(), edges.settings, "payment").redrive(None, lambda _: None)


def test_a_long_error_leaves_room_for_the_other_letters(edges):
    bury(edges, "ord_1")
    (letter,) = letters(edges).show()
    assert shortened(letter) == letter
    long = shortened(dataclasses.replace(letter, error="x" * 5000))
    assert long.error == "x" * LONGEST_ERROR + "…"
    assert shortened(dataclasses.replace(letter, error=None)).error is None
