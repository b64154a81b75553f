"""Pollers: what a consumer is handed, and what becomes of its messages."""

import json
import threading
from pathlib import Path

import pytest
from botocore.exceptions import EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from consumers.declaration import Consumer
from consumers.runner.batch import BatchIncomplete
from orderwire.machine.pollers.poller import MOST_THREADS, PolledQueue, Poller
from orderwire.machine.pollers.records import LARGEST_RECEIVE, LONG_POLL, LONGEST_WINDOW, collect, lambda_record
from schemas.events import OrderCreated
from tests.support.edges import FakeTime, fake_chance, moto_edges

RECORDED = json.loads((Path(__file__).parents[3] / "events" / "sqs_eventbridge.json").read_text())
ROW = Consumer(name="payment", hears=(OrderCreated,), batch_size=3)
ARN = "arn:aws:sqs:eu-central-1:000000000000:orderwire-test-payment"


def message(number):
    return {"MessageId": str(number), "ReceiptHandle": f"handle-{number}", "Body": "{}", "MD5OfBody": "md5"}


class FakeQueue:
    """Hands out what it was given, a list per receive; remembers what was deleted."""

    url, arn = "https://queue", ARN

    def __init__(self, *receives):
        self.receives, self.deleted, self.asked = list(receives), [], []

    def receive(self, most, wait):
        self.asked.append((most, wait))
        found = self.receives.pop(0) if self.receives else []
        if isinstance(found, Exception):
            raise found
        return found

    def delete(self, messages):
        self.deleted += [each["MessageId"] for each in messages]


class Handler:
    """A Lambda function that remembers its calls and fails as it is told."""

    def __init__(self, *failures):
        self.failures, self.calls = list(failures), []

    def __call__(self, event, context):
        self.calls.append((event, context))
        failure = self.failures.pop(0) if self.failures else None
        if failure:
            raise failure


def poller(queue, consumer, told=None, time=None, row=ROW, paused=lambda: False):
    tell = (told if told is not None else []).append
    return Poller(row, consumer, queue, (time or FakeTime()).clock(), fake_chance().token, paused, tell)


def test_a_record_has_the_form_that_lambda_gives_it():
    recorded = RECORDED["Records"][0]
    sent = {
        "MessageId": recorded["messageId"],
        "ReceiptHandle": recorded["receiptHandle"],
        "Body": recorded["body"],
        "MD5OfBody": recorded["md5OfBody"],
        "Attributes": recorded["attributes"],
    }
    assert lambda_record(sent, recorded["eventSourceARN"]) == recorded


def test_message_attributes_are_spelt_as_lambda_spells_them_with_bytes_in_base64():
    attributes = {
        "reason": {"DataType": "String", "StringValue": "hopeless"},
        "blob": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
    }
    record = lambda_record({**message(1), "MessageAttributes": attributes, "MD5OfMessageAttributes": "m"}, ARN)
    assert record["messageAttributes"] == {
        "reason": {"stringValue": "hopeless", "stringListValues": [], "binaryListValues": [], "dataType": "String"},
        "blob": {"binaryValue": "AP8=", "stringListValues": [], "binaryListValues": [], "dataType": "Binary"},
    }
    assert record["md5OfMessageAttributes"] == "m"
    assert record["awsRegion"] == "eu-central-1"


@given(st.lists(st.integers(0, LARGEST_RECEIVE), max_size=12), st.integers(1, 40), st.sampled_from([0, 1, 60]))
def test_a_batch_loses_no_message_is_no_larger_than_declared_and_comes_soon(receives, size, window):
    time, numbers, given_out = FakeTime(), iter(range(1000)), []
    waiting = [[next(numbers) for _ in range(count)] for count in receives]

    def receive(most, wait):
        assert 1 <= most <= LARGEST_RECEIVE
        found = waiting[0][:most] if waiting else []
        if waiting:
            waiting[0] = waiting[0][most:]
        if waiting and not waiting[0]:
            waiting.pop(0)
        time.advance(0 if found else wait)
        given_out.extend(found)
        return found

    clock = time.clock()
    began = clock.monotonic()
    batch = collect(receive, size, window, clock)
    assert batch == given_out
    assert len(batch) <= size
    assert clock.monotonic() - began <= LONG_POLL + LONGEST_WINDOW


def test_a_window_waits_for_more_messages_than_came_first():
    arrivals = [[message(1)], [], [message(2)], [], [], []]
    assert len(collect(lambda *_: arrivals.pop(0), 10, 1, FakeTime().clock())) == 2


