"""The sweep: publishes the decisions that a crash or a bus out of order left in their orders' outboxes, and ends the
holds that are not paid for.

Runs every minute, over an index that holds only orders with something in their outbox, and over pending orders.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from checkout_api.orders.holds import end_hold, overdue_holds
from checkout_api.orders.outbox import deliver, waiting
from edges.connect import Connected, Edges
from edges.functions import SWEEP
from edges.log import describe, logger
from schemas.types import format_time
from tables.order_row import OrderRow
from tables.orders import Orders

EVERY = "rate(1 minute)"
LEFT_BEHIND = timedelta(seconds=30)
"""By then the request that recorded the decision has published it or will not."""
PUBLISH_SECONDS = 2.0


class SweepIncomplete(Exception):
    """Some outboxes could not be emptied, or holds not ended; the next sweep tries again."""


def sweep_outboxes(edges: Edges) -> int:
    """Empties every outbox that was left behind; returns how many. Raises SweepIncomplete after all were tried."""
    orders = Orders(edges)
    left_behind = orders.undelivered(format_time(edges.clock.now() - LEFT_BEHIND))

    def empty(order_id: str, told: dict[str, str]) -> None:
        if row := orders.get(order_id):
            told |= newest(row)
            deliver(edges, row, PUBLISH_SECONDS)

    if failed := each_alone(left_behind, empty, "delivered", "not delivered"):
        raise SweepIncomplete(f"{failed} of {len(left_behind)} outboxes are still not empty")
    return len(left_behind)


def sweep_holds(edges: Edges) -> int:
    """Calls off every order whose card could not be authorised in time; returns how many. Raises SweepIncomplete after
    all were tried; what was decided by then is in an outbox."""
    overdue = {hold.order.order_id: hold for hold in overdue_holds(edges)}

    def end(order_id: str, told: dict[str, str]) -> None:
        row = end_hold(edges, overdue[order_id])
        told |= newest(row)
        deliver(edges, row, PUBLISH_SECONDS)

    if failed := each_alone(overdue, end, "hold ended", "hold not ended"):
        raise SweepIncomplete(f"{failed} of {len(overdue)} holds could not be ended")
    return len(overdue)


def each_alone(order_ids: Iterable[str], do: Callable[[str, dict[str, str]], None], done: str, not_done: str) -> int:
    """Does it to each order, and logs that it is `done` or not, with what `do` adds to the line; returns how many
    failed: one must not hold up the others."""
    log, failed = logger(SWEEP), 0
    for order_id in order_ids:
        told = {"order_id": order_id}
        try:
            do(order_id, told)
            log.info(done, extra=told)
        except Exception as error:  # whoever called raises
            log.error(not_done, extra=told | {"error": describe(error)})
            failed += 1
    return failed


def newest(row: OrderRow) -> dict[str, str]:
    """The ids of the decision in the outbox. Raises ContractError."""
    return {key: value for event in waiting(row)[-1:] for key, value in event.ids.items()}


class Sweep(Connected):
    """The scheduled Lambda function; what it is called with does not matter."""

    __name__ = SWEEP

    def __call__(self, event: Any = None, context: Any = None) -> None:  # noqa: ARG002
        try:
            sweep_outboxes(self._edges)
        finally:
            sweep_holds(self._edges)


sweep = Sweep()
