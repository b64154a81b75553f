"""Dead letters: shown with their reasons, sent back whole or by order, never lost on the way."""

import dataclasses
import json
from itertools import pairwise

import pytest
from botocore.exceptions import ClientError

from consumers.runner.queue import SourceQueue
from edges.dead_letters import DeadLetterQueue
from edges.settings import Settings
from orderwire.cli.dead_letters import LONGEST_ERROR, shortened
from orderwire.console.problem import Problem
from orderwire.operate.dlq import DeadLetters, describe
from tests.support.edges import FakeTime, moto_edges
from tests.support.events import created, entry, event, notification, sqs_record
from tests.support.services.sqs import Moves, WithoutMoves

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


def texts(**told):
    """Message attributes."""
    return {name: {"DataType": "String", "StringValue": value} for name, value in told.items()}


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


def test_a_letter_that_a_topic_could_not_deliver_says_so(edges):
    told = {"RequestID": "r-1", "ErrorCode": "AWS.SimpleQueueService.NonExistentQueue", "ErrorMessage": "no such queue"}
    edges.clients.sqs.send_message(
        QueueUrl=url(edges, "payment-dlq"),
        MessageBody=notification(event(created("ord_8"))),
        MessageAttributes=texts(**told),
    )
    [letter] = letters(edges).show()
    assert letter.reason == "not delivered by the topic: AWS.SimpleQueueService.NonExistentQueue"
    assert (letter.error, letter.order_id) == ("no such queue", "ord_8")


def test_a_letter_that_died_otherwise_after_it_was_redriven_does_not_tell_its_old_reason():
    """SQS's own moves leave a message's attributes on it, both ways."""
    old = texts(reason="hopeless", error="no such card", attempts="1")
    message = {
        "Body": json.dumps(entry(event(created("ord_7")))),
        "MessageAttributes": old,
        "Attributes": {
            "ApproximateReceiveCount": "8",
            "DeadLetterQueueSourceArn": "arn:aws:sqs:eu-central-1:1:payment",
        },
    }
    letter = describe("payment", message)
    assert (letter.reason, letter.error, letter.attempts) == ("received too often", None, 8)
    buried = describe("payment", {**message, "Attributes": {"ApproximateReceiveCount": "1"}})
    assert (buried.reason, buried.error, buried.attempts) == ("hopeless", "no such card", 1)


def test_a_letter_of_the_bus_tells_how_often_that_was_tried():
    told = texts(ERROR_CODE="THROTTLING", RETRY_ATTEMPTS="184")
    letter = describe("payment", {"Body": "{}", "MessageAttributes": told, "Attributes": {}})
    assert letter.attempts == int(told["RETRY_ATTEMPTS"]["StringValue"])


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


def moving(edges, *statuses, code=""):
    """The letters, and SQS, which moves messages itself."""
    sqs = Moves(edges.clients.sqs, *statuses, code=code)
    return DeadLetters(sqs, edges.settings, "payment", wait=0, clock=edges.clock), sqs


def test_where_sqs_moves_messages_itself_it_is_told_where_to(edges):
    (letters, sqs), ticks = moving(edges, [], ["COMPLETED"]), []
    assert letters.redrive(None, ticks.append) == 7
    [started] = sqs.started
    assert {key: arn.rpartition(":")[2] for key, arn in started.items()} == {
        "SourceArn": "orderwire-test-payment-dlq",
        "DestinationArn": "orderwire-test-payment",
    }
    assert ticks == [7]


def test_where_sqs_moves_messages_itself_it_is_told_how_fast_and_followed_to_the_end(edges):
    (letters, sqs), ticks = moving(edges, ["COMPLETED"], ["RUNNING"], ["RUNNING"], ["COMPLETED"]), []
    assert letters.redrive(None, ticks.append, 25) == 7
    assert [each["MaxNumberOfMessagesPerSecond"] for each in sqs.started] == [25]
    assert ticks == [7, 7, 7]


def test_a_move_that_fails_says_why(edges):
    letters, _ = moving(edges, [], ["FAILED"])
    with pytest.raises(Problem, match="FAILED: why"):
        letters.redrive(None, lambda _: None)


def test_a_move_that_is_under_way_is_followed_and_no_second_one_begun(edges):
    bury(edges, "ord_1")
    for state in ("RUNNING", "CANCELLING"):
        letters, sqs = moving(edges, [state, "COMPLETED"], [state, "COMPLETED"], ["COMPLETED"])
        assert letters.redrive(None, lambda _: None) == 7
        assert sqs.started == []
    assert bodies(edges, "payment") == []


@pytest.mark.parametrize("code", ["AWS.SimpleQueueService.UnsupportedOperation", "InvalidParameterValue"])
def test_a_move_that_somebody_else_began_a_moment_before_is_followed_too(edges, code):
    bury(edges, "ord_1")
    letters, _ = moving(edges, ["COMPLETED"], ["RUNNING"], ["RUNNING"], ["COMPLETED"], code=code)
    assert letters.redrive(None, lambda _: None) == 7
    assert bodies(edges, "payment") == []


