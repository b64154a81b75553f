"""The publisher against a bus that refuses, throttles and breaks: every event is on it or reported."""

import json
from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)
from hypothesis import given
from hypothesis import strategies as st

from edges.publisher import FIRST_DELAY, LONGEST_DELAY, MAX_CALL_BYTES, NotPublished, Publisher, chunks
from schemas.envelope import Event
from schemas.events import OrderItem, OrderShipped
from tests.support.edges import FakeTime, moto_edges
from tests.support.events import created, event

OK, THROTTLED, BROKEN, REFUSED = None, "ThrottlingException", "InternalFailure", "NotAuthorizedForSourceException"
REQUEST = "PutEvents"


def client_error(code, status=400):
    response = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, REQUEST)


class FakeBus:
    """Returns each entry with the next of `results` (OK when there is none); an exception fails the next whole call."""

    def __init__(self, *results, seconds=0.0, time=None):
        self._results, self._seconds, self._time = list(results), seconds, time
        self.calls, self.taken = [], []

    def put_events(self, Entries):  # noqa: N803  (boto3's name)
        self.calls.append([id_of(entry) for entry in Entries])
        if self._time:
            self._time.advance(self._seconds)
        if self._results and isinstance(self._results[0], Exception):
            raise self._results.pop(0)
        told = [self._answer(entry) for entry in Entries]
        return {"FailedEntryCount": sum("ErrorCode" in each for each in told), "Entries": told}

    def _answer(self, entry):
        code = self._results.pop(0) if self._results and not isinstance(self._results[0], Exception) else OK
        if code is OK:
            self.taken.append(id_of(entry))
        return {"ErrorCode": code, "ErrorMessage": "no"} if code else {"EventId": "1"}


def id_of(entry):
    return json.loads(entry["Detail"])["metadata"]["event_id"]


def shipped(count):
    return [event(OrderShipped(order_id=f"ord_{number}")) for number in range(count)]


def ids(events):
    return [each.event_id for each in events]


def publish(bus, events, within=60.0, jitter=lambda: 0.5, time=None, refused=lambda count: None):
    time = time or FakeTime()
    publisher = Publisher(lambda: bus, "orders-test", lambda: time.now.timestamp(), time.sleep, jitter, refused)
    publisher.publish(events, within)
    return time


def test_events_go_on_the_bus_in_order_ten_a_call():
    bus, events = FakeBus(), shipped(23)
    time = publish(bus, events)
    assert bus.taken == ids(events)
    assert [len(call) for call in bus.calls] == [10, 10, 3]
    assert time.slept == []


def test_nothing_to_publish_calls_nobody():
    bus = FakeBus()
    publish(bus, [])
    assert bus.calls == []


@pytest.mark.parametrize("code", [THROTTLED, BROKEN])
def test_only_the_entries_that_may_pass_are_sent_again_matched_by_index(code):
    bus, events = FakeBus(OK, code, OK, code), shipped(4)
    publish(bus, events)
    first, second, third, fourth = ids(events)
    assert bus.calls == [[first, second, third, fourth], [second, fourth]]
    assert bus.taken == [first, third, second, fourth]


def test_an_entry_that_is_refused_for_good_is_reported_and_not_sent_again():
    bus, events = FakeBus(OK, REFUSED, THROTTLED), shipped(3)
    with pytest.raises(NotPublished) as error:
        publish(bus, events)
    assert error.value.failed == {events[1].event_id: REFUSED}
    assert bus.calls == [ids(events), [events[2].event_id]]
    assert str(error.value) == f"{events[1].event_id}: {REFUSED}"


@pytest.mark.parametrize("failure", [
    client_error("ThrottlingException"),
    client_error("InternalException", 500),
    client_error("503", 503),
    client_error("BadGateway", 502),
    EndpointConnectionError(endpoint_url="http://bus"),
    ReadTimeoutError(endpoint_url="http://bus"),
    ConnectionClosedError(endpoint_url="http://bus"),
], ids=str)  # fmt: skip
def test_a_call_that_fails_as_a_whole_is_made_again_when_that_may_pass(failure):
    bus, events = FakeBus(failure), shipped(2)
    publish(bus, events)
    assert bus.calls == [ids(events), ids(events)]
    assert bus.taken == ids(events)


@pytest.mark.parametrize(("failure", "reason"), [
    (client_error("AccessDeniedException"), "AccessDeniedException"),
    (client_error("ValidationException"), "ValidationException"),
    (NoCredentialsError(), "NoCredentialsError"),
])  # fmt: skip
def test_a_call_that_can_never_succeed_is_made_once_and_says_why(failure, reason):
    bus, events = FakeBus(failure), shipped(2)
    with pytest.raises(NotPublished) as error:
        publish(bus, events)
    assert error.value.failed == dict.fromkeys(ids(events), reason)
    assert len(bus.calls) == 1


def test_one_chunk_that_fails_does_not_keep_the_next_off_the_bus():
    bus, events = FakeBus(client_error("AccessDeniedException")), shipped(12)
    with pytest.raises(NotPublished) as error:
        publish(bus, events)
    assert list(error.value.failed) == ids(events)[:10]
    assert bus.taken == ids(events)[10:]


