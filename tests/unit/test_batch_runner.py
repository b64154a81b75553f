"""The batch runner: every record of a batch ends in exactly one place, whatever happens to it or to the others."""

import json
from collections import defaultdict
from datetime import timedelta
from itertools import count
from threading import Barrier, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.batch import RESERVE, BatchIncomplete, Delivery, run_batch
from consumers.ending import growing_delay
from consumers.errors import Hopeless, TryLater
from consumers.queue import NotDeleted, SourceQueue
from consumers.subscription import Subscription
from edges.log import logger, masked
from edges.publisher import NotPublished
from schemas.envelope import follow_up
from schemas.events import OrderCreated, PaymentFailed
from tests.support.edges import NOON, FakeTime, moto_edges
from tests.support.events import TOTAL, created, entry, event, sqs_record
from tests.support.strategies import any_event

SUBSCRIPTION = Subscription(name="tested", hears=(OrderCreated,))
LAST = SUBSCRIPTION.receives
FAILURES = {
    "hopeless": Hopeless("never"),
    "later": TryLater("not yet"),
    "crash": KeyError("oops"),
}
_log_names = count()


class FakeQueue:
    """Remembers how each message ended; a message in `broken` cannot be ended."""

    def __init__(self, broken=()):
        self.ends, self.broken = defaultdict(list), broken

    def _end(self, record, *end):
        if record["messageId"] in self.broken:
            raise NotDeleted(["ReceiptHandleIsInvalid"])
        self.ends[record["messageId"]].append(end)

    def delete(self, records):
        for record in records:
            self._end(record, "deleted")

    def delay(self, record, seconds):
        self._end(record, "delayed", seconds)

    def bury(self, record, *, reason, error, attempts, order_id):
        self._end(record, "buried", reason, error, attempts, order_id)

    def lambda_deletes(self, records):
        """What Lambda does to a batch whose function returns; a message that is gone already does not matter."""
        for each in records:
            if not self.ends[each["messageId"]]:
                self._end(each, "deleted")

    def kind_of_end(self, message_id):
        """For example `deleted`, `delayed`, `buried exhausted`; None for a message that was not ended."""
        ends = self.ends[message_id]
        assert len(ends) <= 1, ends
        return (" ".join(ends[0][:2]) if ends[0][0] == "buried" else ends[0][0]) if ends else None


class FakePublisher:
    """Takes every event but those of orders whose id starts with `unpublished`."""

    def __init__(self):
        self.published, self.within = [], None

    def publish(self, events, within):
        self.within = within
        failed = {e.event_id: "InternalFailure" for e in events if e.data.order_id.startswith("unpublished")}
        self.published += [e for e in events if e.event_id not in failed]
        if failed:
            raise NotPublished(failed)


def handle(delivery: Delivery):
    """Does what the order's id says: `crash-7` crashes, `good-1` succeeds and is followed by a payment.failed."""
    kind = delivery.event.data.order_id.split("-")[0]
    if kind in FAILURES:
        raise FAILURES[kind]
    failed = PaymentFailed(order_id=delivery.event.data.order_id, amount=TOTAL, currency="EUR", reason="no")
    return [] if kind == "quiet" else [follow_up(delivery.event, failed, NOON)]


def body(order_id):
    kind = order_id.split("-")[0]
    if kind == "garbage":
        return "{"
    document = entry(event(created(order_id)))
    if kind == "contract":
        document["detail"]["data"]["total"] = "12"
    return json.dumps(document)


def record(order_id, receives=1):
    return sqs_record(body(order_id), receives, message_id=order_id)


def run(records, queue=None, handler=handle, publisher=None, remaining=lambda: 30.0, retry_seconds=1, log=None):
    """(the queue, the publisher, the exception or None)"""
    queue, publisher = queue or FakeQueue(), publisher or FakePublisher()
    log = log or logger(f"tested-{next(_log_names)}")
    try:
        run_batch(records, SUBSCRIPTION, handler, queue, publisher, remaining, retry_seconds, log)
    except BatchIncomplete as error:
        return queue, publisher, error
    if isinstance(queue, FakeQueue):
        queue.lambda_deletes(records)
    return queue, publisher, None