def test_the_letters_of_one_order_are_left_alone_while_sqs_moves_all(edges):
    bury(edges, "ord_1")
    letters, _ = moving(edges, ["RUNNING"])
    with pytest.raises(Problem, match="All dead letters of payment are on their way back already"):
        letters.redrive("ord_1", lambda _: None)
    assert bodies(edges, "payment") == []


@pytest.mark.parametrize("code", ["AccessDenied", "AWS.SimpleQueueService.UnsupportedOperation"])
def test_a_refused_move_is_not_taken_for_one_that_there_is_not(edges, code):
    bury(edges, "ord_1")
    letters, _ = moving(edges, ["COMPLETED"], code=code)
    with pytest.raises(ClientError, match=code):
        letters.redrive(None, lambda _: None)
    assert bodies(edges, "payment") == []


class ManyLetters:
    """SQS with so many dead letters of two orders; each look takes a second, and a message is back after its time."""

    def __init__(self, number, time):
        self._time, self.sent, self.deleted = time, [], set()
        self._hidden = {f"m{n}": 0.0 for n in range(number)}
        self._handles = dict.fromkeys(self._hidden, 0)

    def get_queue_url(self, QueueName):  # noqa: N803  (boto3's names)
        return {"QueueUrl": QueueName}

    def get_queue_attributes(self, QueueUrl, AttributeNames):  # noqa: N803
        return {"Attributes": dict.fromkeys(AttributeNames, "0") | {AttributeNames[0]: str(len(self._hidden))}}

    def receive_message(self, MaxNumberOfMessages, VisibilityTimeout, **_):  # noqa: N803
        self._time.advance(1)
        now = self._time.clock().monotonic()
        found = [each for each, until in self._hidden.items() if until <= now][:MaxNumberOfMessages]
        for each in found:
            self._hidden[each] = now + VisibilityTimeout
            self._handles[each] += 1
        return {"Messages": [self._message(each) for each in found]}

    def _message(self, name):
        order_id = f"ord_{int(name[1:]) % 2}"
        told = {"order_id": {"StringValue": order_id, "DataType": "String"}}
        handle = f"{name}/{self._handles[name]}"
        return {"MessageId": name, "ReceiptHandle": handle, "Body": name, "MessageAttributes": told}

    def change_message_visibility(self, QueueUrl, ReceiptHandle, VisibilityTimeout):  # noqa: N803
        name, _, handle = ReceiptHandle.partition("/")
        if name not in self._hidden or self._hidden[name] <= self._time.clock().monotonic():
            error = {"Code": "AWS.SimpleQueueService.MessageNotInflight", "Message": handle}
            raise ClientError({"Error": error}, "ChangeMessageVisibility")
        self._hidden[name] = 0.0

    def send_message(self, QueueUrl, MessageBody):  # noqa: N803
        self.sent.append(MessageBody)

    def delete_message(self, QueueUrl, ReceiptHandle):  # noqa: N803
        self._hidden.pop(ReceiptHandle.partition("/")[0])

    def list_message_move_tasks(self, **_):
        raise ClientError({"Error": {"Code": "InvalidAction", "Message": "no"}}, "ListMessageMoveTasks")


def of_many(number):
    time = FakeTime()
    sqs = ManyLetters(number, time)
    return DeadLetters(sqs, Settings(stage="test"), "payment", wait=0, clock=time.clock()), sqs


def test_thousands_of_letters_are_looked_at_once_each_though_looking_takes_longer_than_they_would_be_hidden():
    letters, _ = of_many(3000)
    assert len(letters.show()) == 3000


def test_of_thousands_of_letters_those_of_an_order_go_back_once_each_at_their_rate():
    letters, sqs = of_many(2000)
    assert letters.redrive("ord_1", lambda _: None, 1) == 1000
    assert len(sqs.sent) == len(set(sqs.sent)) == 1000
    assert len(letters.show()) == 1000


@pytest.mark.parametrize("most", [1, 10, 25])
def test_no_more_letters_are_looked_at_than_asked_for_and_all_are_visible_again(most):
    letters, _ = of_many(100)
    assert len(letters.show(most)) == most
    assert len(letters.show()) == 100


def test_a_letter_that_is_visible_again_already_needs_no_showing():
    letters, sqs = of_many(1)
    queue = DeadLetterQueue(sqs, "orderwire-test-payment", wait=0)
    [message] = queue.receive(seconds=0)
    queue.show_again(message)
    assert len(letters.show()) == 1


def test_a_long_error_leaves_room_for_the_other_letters(edges):
    bury(edges, "ord_1")
    (letter,) = letters(edges).show()
    assert shortened(letter) == letter
    long = shortened(dataclasses.replace(letter, error="x" * 5000))
    assert long.error == "x" * LONGEST_ERROR + "…"
    assert shortened(dataclasses.replace(letter, error=None)).error is None