def test_without_a_window_a_batch_is_what_one_receive_gives():
    queue = FakeQueue([message(1)], [message(2)])
    assert len(collect(queue.receive, 10, 0, FakeTime().clock())) == 1
    assert queue.asked == [(10, LONG_POLL)]


def test_what_a_consumer_returned_from_is_deleted():
    queue, consumer = FakeQueue([message(1), message(2)], []), Handler()
    assert poller(queue, consumer).poll() == 2
    assert queue.deleted == ["1", "2"]
    assert [record["messageId"] for record in consumer.calls[0][0]["Records"]] == ["1", "2"]


def test_what_a_consumer_failed_at_stays_in_the_queue_and_people_are_told():
    told, queue = [], FakeQueue([message(1)], [], [message(2)], [])
    polled = poller(queue, Handler(RuntimeError("broken"), BatchIncomplete("1 of 1")), told)
    polled.poll()
    polled.poll()
    assert queue.deleted == []
    assert len(told) == 1  # an incomplete batch has been logged record by record
    assert "RuntimeError: broken" in told[0]
    assert "payment" in told[0]


def test_a_consumer_is_not_called_for_an_empty_queue():
    consumer = Handler()
    assert poller(FakeQueue(), consumer).poll() == 0
    assert consumer.calls == []


def test_a_consumer_is_told_how_much_of_its_time_is_left():
    time, consumer = FakeTime(), Handler()
    poller(FakeQueue([message(1)], []), consumer, time=time).poll()
    context = consumer.calls[0][1]
    assert context.get_remaining_time_in_millis() == ROW.timeout * 1000
    time.advance(ROW.timeout - 1)
    assert context.get_remaining_time_in_millis() == 1000
    time.advance(60)
    assert context.get_remaining_time_in_millis() == 0


def run_until(polled, done):
    stop = threading.Event()
    thread = threading.Thread(target=polled.run, args=(stop,))
    thread.start()
    try:
        assert done.wait(600)
    finally:
        stop.set()
        thread.join(600)
    assert not thread.is_alive()


def test_a_queue_that_does_not_answer_is_told_and_tried_again():
    told, called = [], threading.Event()
    queue = FakeQueue(EndpointConnectionError(endpoint_url="http://gone"), [message(1)], [])
    run_until(poller(queue, lambda *_: called.set(), told), called)
    assert "the queue does not answer" in told[0]
    assert queue.deleted == ["1"]


def test_a_paused_consumer_receives_nothing_until_it_goes_on():
    asked, called = [], threading.Event()
    queue = FakeQueue([message(1)], [])

    def paused():
        asked.append(len(queue.asked))
        return len(asked) <= 2

    run_until(poller(queue, lambda *_: called.set(), paused=paused), called)
    assert asked[:3] == [0, 0, 0]


@pytest.mark.parametrize(("concurrency", "threads"), [(1, 1), (10, MOST_THREADS)])
def test_a_consumer_has_as_many_threads_as_it_may_have_within_reason(concurrency, threads):
    row = Consumer(name="payment", hears=(OrderCreated,), concurrency=concurrency)
    assert len(poller(FakeQueue(), Handler(), row=row).threads(threading.Event())) == threads


def test_a_message_that_the_consumer_has_deleted_already_is_no_failure():
    with moto_edges() as edges:
        url = edges.clients.sqs.create_queue(QueueName="orderwire-test-payment")["QueueUrl"]
        for body in ("1", "2"):
            edges.clients.sqs.send_message(QueueUrl=url, MessageBody=body)

        def consume(event, _context):
            handle = event["Records"][0]["receiptHandle"]
            edges.clients.sqs.delete_message(QueueUrl=url, ReceiptHandle=handle)

        queue = PolledQueue(edges.clients.sqs, "orderwire-test-payment")
        assert poller(queue, consume).poll() == 2
        assert queue.arn.endswith(":orderwire-test-payment")
        left = edges.clients.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        assert left["ApproximateNumberOfMessages"] == left["ApproximateNumberOfMessagesNotVisible"] == "0"


def test_a_received_record_tells_how_often_it_was_received():
    with moto_edges() as edges:
        url = edges.clients.sqs.create_queue(QueueName="orderwire-test-payment")["QueueUrl"]
        edges.clients.sqs.send_message(QueueUrl=url, MessageBody="1")
        queue, consumer = PolledQueue(edges.clients.sqs, "orderwire-test-payment"), Handler(RuntimeError())
        polled = poller(queue, consumer)
        polled.poll()
        handle = consumer.calls[0][0]["Records"][0]["receiptHandle"]
        edges.clients.sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0)
        polled.poll()
        counts = [call[0]["Records"][0]["attributes"]["ApproximateReceiveCount"] for call in consumer.calls]
        assert counts == ["1", "2"]