def test_retries_wait_longer_and_longer_up_to_a_limit_with_full_jitter():
    waits = {}
    for jitter in (0.0, 0.5, 0.999):
        time = publish(FakeBus(*[THROTTLED] * 9), shipped(1), jitter=lambda jitter=jitter: jitter)
        waits[jitter] = time.slept
    assert waits[0.0] == [0.0] * 9
    assert waits[0.5] == [0.5 * min(LONGEST_DELAY, FIRST_DELAY * 2**attempt) for attempt in range(9)]
    assert max(waits[0.999]) < LONGEST_DELAY


def test_no_retry_is_begun_that_would_end_after_the_deadline():
    time = FakeTime()
    bus = FakeBus(*[THROTTLED] * 100, seconds=0.2, time=time)
    begun = time.now
    with pytest.raises(NotPublished) as error:
        publish(bus, shipped(2), within=3.0, time=time)
    assert (time.now - begun).total_seconds() < 3.2
    assert set(error.value.failed.values()) == {THROTTLED}
    assert len(bus.calls) > 3


def test_once_the_time_is_up_no_further_call_is_begun_and_what_was_not_sent_is_reported():
    bus = FakeBus(*[THROTTLED] * 10)
    with pytest.raises(NotPublished) as error:
        publish(bus, shipped(15), within=0.0)
    assert [len(call) for call in bus.calls] == [10]
    assert sorted(error.value.failed.values()) == sorted([THROTTLED] * 10 + ["TimeUp"] * 5)


results = st.lists(
    st.sampled_from([OK, OK, THROTTLED, BROKEN, REFUSED, client_error(THROTTLED), client_error(REFUSED)])
)


@given(st.integers(0, 25), results, st.sampled_from([0.0, 0.1, 60.0]))
def test_whatever_the_bus_answers_each_event_is_reported_or_was_taken_exactly_once(count, answers, within):
    bus, events = FakeBus(*answers), shipped(count)
    failed = {}
    try:
        publish(bus, events, within)
    except NotPublished as error:
        failed = error.failed
    assert Counter(bus.taken) + Counter(failed.keys()) == Counter(ids(events))


def large(kilobytes):
    items = [OrderItem(sku=f"book-{n}", name="x" * 200, quantity=1, unit_price=Decimal(1)) for n in range(50)]
    event_ = event(created(items=items))
    padding = "y" * (kilobytes * 1024 - len(event_.to_json()))
    return event_.event_id, {"Detail": event_.to_json() + padding}


def test_a_call_holds_at_most_256_kilobytes():
    entries = [large(100) for _ in range(5)]
    packed = list(chunks(entries))
    assert [len(chunk) for chunk in packed] == [2, 2, 1]
    assert all(sum(len(entry["Detail"]) for _, entry in chunk) <= MAX_CALL_BYTES for chunk in packed)


@given(st.lists(st.integers(1, 300), max_size=40))
def test_chunks_keep_every_entry_in_its_place(kilobytes):
    entries = [(str(number), {"Detail": "é" * (size * 512)}) for number, size in enumerate(kilobytes)]
    packed = list(chunks(entries))
    assert [entry for chunk in packed for entry in chunk] == entries
    for chunk in packed:
        size = sum(len(entry["Detail"].encode()) for _, entry in chunk)
        assert len(chunk) == 1 or (len(chunk) <= 10 and size <= MAX_CALL_BYTES)


def test_what_is_published_arrives_at_a_rule_with_source_type_and_detail():
    with moto_edges() as edges:
        queue = edges.clients.sqs.create_queue(QueueName="heard")["QueueUrl"]
        bus = edges.settings.bus
        edges.clients.events.put_rule(Name="all", EventBusName=bus, EventPattern='{"source": ["orderwire.checkout"]}')
        arn = edges.clients.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
        edges.clients.events.put_targets(
            Rule="all", EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn["QueueArn"]}]
        )
        order: Event[OrderShipped] = event(OrderShipped(order_id="ord_1"))
        edges.publisher.publish([order], within=5.0)
        heard = json.loads(edges.clients.sqs.receive_message(QueueUrl=queue)["Messages"][0]["Body"])
    assert (heard["source"], heard["detail-type"]) == (OrderShipped.SOURCE, "order.shipped")
    assert heard["detail"] == json.loads(order.to_json())


def test_a_bus_that_is_not_there_is_reported_and_counted(capsys):
    with moto_edges() as edges:
        gone = replace(edges, settings=edges.settings.model_copy(update={"stage": "gone"}))
        order = event(OrderShipped(order_id="ord_1"))
        with pytest.raises(NotPublished) as error:
            gone.publisher.publish([order], within=5.0)
    assert list(error.value.failed) == [order.event_id]
    [metrics] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert metrics["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Orderwire"
    assert (metrics["service"], metrics["stage"], metrics["EntriesRefused"]) == ("publisher", "gone", [1])


def test_only_entries_that_were_refused_in_the_end_are_counted():
    counted = []
    publish(FakeBus(THROTTLED, BROKEN), shipped(3), refused=counted.append)
    assert counted == []
    with pytest.raises(NotPublished):
        publish(FakeBus(REFUSED, OK, REFUSED), shipped(3), refused=counted.append)
    assert counted == [2]