END = {
    "good": "deleted",
    "quiet": "deleted",
    "garbage": "buried invalid",
    "contract": "buried invalid",
    "hopeless": "buried hopeless",
    "later": "delayed",
    "crash": "delayed",
    "unpublished": "delayed",
}
batches = st.lists(st.tuples(st.sampled_from(list(END)), st.integers(1, LAST + 1)), max_size=10).map(
    lambda kinds: [record(f"{kind}-{number}", receives) for number, (kind, receives) in enumerate(kinds)]
)


def expected_end(each):
    end = END[each["messageId"].split("-")[0]]
    last = int(each["attributes"]["ApproximateReceiveCount"]) >= LAST
    return "buried exhausted" if last and end == "delayed" else end


@given(batches)
def test_every_record_of_any_batch_ends_in_exactly_one_place(records):
    queue, publisher, error = run(records)
    ends = {each["messageId"]: queue.kind_of_end(each["messageId"]) for each in records}
    assert ends == {each["messageId"]: expected_end(each) for each in records}
    left = list(ends.values()).count("delayed")
    assert (error is not None) == bool(left)
    if error:
        assert str(error) == f"{left} of {len(records)} records are left in the queue"
    assert sorted(e.data.order_id for e in publisher.published) == sorted(i for i in ends if i.startswith("good"))


@given(batches, st.data())
def test_a_record_that_cannot_be_ended_holds_up_no_other_and_fails_the_batch(records, data):
    ids = [each["messageId"] for each in records if expected_end(each) != "deleted"]
    broken = data.draw(st.sets(st.sampled_from(ids))) if ids else set()
    queue, _, error = run(records, FakeQueue(broken))
    for each in records:
        message_id = each["messageId"]
        assert queue.kind_of_end(message_id) == (None if message_id in broken else expected_end(each))
    assert error or not broken


def test_the_error_counts_only_the_messages_that_sqs_kept():
    _, _, error = run([record("good-1"), record("good-2"), record("hopeless-3")], FakeQueue({"good-2"}))
    assert str(error) == "1 of 3 records are left in the queue"


def test_a_batch_without_a_failure_is_left_to_lambda_to_delete():
    class Queue(FakeQueue):
        def delete(self, records):
            raise AssertionError("a call too many")

    queue, _, error = run([record("good-1"), record("quiet-2")], Queue())
    assert (error, queue.kind_of_end("good-1"), queue.kind_of_end("quiet-2")) == (None, "deleted", "deleted")


def test_a_refusal_to_delete_fails_the_batch_after_all_others_are_ended():
    queue, _, error = run([record("good-1"), record("later-1"), record("hopeless-1")], FakeQueue({"good-1"}))
    assert str(error) == "2 of 3 records are left in the queue"
    assert (queue.kind_of_end("later-1"), queue.kind_of_end("hopeless-1")) == ("delayed", "buried hopeless")


@pytest.mark.parametrize("missing", ["attributes", "body", "receiptHandle", "messageId"])
def test_a_record_that_is_none_of_sqs_fails_the_batch_and_holds_up_no_other(missing):
    with moto_edges() as edges:
        queue = Queues(edges)
        queue.send("good-1", "later-1")
        records = queue.receive()
        strange = {key: value for key, value in records[1].items() if key != missing}
        _, _, error = run([strange, records[0]], queue.source)
        assert error
        assert queue.left() == 1


def test_delays_grow_fourfold_from_the_stages_first_one_up_to_a_quarter_of_an_hour():
    assert [growing_delay(attempts, 1) for attempts in range(1, 7)] == [1, 4, 16, 64, 256, 900]
    assert [growing_delay(attempts, 5) for attempts in range(1, 5)] == [5, 20, 80, 320]
    assert growing_delay(1000, 5) == 900
    ends = [run([record("later-1", receives)], retry_seconds=5)[0].ends["later-1"] for receives in range(1, LAST)]
    assert ends == [[("delayed", 5)], [("delayed", 20)], [("delayed", 80)], [("delayed", 320)]]


