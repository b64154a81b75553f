"""The sweep: publishes the decisions that a crash or a bus out of order left in their orders' outboxes.

Runs every minute, over an index that holds only orders with something in their outbox.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import cached_property
from typing import Any

from checkout_api.orders.outbox import deliver, waiting
from edges.connect import Edges, connect
from edges.log import describe, logger
from schemas.types import format_time
from tables.order_row import OrderRow
from tables.orders import Orders

NAME = "sweep"
EVERY = "rate(1 minute)"
LEFT_BEHIND = timedelta(seconds=30)
"""By then the request that recorded the decision has published it or will not."""
PUBLISH_SECONDS = 2.0


class SweepIncomplete(Exception):
    """Some outboxes could not be emptied; the next sweep tries again."""


def sweep_outboxes(edges: Edges) -> int:
    """Empties every outbox that was left behind; returns how many. Raises SweepIncomplete after all were tried."""
    orders, log = Orders(edges), logger(NAME)
    left_behind = orders.undelivered(format_time(edges.clock.now() - LEFT_BEHIND))
    failed = 0
    for order_id in left_behind:
        told = {"order_id": order_id}
        try:
            if row := orders.get(order_id):
                told |= newest(row)
                deliver(edges, row, PUBLISH_SECONDS)
            log.info("delivered", extra=told)
        except Exception as error:  # one order must not hold up the others; it is raised below
            log.error("not delivered", extra=told | {"error": describe(error)})
            failed += 1
    if failed:
        raise SweepIncomplete(f"{failed} of {len(left_behind)} outboxes are still not empty")
    return len(left_behind)


def newest(row: OrderRow) -> dict[str, str]:
    """The ids of the decision in the outbox. Raises ContractError."""
    return {key: value for event in waiting(row)[-1:] for key, value in event.ids.items()}


class Sweep:
    """The scheduled Lambda function; what it is called with does not matter."""

    __name__ = NAME

    def __init__(self, edges: Callable[[], Edges]) -> None:
        self._connect = edges

    @cached_property
    def _edges(self) -> Edges:
        return self._connect()

    def __call__(self, event: Any = None, context: Any = None) -> None:  # noqa: ARG002
        sweep_outboxes(self._edges)


sweep = Sweep(connect)
