"""The batch runner: every record of a batch ends in exactly one place, whatever happens to it or to the others."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.runner.batch import RESERVE, Delivery
from consumers.runner.ending import growing_delay
from consumers.runner.errors import TryLater
from tests.support.consumers.batches import (
    CONSUMER,
    LAST,
    FakePublisher,
    FakeQueue,
    record,
    run,
)
from tests.support.edges import FakeTime
from tests.support.events import created, entry, event, sqs_record
from tests.support.schemas.strategies import any_event

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


def test_delays_grow_fourfold_from_the_stages_first_one_up_to_a_quarter_of_an_hour():
    assert [growing_delay(attempts, 1) for attempts in range(1, 7)] == [1, 4, 16, 64, 256, 900]
    assert [growing_delay(attempts, 5) for attempts in range(1, 5)] == [5, 20, 80, 320]
    assert growing_delay(1000, 5) == 900
    ends = [run([record("later-1", receives)], retry_seconds=5)[0].ends["later-1"] for receives in range(1, LAST)]
    assert ends == [[("delayed", 5)], [("delayed", 20)], [("delayed", 80)], [("delayed", 320)]]


@pytest.mark.parametrize(("order_id", "receives", "reason", "error"), [
    ("hopeless-1", 1, "hopeless", "Hopeless: never"),
    ("later-1", LAST, "exhausted", "TryLater: not yet"),
    ("crash-1", LAST, "exhausted", "KeyError: 'oops' (support/batches.py:"),
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
    needed = RESERVE + CONSUMER.longest
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
    limit = time.now + timedelta(seconds=CONSUMER.timeout)

    def slow(delivery):
        time.advance(CONSUMER.longest)
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
