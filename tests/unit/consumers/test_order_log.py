"""The order log: every message to the in-house team is stored once, as it was posted, without personal data."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.order_log import CONSUMER, OrderLogConsumer
from consumers.runner.batch import deliver
from consumers.runner.errors import Hopeless
from infrastructure.resources.topics import TOPICS
from schemas.events import OrderCreated
from schemas.parse import ContractError
from schemas.personal import impersonal, personal_fields, personal_values
from tables.order_log import TABLE, LogRow, OrderLog
from tests.support.edges import moto_edges
from tests.support.events import created, delivery, entry, event, notification, sqs_record
from tests.support.schemas.strategies import events
from tests.support.services.dynamodb import fake_edges

PLACED = {number: event(created(f"ord_{number}")) for number in range(4)}


def post(edges, body):
    OrderLogConsumer(edges)(deliver(sqs_record(body)))


def rows(edges):
    return [LogRow.from_item(item) for item in edges.clients.dynamodb.tables["orderwire-test-order-log"].values()]


def test_a_message_is_stored_with_its_id_when_it_was_posted_and_the_event_on_moto():
    with moto_edges() as edges:
        post(edges, notification(PLACED[1]))
        row = OrderLog(edges).get(PLACED[1].event_id)
    assert (row.id, row.order_id, row.sns_id) == (PLACED[1].event_id, "ord_1", "sns-1")
    assert (row.posted, row.message) == ("2026-11-20 12:00:00 UTC", "New order ord_1.")
    assert json.loads(row.event.text)["data"]["total"] == 69.98


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(PLACED)), st.integers(0, 3)), max_size=20))
def test_each_order_is_logged_once_as_it_was_posted_first_however_often_it_is_posted(history):
    edges, first = fake_edges(), {}
    for number, minute in history:
        post(edges, notification(PLACED[number], f"sns-{minute}", f"2026-11-20T12:0{minute}:00.000Z"))
        first.setdefault(f"ord_{number}", (f"sns-{minute}", f"2026-11-20 12:0{minute}:00 UTC"))
    assert {row.order_id: (row.sns_id, row.posted) for row in rows(edges)} == first


@settings(deadline=None)
@given(events(OrderCreated))
def test_the_event_is_read_and_kept_without_its_personal_fields(given_event):
    edges = fake_edges()
    post(edges, notification(given_event))
    [row] = rows(edges)
    kept, sent = json.loads(row.event.text)["data"], json.loads(given_event.to_json())["data"]
    assert kept == {key: value for key, value in sent.items() if key not in personal_fields(OrderCreated)}


def test_personal_fields_that_come_along_all_the_same_are_not_kept():
    edges = fake_edges()
    post(edges, notification(PLACED[1], event=entry(PLACED[1])))
    stored = str(rows(edges))
    assert [value for value in personal_values(PLACED[1]) if value in stored] == []


@pytest.mark.parametrize(("changes", "told"), [
    ({"message": 7}, "/message: Input should be a valid string"),
    ({"event": {"detail-type": "order.created", "detail": {}}}, "/metadata: Field required"),
    ({"event": {"source": "elsewhere"}}, "/detail-type: no such event"),
    ({"event": "gone"}, "is not an EventBridge event"),
])  # fmt: skip
def test_a_message_that_breaks_the_contract_is_refused_with_the_place(changes, told):
    with pytest.raises(ContractError, match=told):
        deliver(sqs_record(notification(PLACED[1], **changes)))


def test_a_posting_without_a_time_is_refused():
    with pytest.raises(ContractError, match="/Timestamp: must be a UTC time"):
        deliver(sqs_record(notification(PLACED[1], posted="yesterday")))


def test_an_event_that_came_past_the_topic_is_hopeless():
    with pytest.raises(Hopeless, match="no message to people"):
        OrderLogConsumer(fake_edges())(delivery(PLACED[1]))


def test_the_impersonal_view_of_an_event_is_no_event_of_its_own():
    view = impersonal(OrderCreated)
    assert view is impersonal(OrderCreated)
    assert set(view.model_fields) == set(OrderCreated.model_fields) - personal_fields(OrderCreated)
    assert (view.DETAIL_TYPE, view.SOURCE, view.VERSION) == ("order.created", OrderCreated.SOURCE, OrderCreated.VERSION)


def test_it_is_fed_by_the_fulfilment_topic_and_its_rows_stay():
    assert CONSUMER.topic in TOPICS
    assert TABLE.expires is None
