"""Decisions on an order: which is possible when, and that none is lost, doubled or at odds with another."""

from functools import partial
from typing import get_args

import pytest
from botocore.exceptions import ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from checkout_api.http.origin import Origin
from checkout_api.http.problems import HttpProblem
from checkout_api.http.shapes import AdminDecision
from checkout_api.orders import answers
from checkout_api.orders.deciding import (
    RULES,
    Refusal,
    accept_order,
    cancel_order,
    decide,
    process_order,
    refund_order,
    ship_order,
)
from checkout_api.orders.outbox import deliver, waiting, with_decision, without
from edges.publisher import NotPublished
from schemas.events import OrderCancelled, OrderShipped
from tables.order_row import fold, placing_row, waiting_row
from tables.orders import Orders
from tables.shards import shard_of
from tables.statuses import STATUSES
from tests.support.consumers.interleaving import Attempt, Crash, SteppedDynamoDB, move_all
from tests.support.edges import NOON
from tests.support.events import ORDER, TOTAL, created, event, one_of_each
from tests.support.services.bus import REFUSED, TAKEN, UNHEARD, FakeBus
from tests.support.services.dynamodb import CONFLICT, FINE, LOST, FakeDynamoDB, fake_edges

EVENTS = {each.type: each for each in one_of_each()}
ORIGIN = Origin("req-1", "corr-1")
COMMANDS = {
    "accept": accept_order,
    "process": process_order,
    "ship": ship_order,
    "cancel": cancel_order,
    "refund": refund_order,
}


def row_after(*types):
    row = None
    for type_ in types:
        row = fold(row, EVENTS[type_])
    return row


CONFIRMED = ("order.created", "inventory.reserved", "payment.completed")
LIVES = {
    "pending": ("order.created",),
    "confirmed": CONFIRMED,
    "processed": (*CONFIRMED, "order.processed"),
    "shipped": (*CONFIRMED, "order.processed", "order.shipped"),
    "cancelled": ("order.created", "order.cancelled"),
    "rejected": ("order.created", "inventory.rejected"),
    "payment_failed": ("order.created", "payment.failed"),
    "refunded": (*CONFIRMED, "order.processed", "order.shipped", "order.refunded"),
}
ROWS = {status: row_after(*types) for status, types in LIVES.items()} | {
    "placing": placing_row(event(created()), expires_at=1),
    "waiting": waiting_row(event(created()), expires_at=1),
}


def test_every_status_is_tried():
    assert {status: row.status for status, row in ROWS.items()} == {status: status for status in STATUSES}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("status", STATUSES)
def test_a_command_is_possible_from_its_statuses_only_and_leads_to_its_event(status, command):
    decision = decide(ROWS[status], command)
    if status in RULES[command].possible:
        assert type(decision) is RULES[command].event
    else:
        assert isinstance(decision, Refusal)
        assert status in decision.reason


def test_an_order_is_processed_shipped_and_refunded_in_that_order_and_cancelled_until_shipped():
    possible = {command: set(rule.possible) for command, rule in RULES.items()}
    assert possible == {
        "accept": {"waiting"},
        "process": {"confirmed"},
        "ship": {"processed"},
        "cancel": {"waiting", "placing", "pending", "confirmed", "processed"},
        "refund": {"shipped"},
    }


@given(st.lists(st.sampled_from([each for each in EVENTS if each != "order.created"])).map(set), st.booleans())
def test_what_an_order_offers_is_taken_and_what_it_does_not_offer_is_refused(happened, placing):
    row = ROWS["placing"] if placing else row_after("order.created", *happened)
    offered = answers.record(row)["decisions"]
    taken = [each for each in get_args(AdminDecision) if not isinstance(decide(row, each), Refusal)]
    assert offered == taken
    assert set(get_args(AdminDecision)) == set(RULES) == set(COMMANDS)


def test_a_refund_is_of_the_orders_total_and_says_why():
    decision = decide(ROWS["shipped"], "refund", "damaged")
    assert (decision.amount, decision.currency, decision.reason) == (TOTAL, "EUR", "damaged")


def test_a_decision_is_on_the_row_with_its_event_before_it_is_on_the_bus():
    decided = with_decision(ROWS["processed"], ORIGIN.event(OrderShipped(order_id=ORDER), NOON), NOON)
    assert decided.status == "shipped"
    assert [each.type for each in waiting(decided)] == ["order.shipped"]
    assert (decided.outbox_shard, decided.outbox_at) == (shard_of(ORDER), NOON)
    delivered = without(decided, list(decided.outbox))
    assert (delivered.outbox, delivered.outbox_shard, delivered.outbox_at) == (None, None, None)
    assert delivered.status == "shipped"


