"""An admin's decisions: accept, process, ship, cancel, refund. Each is recorded on the order first, then put on the
bus.

The record is conditional on the row's version, so of two decisions that exclude each other one is refused, and it is
made with the event in the same write, so a crash afterwards loses nothing: the sweep publishes what is left.
"""

from dataclasses import dataclass, replace
from typing import get_args

from checkout_api.http.origin import Origin
from checkout_api.http.problems import HttpProblem, unknown_order
from checkout_api.http.shapes import AdminDecision
from checkout_api.orders.outbox import PUBLISH_SECONDS, deliver, let_go, with_decision
from edges.connect import Edges
from schemas.envelope import EventData
from schemas.events import OrderCancelled, OrderCreated, OrderProcessed, OrderRefunded, OrderShipped
from schemas.parse import parse_stored
from tables.order_row import OrderRow
from tables.orders import Orders


@dataclass(frozen=True)
class Rule:
    """From which statuses a command is possible, and what it leads to."""

    possible: tuple[str, ...]
    event: type[EventData]
    done: str


RULES: dict[AdminDecision, Rule] = {
    "accept": Rule(("waiting",), OrderCreated, "accepted"),
    "process": Rule(("confirmed",), OrderProcessed, "processed"),
    "ship": Rule(("processed",), OrderShipped, "shipped"),
    "cancel": Rule(("waiting", "placing", "pending", "confirmed", "processed"), OrderCancelled, "cancelled"),
    "refund": Rule(("shipped",), OrderRefunded, "refunded"),
}


@dataclass(frozen=True)
class Refusal:
    """Why a command is not possible now."""

    reason: str


def decisions_for(status: str) -> list[AdminDecision]:
    """What an admin may decide about an order of this status; the others are refused."""
    return [decision for decision in get_args(AdminDecision) if status in RULES[decision].possible]


def decide(row: OrderRow, command: AdminDecision, reason: str | None = None) -> EventData | Refusal:
    """The event that the command leads to for an order whose order.created is known, or why it leads to none."""
    rule = RULES[command]
    if command not in decisions_for(row.status):
        possible = " or ".join(rule.possible)
        return Refusal(f"Only an order that is {possible} can be {rule.done}; this one is {row.status}.")
    match command:
        case "accept":
            assert row.waiting is not None  # that is its status
            return parse_stored(OrderCreated.DETAIL_TYPE, row.waiting).data
        case "process":
            return OrderProcessed(order_id=row.order_id)
        case "ship":
            return OrderShipped(order_id=row.order_id)
        case "cancel":
            return OrderCancelled(order_id=row.order_id, reason=reason)
        case "refund":
            assert row.total is not None  # both came with order.created
            assert row.currency is not None
            return OrderRefunded(order_id=row.order_id, amount=row.total, currency=row.currency, reason=reason)


def accept_order(edges: Edges, order_id: str, origin: Origin) -> OrderRow:
    """Lets an order that waits for it go on the bus, as it was placed."""
    return _command(edges, order_id, "accept", origin)


def handle_order(edges: Edges, order_id: str, origin: Origin) -> OrderRow:
    """Takes a confirmed order into hand, or accepts one that waits: for whoever knows one word for both."""
    try:
        return process_order(edges, order_id, origin)
    except HttpProblem as problem:
        if problem.members.get("order_status") != "waiting":
            raise
        return accept_order(edges, order_id, origin)


def process_order(edges: Edges, order_id: str, origin: Origin) -> OrderRow:
    """Takes a confirmed order into hand."""
    return _command(edges, order_id, "process", origin)


def ship_order(edges: Edges, order_id: str, origin: Origin) -> OrderRow:
    """Says that a processed order's parcel has left."""
    return _command(edges, order_id, "ship", origin)


def cancel_order(edges: Edges, order_id: str, origin: Origin, reason: str | None = None) -> OrderRow:
    """Calls off an order that has not been shipped."""
    return _command(edges, order_id, "cancel", origin, reason)


def refund_order(edges: Edges, order_id: str, origin: Origin, reason: str | None = None) -> OrderRow:
    """Decides that a shipped order's money goes back."""
    return _command(edges, order_id, "refund", origin, reason)


def _command(
    edges: Edges, order_id: str, command: AdminDecision, origin: Origin, reason: str | None = None
) -> OrderRow:
    """The order after the decision, whose event is on the bus.

    The same decision again finds its event still in the outbox and publishes it again, or is refused as any other that
    comes too late. Raises Problem 404 and 409; NotPublished, after which the decision stands; Contended.
    """

    def decided(row: OrderRow | None) -> OrderRow:
        if row is None or row.items is None:
            raise unknown_order()
        if RULES[command].event.id_for(order_id) in (row.outbox or {}):
            return row
        decision = decide(row, command, reason)
        if isinstance(decision, Refusal):
            raise HttpProblem(409, "not-possible", decision.reason, order_id=order_id, order_status=row.status)
        now = edges.clock.now()
        if command == "accept":
            return let_go(row, now)
        about = replace(origin, test=bool(row.test))
        return with_decision(row, about.event(decision, now), now)

    row = Orders(edges).change(order_id, decided)
    assert row is not None  # decided returns a row or raises
    return deliver(edges, row, PUBLISH_SECONDS)