@pytest.mark.parametrize(("order_id", "receives", "reason", "error"), [
    ("hopeless-1", 1, "hopeless", "Hopeless: never"),
    ("later-1", LAST, "exhausted", "TryLater: not yet"),
    ("crash-1", LAST, "exhausted", "KeyError: 'oops' (unit/test_batch_runner.py:"),
    ("unpublished-1", LAST, "exhausted", "not published: InternalFailure"),
    ("contract-1", 1, "invalid", "ContractError: order.created: /data/total: must be a number"),
])  # fmt: skip
def test_a_dead_letter_says_why_after_how_many_attempts_and_for_which_order(order_id, receives, reason, error):
    queue, _, left = run([record(order_id, receives)])
    [(end, told, text, attempts, told_order)] = queue.ends[order_id]
    assert (end, told, attempts, told_order) == ("buried", reason, receives, order_id)
    assert text.startswith(error)
    assert left is None


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "7", '"order.created"', "NaN", '{"detail": []}',
                                  '{"detail-type": "order.created", "detail": {"data": {"order_id": "a@b.c"}}}',
                                  '{"detail-type": "order.created", "detail": {"data": {"order_id": ["x"]}}}',
                                  '{"detail": {"data": 1, "metadata": null}}', "[" * 100_000])  # fmt: skip
def test_a_body_that_is_no_event_is_dead_lettered_at_once_and_names_no_order(text):
    queue, _, left = run([sqs_record(text), record("good-1")])
    [(end, reason, _, _, order_id)] = queue.ends["m-1"]
    assert (end, reason, order_id, left) == ("buried", "invalid", None, None)
    assert queue.kind_of_end("good-1") == "deleted"


def test_records_that_the_time_did_not_reach_are_visible_again_at_once():
    needed = RESERVE + SUBSCRIPTION.longest
    seconds = iter([needed + 1, needed - 1, 1.0])
    records = [record("good-1"), record("good-2"), record("later-3"), record("good-4")]
    queue, publisher, error = run(records, remaining=lambda: next(seconds))
    assert [queue.ends[f"good-{number}"] for number in (1, 2, 4)] == [[("deleted",)], [("deleted",)], [("delayed", 0)]]
    assert queue.ends["later-3"] == [("delayed", 0)]
    assert str(error) == "2 of 4 records are left in the queue"
    assert publisher.within == 1.0


def test_no_record_is_dead_lettered_without_having_been_handled():
    """What was given out most often goes first, and the first one is handled whatever the time."""
    records = [record("good-1"), record("good-2"), record("good-3", LAST)]
    queue, _, _ = run(records, remaining=lambda: 1.0)
    assert [queue.kind_of_end(each["messageId"]) for each in records] == ["delayed", "delayed", "deleted"]


def test_a_record_is_not_begun_that_could_outlast_the_function():
    """A provider that hangs takes `longest` seconds of every record, and the batch must still be ended in time."""
    time = FakeTime()
    limit = time.now + timedelta(seconds=SUBSCRIPTION.timeout)

    def slow(delivery):
        time.advance(SUBSCRIPTION.longest)
        raise TryLater("no answer")

    def remaining():
        return (limit - time.now).total_seconds()

    queue, _, error = run([record(f"later-{number}") for number in range(5)], handler=slow, remaining=remaining)
    assert error
    assert len(queue.ends) == 5
    assert remaining() >= RESERVE


def test_a_record_is_handled_even_if_the_function_has_hardly_any_time():
    queue, _, error = run([record("good-1")], remaining=lambda: 0.1)
    assert (queue.kind_of_end("good-1"), error) == ("deleted", None)


def test_publishing_has_the_time_that_is_left_but_for_a_reserve():
    _, publisher, _ = run([record("good-1")], remaining=lambda: 20.0)
    assert publisher.within == 20.0 - RESERVE


def test_a_record_is_deleted_only_after_what_follows_from_it_is_published():
    steps = []

    class Publisher(FakePublisher):
        def publish(self, events, within):
            steps.append("published")

    class Queue(FakeQueue):
        def delete(self, records):
            steps.append("deleted")

    run([record("good-1"), record("later-2")], Queue(), publisher=Publisher())
    assert steps == ["published", "deleted"]