def test_cancelling_an_order_that_is_being_placed_puts_its_creation_on_the_bus_too():
    decided = with_decision(ROWS["placing"], ORIGIN.event(OrderCancelled(order_id=ORDER), NOON), NOON)
    assert {each.type for each in waiting(decided)} == {"order.created", "order.cancelled"}
    assert (decided.placing, decided.expires_at, decided.status) == (None, None, "cancelled")


DECISIONS = {rule.event.DETAIL_TYPE for rule in RULES.values()} - {"order.created"}


def edges_with(row, dynamodb, bus):
    edges = fake_edges(events=bus)
    Orders(edges).put(row)
    dynamodb.tables = edges.clients.dynamodb.tables
    edges.clients.dynamodb = dynamodb
    return edges


outcomes = st.sampled_from([TAKEN, REFUSED, UNHEARD])
faults = st.lists(st.sampled_from([FINE, CONFLICT, LOST]), max_size=20)


@given(
    status=st.sampled_from(["waiting", "placing", "pending", "confirmed", "processed", "shipped"]),
    steps=st.lists(st.tuples(st.sampled_from(list(COMMANDS)), outcomes), max_size=8),
    faults=faults,
)
def test_whatever_is_asked_and_whatever_fails_the_bus_gets_the_decisions_on_the_row_and_no_others(
    status, steps, faults
):
    bus = FakeBus()
    edges = edges_with(ROWS[status], FakeDynamoDB(faults), bus)
    for command, outcome in steps:
        bus.outcomes = [outcome]
        try:
            COMMANDS[command](edges, ORDER, ORIGIN)
        except (HttpProblem, NotPublished, ReadTimeoutError):
            continue
        assert RULES[command].event.DETAIL_TYPE in bus.types
    bus.outcomes, edges.clients.dynamodb.faults = [], iter(())
    row = deliver(edges, Orders(edges).get(ORDER), 1.0)  # as the sweep does
    assert row.outbox is None
    decided = row.types & DECISIONS - ROWS[status].types
    assert set(bus.types) - {"order.created"} == decided
    assert not {"order.cancelled", "order.shipped"} <= row.types
    assert len({entry["Detail"] for entry in bus.entries}) == len(set(bus.types))
    if status == "placing" and decided:
        assert "order.created" in bus.types
    if status == "waiting":
        assert "order.created" not in bus.types or "accept" in [command for command, _ in steps]
        assert ("order.created" in bus.types) == (row.status == "pending") or row.status == "cancelled"


@given(
    commands=st.lists(st.sampled_from(list(COMMANDS)), min_size=2, max_size=3),
    schedule=st.lists(st.tuples(st.integers(0, 2), st.sampled_from([False] * 9 + [True])), max_size=30),
)
def test_of_two_decisions_at_the_same_time_one_wins_and_the_other_is_told_why(commands, schedule):
    bus = FakeBus()
    edges = edges_with(ROWS["processed"], SteppedDynamoDB(), bus)
    attempts = [Attempt(partial(COMMANDS[command], edges, ORDER, ORIGIN)) for command in commands]
    move_all(attempts, schedule)
    row = deliver(edges, Orders(edges).get(ORDER), 1.0)
    assert set(bus.types) == row.types & DECISIONS - ROWS["processed"].types
    assert not {"order.cancelled", "order.shipped"} <= row.types
    for command, attempt in zip(commands, attempts, strict=True):
        if attempt.error is None:
            assert RULES[command].event.DETAIL_TYPE in row.types
        elif not isinstance(attempt.error, Crash):
            assert isinstance(attempt.error, HttpProblem)
            assert attempt.error.status == 409


def test_the_same_decision_again_is_published_again_until_it_is_known_to_be_on_the_bus():
    bus = FakeBus([REFUSED])
    edges = edges_with(ROWS["processed"], FakeDynamoDB(), bus)
    with pytest.raises(NotPublished):
        ship_order(edges, ORDER, ORIGIN)
    assert Orders(edges).get(ORDER).status == "shipped"
    assert ship_order(edges, ORDER, Origin("req-2", "corr-2")).outbox is None
    assert [each.metadata.causation_id for each in bus.events] == ["req-1"]
    with pytest.raises(HttpProblem, match="this one is shipped"):
        ship_order(edges, ORDER, ORIGIN)


def test_an_order_whose_creation_is_not_known_yet_cannot_be_decided_on():
    edges = edges_with(row_after("inventory.reserved"), FakeDynamoDB(), FakeBus())
    with pytest.raises(HttpProblem) as refused:
        cancel_order(edges, ORDER, ORIGIN)
    assert refused.value.status == 404
