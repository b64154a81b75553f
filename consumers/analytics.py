"""analytics: adds every event of the shop to its figures, once, and keeps the latest.

The events of a batch are counted together: those of a shard in one transaction, with a guard row per event. A message
that comes again finds its guard row, whatever batch it comes in. CloudWatch gets the same figures as metrics, at most
once: they are written to the log after the transaction, so a crash in between leaves them out there.
"""

from collections.abc import Sequence

from consumers.decisions.analytics import counted, needed, parts
from consumers.declaration import Consumer
from consumers.runner.batch import Delivery
from consumers.runner.entry import LambdaEntry
from edges.connect import Edges
from edges.metrics import (
    FAILURES,
    ORDERED,
    ORDERS_PLACED,
    REFUNDS,
    REVENUE,
    UNITS_ORDERED,
    OwnMetric,
    write_metrics,
)
from edges.publisher import AnyEvent
from schemas.envelope import EventData
from tables.metrics import TABLE, Counts, Metrics
from tables.rows import transact, until_no_conflict

CONSUMER = Consumer(
    name="analytics",
    hears=(EventData,),
    where={"metadata": {"test": [{"exists": False}]}},
    hears_replays=False,
    batch_size=100,
    window=5,
    objective=3600,  # the figures are by the hour
    concurrency=4,  # more would wait for each other at the rows of the current hour
    touches=(TABLE.allow("BatchGetItem", "PutItem"),),
)


class AnalyticsConsumer:
    def __init__(self, edges: Edges) -> None:
        self._edges, self._metrics = edges, Metrics(edges)

    def handle_together(self, deliveries: Sequence[Delivery]) -> Sequence[Exception | None]:
        """Counts what is new. Replays and smoke orders, which the rule keeps out, count for nothing here either."""
        failed: dict[str, Exception] = {}
        total = Counts()
        for part in parts(each.event for each in deliveries if not (each.replayed or each.event.metadata.test)):
            try:
                total += self._count(part)
            except Exception as error:  # the other parts are in other transactions; the runner retries these records
                failed |= {event.event_id: error for event in part}
        if total != Counts():
            write_metrics(as_metrics(total), self._edges.settings.stage)
        return [failed.get(each.event.event_id) for each in deliveries]

    def _count(self, events: Sequence[AnyEvent]) -> Counts:
        """Counts all of these events, which are of one shard, or none; returns what was added. Raises Contended."""
        return until_no_conflict(self._edges, lambda: self._attempt(events))

    def _attempt(self, events: Sequence[AnyEvent]) -> Counts:
        """Raises Conflict if another function counted in the same rows meanwhile."""
        changed, added = counted(self._metrics.get_many(needed(events)), events, self._edges.clock.now())
        if changed:
            transact(self._edges, [self._metrics.put_action(row) for row in changed.values()])
        return added


def as_metrics(figures: Counts) -> dict[OwnMetric, float]:
    return {
        ORDERS_PLACED: figures.orders,
        UNITS_ORDERED: figures.units,
        REFUNDS: figures.refunds,
        FAILURES: figures.failures,
        ORDERED: float(figures.ordered),
        REVENUE: float(figures.revenue),
    }


on_records = LambdaEntry(CONSUMER, AnalyticsConsumer)
