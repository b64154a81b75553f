"""inventory: sets an order's items aside, all or none, puts them back, takes them out.

One transaction writes the order's reservation row and the stock row of each of its products, each conditional on the
version that was read; the reservation row decides what has happened already. Whoever loses a race for a stock row reads
again and decides again, in place. The events of what was decided are stored in the same transaction, so a crash before
they are published loses none: the event that led to them comes again and finds them.
"""

from collections.abc import Sequence

from consumers.decisions.inventory import Decision, decide, needed
from consumers.declaration import Consumer
from consumers.runner.batch import Delivery
from consumers.runner.entry import LambdaEntry
from edges.connect import Edges
from edges.publisher import AnyEvent
from schemas.events import (
    InventoryLowStock,
    InventoryRejected,
    InventoryReleased,
    InventoryReserved,
    OrderCancelled,
    OrderCreated,
    OrderShipped,
    PaymentFailed,
)
from tables import reservations, stock
from tables.reservations import ReservationRow, Reservations
from tables.rows import transact, until_no_conflict
from tables.stock import Stock
from tables.stored_event import caused_by

CONSUMER = Consumer(
    name="inventory",
    hears=(OrderCreated, OrderCancelled, OrderShipped, PaymentFailed),
    publishes=(InventoryReserved, InventoryRejected, InventoryReleased, InventoryLowStock),
    objective=300,  # nothing is captured before the goods are reserved
    touches=(
        reservations.TABLE.allow("GetItem", "PutItem"),
        stock.TABLE.allow("BatchGetItem", "PutItem"),
    ),
)


class InventoryConsumer:
    def __init__(self, edges: Edges) -> None:
        self._edges = edges
        self._reservations, self._stock = Reservations(edges), Stock(edges)

    def __call__(self, delivery: Delivery) -> Sequence[AnyEvent]:
        """Returns the events that this event led to, now or when it was first handled. Raises Contended."""
        row = until_no_conflict(self._edges, lambda: self._settle(delivery.event))
        return caused_by(delivery.event.event_id, row.events)

    def _settle(self, event: AnyEvent) -> ReservationRow:
        """One attempt: read, decide, store. Raises Conflict."""
        order_id = event.data.order_id
        before = self._reservations.get(order_id) or ReservationRow(order_id=order_id)
        stock_rows = self._stock.get_many(needed(before, event))
        decision = decide(before, event, stock_rows, self._edges.clock.now())
        if decision.reservation != before:
            self._store(decision)
        return decision.reservation

    def _store(self, decision: Decision) -> None:
        puts = [self._reservations.put_action(decision.reservation)]
        puts += [self._stock.put_action(row) for row in decision.stock.values()]
        transact(self._edges, puts)


on_records = LambdaEntry(CONSUMER, InventoryConsumer)
