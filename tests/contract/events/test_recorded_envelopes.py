"""The recorded envelopes: consumers find the event in each, and the embedded AWS still sends such ones."""

import json
from pathlib import Path

import pytest

from consumers.runner.batch import deliver
from tests.support.schemas.record_events import EVENTS, HOME, recorded

FILES = sorted(path.name for path in Path(HOME).glob("sqs_*.json"))


def records(name):
    return json.loads((HOME / name).read_text(encoding="utf-8"))["Records"]


def by_id(deliveries):
    return {delivery.event.event_id: delivery for delivery in deliveries}


def test_an_event_is_recorded_on_each_way_that_leads_to_a_consumer():
    assert FILES == ["sqs_eventbridge.json", "sqs_eventbridge_replay.json", "sqs_sns_eventbridge.json"]


@pytest.mark.parametrize("name", FILES)
def test_a_consumer_gets_from_the_record_the_event_that_was_published(name):
    found = by_id(map(deliver, records(name)))
    assert found.keys() == {event.event_id for event in EVENTS}
    for event in EVENTS:
        delivery = found[event.event_id]
        assert delivery.event == event
        assert delivery.event.to_json() == event.to_json()
        assert delivery.attempt == 1


@pytest.mark.parametrize(("name", "replayed"), [*zip(FILES, (False, True, False), strict=True)])
def test_only_what_came_by_a_replay_is_taken_for_one(name, replayed):
    assert {delivery.replayed for delivery in map(deliver, records(name))} == {replayed}


def shape(value):
    """Keys and types, JSON in text included."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in sorted(value.items())}
    if isinstance(value, list):
        return sorted((shape(each) for each in value), key=str)
    if isinstance(value, str) and value.startswith("{"):
        return shape(json.loads(value))
    return type(value).__name__


def test_the_embedded_aws_still_sends_what_is_recorded(engine):
    now = recorded(engine.client)
    assert sorted(now) == FILES
    for name, lambda_event in now.items():
        assert shape(lambda_event["Records"]) == shape(records(name)), (
            "run python -m tests.support.schemas.record_events"
        )