def test_an_unexpected_error_of_the_publisher_leaves_every_record_in_the_queue():
    class Publisher(FakePublisher):
        def publish(self, events, within):
            raise RuntimeError("a bug")

    queue = FakeQueue()
    with pytest.raises(RuntimeError, match="a bug"):
        run([record("good-1"), record("later-1")], queue, publisher=Publisher())
    assert queue.ends == {}


@pytest.mark.parametrize("document", [
    entry(event(created("good-1")), **{"replay-name": "again"}),
    entry(event(created("good-1")).marked_replay()),
])  # fmt: skip
def test_what_follows_from_a_replayed_event_is_marked_as_replay(document):
    _, publisher, _ = run([sqs_record(json.dumps(document)), record("good-2")])
    assert [e.metadata.replay for e in publisher.published] == [True, None]


@given(any_event, st.integers(1, 9), st.booleans())
def test_a_handler_gets_the_event_that_was_published_and_how_often_it_was_received(each, receives, replayed):
    got = []
    more = {"replay-name": "again"} if replayed else {}
    run([sqs_record(json.dumps(entry(each, **more)), receives)], handler=lambda delivery: got.append(delivery) or ())
    assert got == [Delivery(each, replayed, receives)]


# What is said about failures


def lines(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_every_line_about_a_record_names_its_order_event_and_request(capsys):
    kinds = ["good", "contract", "hopeless", "later", "crash", "unpublished"]
    run([record(f"{kind}-1") for kind in kinds] + [record("later-2", LAST)])
    told = lines(capsys)
    for kind in kinds:
        of_order = [line for line in told if line["order_id"] == f"{kind}-1"]
        assert of_order
        for line in of_order:
            assert line["event_id"] == OrderCreated.id_for(f"{kind}-1")
            assert line["correlation_id"] == "req-1"
    assert [line["message"] for line in told] == ["handled"] * 2 + ["dead-lettered"] * 3 + ["failed"] * 3


def test_no_line_and_no_dead_letter_repeats_anything_personal(capsys):
    secrets = {"customer_id": "cust-77", "customer_email": "ada@example.com", "payment_token": "tok_topsecret"}

    def leaky(delivery):
        told = " ".join([*secrets.values(), "other@example.org", "pm_1234567", "visible"])
        raise {"TryLater": TryLater, "ValueError": ValueError, "Hopeless": Hopeless}[delivery.event.data.order_id](told)

    records = [
        sqs_record(json.dumps(entry(event(created(kind, **secrets)))), message_id=kind)
        for kind in ("TryLater", "ValueError", "Hopeless")
    ]
    broken = entry(event(created("ord_1", **secrets)))
    broken["detail"]["data"] |= {"customer_email": "ada@example.com@", "customer_id": "ada lovelace", "total": "1"}
    queue, _, _ = run([*records, sqs_record(json.dumps(broken), message_id="broken")], handler=leaky)
    said = capsys.readouterr().out + str(dict(queue.ends))
    assert said.count("visible") == 4
    for secret in (*secrets.values(), "other@example.org", "pm_1234567", "ada"):
        assert secret not in said


def test_a_masked_text_keeps_what_is_not_personal():
    assert masked("order ord_1 of cust-1, not cust-10: <ada@example.com>", ["cust-1", ""]) == (
        "order ord_1 of ***, not cust-10: <***>"
    )


def test_two_threads_never_name_each_others_orders(capsys):
    log, meet = logger(f"tested-{next(_log_names)}"), Barrier(2)

    def slow(delivery):
        meet.wait(5)
        log.info("inside", extra={"seen": delivery.event.data.order_id})
        meet.wait(5)
        return ()

    threads = [Thread(target=run, args=([record(f"good-{n}")],), kwargs={"handler": slow, "log": log}) for n in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    inside = [line for line in lines(capsys) if line["message"] == "inside"]
    assert len(inside) == 2
    assert all(line["order_id"] == line["seen"] for line in inside)


def test_a_line_after_the_batch_names_no_order_of_it(capsys):
    log = logger(f"tested-{next(_log_names)}")
    run([record("crash-1")], log=log)
    log.info("afterwards")
    assert "order_id" not in lines(capsys)[-1]


# Against SQS itself


class Queues:
    """A consumer's queue and DLQ on moto, and messages in it as Lambda would hand them over."""

    def __init__(self, edges):
        self._client = edges.clients.sqs
        name = edges.settings.name(SUBSCRIPTION.name)
        self.dead = self._client.create_queue(QueueName=f"{name}-dlq")["QueueUrl"]
        self.url = self._client.create_queue(QueueName=name)["QueueUrl"]
        self.source = SourceQueue(self._client, name)

    def send(self, *order_ids):
        for order_id in order_ids:
            self._client.send_message(QueueUrl=self.url, MessageBody=body(order_id))

    def receive(self, receives=1):
        answer = self._client.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10)
        return [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": {"ApproximateReceiveCount": str(receives)},
            }
            for message in answer["Messages"]
        ]

    def left(self):
        """How many messages are in the queue, hidden ones included."""
        told = self._client.get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"])["Attributes"]
        return sum(int(told[f"ApproximateNumberOfMessages{state}"]) for state in ("", "NotVisible", "Delayed"))

    def dead_letters(self):
        answer = self._client.receive_message(QueueUrl=self.dead, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
        return answer.get("Messages", [])


def test_a_batch_ends_in_sqs_as_it_should():
    with moto_edges() as edges:
        queue = Queues(edges)
        queue.send("good-1", "garbage-1", "hopeless-1", "later-1")
        _, publisher, error = run(queue.receive(), queue.source)
        assert error
        assert len(publisher.published) == 1
        assert queue.left() == 1
        dead = {letter["Body"]: letter["MessageAttributes"] for letter in queue.dead_letters()}
        assert set(dead) == {body("garbage-1"), body("hopeless-1")}
        told = {name: value["StringValue"] for name, value in dead[body("hopeless-1")].items()}
        assert told == {"reason": "hopeless", "error": "Hopeless: never", "attempts": "1", "order_id": "hopeless-1"}


def test_an_error_that_sqs_would_not_take_is_made_fit_for_it():
    sent = []

    class Client:
        def get_queue_url(self, QueueName):  # noqa: N803
            return {"QueueUrl": QueueName}

        def send_message(self, **message):
            sent.append(message)

        def delete_message_batch(self, **_):
            return {}

    error = "\x00\x0b bad \ud800 \uffff tab\t fine " + "😀" * 2000
    SourceQueue(Client(), "q").bury(record("good-1"), reason="failed", error=error, attempts=5, order_id=None)
    [message] = sent
    assert (message["QueueUrl"], message["MessageBody"]) == ("q-dlq", body("good-1"))
    assert set(message["MessageAttributes"]) == {"reason", "error", "attempts"}
    told = message["MessageAttributes"]["error"]["StringValue"]
    assert told.startswith("\ufffd\ufffd bad \ufffd \ufffd tab\t fine 😀")
    assert len(told) == 1000


def test_a_message_is_buried_before_it_is_deleted_so_that_a_crash_loses_nothing():
    with moto_edges() as edges:
        queue = Queues(edges)
        queue.send("hopeless-1")
        [received] = queue.receive()
        run([{**received, "receiptHandle": "expired"}], queue.source)
        assert [letter["Body"] for letter in queue.dead_letters()] == [body("hopeless-1")]
        assert queue.left() == 1


def test_sqs_refusing_to_delete_is_an_error():
    with moto_edges() as edges:
        queue = Queues(edges)
        queue.send(*(f"quiet-{number}" for number in range(12)))
        records = [*queue.receive(), *queue.receive()]
        records[10] = {**records[10], "receiptHandle": "expired"}
        with pytest.raises(NotDeleted, match="ReceiptHandleIsInvalid"):
            queue.source.delete(records)
        assert queue.left() == 1
