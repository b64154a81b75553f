"""The sweep publishes what a crash left in an outbox, leaves alone what is in hand, and says what it could not do."""

from datetime import timedelta

import pytest
from chalice.test import Client

from checkout_api.http.origin import Origin
from checkout_api.orders.outbox import with_decision
from checkout_api.sweep import LEFT_BEHIND, SweepIncomplete, sweep, sweep_outboxes
from schemas.events import OrderCancelled
from tables.order_row import fold, placing_row
from tables.orders import Orders
from tests.support.checkout_api.api import running_api
from tests.support.edges import NOON
from tests.support.events import created, event
from tests.support.services.bus import REFUSED


@pytest.fixture
def api():
    with running_api() as api:
        api.time.now = NOON + LEFT_BEHIND + timedelta(seconds=1)
        yield api


def crashed(api, order_id, at=NOON, placing=False):
    """An order whose cancellation was recorded and never published."""
    placed = event(created(order_id))
    row = placing_row(placed, expires_at=1) if placing else fold(None, placed)
    decision = Origin("req-1", "corr-1").event(OrderCancelled(order_id=order_id), at)
    Orders(api.edges).put(with_decision(row, decision, at))
    return decision


def test_what_was_left_behind_is_published_as_it_was_decided_and_the_outbox_is_empty(api):
    decisions = [crashed(api, f"ord_{number}") for number in range(12)]
    assert sweep_outboxes(api.edges) == 12
    assert sorted(each.to_json() for each in api.bus.events) == sorted(each.to_json() for each in decisions)
    assert all(api.row(each.data.order_id).outbox_shard is None for each in decisions)
    assert sweep_outboxes(api.edges) == 0
    assert len(api.bus.entries) == 12


def test_a_decision_of_this_moment_is_left_to_the_request_that_made_it(api):
    crashed(api, "ord_1", at=api.time.now - LEFT_BEHIND + timedelta(seconds=1))
    assert sweep_outboxes(api.edges) == 0
    api.time.advance(2)
    assert sweep_outboxes(api.edges) == 1


def test_an_order_cancelled_while_it_was_being_placed_is_created_as_well(api):
    crashed(api, "ord_1", placing=True)
    sweep_outboxes(api.edges)
    assert set(api.bus.types) == {"order.created", "order.cancelled"}


def test_one_order_that_cannot_be_published_holds_up_no_other_and_is_told_of(api):
    for number in range(3):
        crashed(api, f"ord_{number}")
    api.bus.outcomes = [REFUSED]
    with pytest.raises(SweepIncomplete, match="1 of 3"):
        sweep_outboxes(api.edges)
    assert len(api.bus.entries) == 2
    assert sweep_outboxes(api.edges) == 1


def test_lambda_finds_the_sweep_where_chalice_says_it_is_and_calls_it_every_minute(api):
    (schedule,) = api.app.event_sources
    assert schedule.handler_string == "checkout_api.sweep.sweep"
    assert schedule.schedule_expression == "rate(1 minute)"
    assert callable(sweep)


def test_the_scheduled_function_sweeps(api):
    crashed(api, "ord_1")
    client = Client(api.app, project_dir="/nowhere")
    scheduled = client.events.generate_cw_event("aws.events", "Scheduled Event", {}, [])
    client.lambda_.invoke("sweep", scheduled)
    assert api.bus.types == ["order.cancelled"]
