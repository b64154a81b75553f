"""Holds that nobody pays for: an order's copies are set aside before its card is authorised, and come back by
themselves if that does not come about in the stage's `hold_minutes`.

The order is cancelled, as by an admin: the copies go back, what the provider takes after all is given back, and the
customer is told. The time counts from when both the copies were set aside and the card was first tried. So an order
whose turn has not come yet, in a rush or an outage, is not called off for it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from checkout_api.http.origin import Origin
from checkout_api.orders.outbox import with_decision
from edges.connect import Edges
from schemas.envelope import Event
from schemas.events import InventoryReserved, OrderCancelled
from schemas.types import format_time
from tables.order_row import OrderRow
from tables.orders import Orders
from tables.payments import PaymentRow, Payments

REASON = "the payment could not be made in time"
A_SECOND = timedelta(seconds=1)
MOST_READ = 1000
"""Pending orders of a shard that one sweep looks at: far more than are unpaid for long, but in an outage."""
MOST_ENDED = 200
"""Holds that one sweep ends, within its minute."""


@dataclass(frozen=True)
class Hold:
    """An order's copies that are set aside, and since when its card is being tried."""

    order: OrderRow
    tried: datetime

    def over(self, before: datetime) -> bool:
        """Whether copies are held since before that time for an order that nobody has paid, though its card was tried
        by then."""
        reserved = self.order.timeline.get(InventoryReserved.id_for(self.order.order_id))
        return self.order.status == "pending" and reserved is not None and max(reserved.at, self.tried) <= before


def trying_since(payment: PaymentRow | None) -> datetime | None:
    """When the card was first tried, unless it has been authorised or refused since."""
    if payment is None or payment.status != "none":
        return None
    claimed = payment.claim.tried if payment.claim else None  # rows of an earlier release have no `first_tried`
    return payment.first_tried or claimed


def overdue_holds(edges: Edges) -> list[Hold]:
    """The holds that are over, up to MOST_ENDED, with orders of before first."""
    before, orders = begin(edges), Orders(edges)
    pending = orders.pending(format_time(before + A_SECOND), MOST_READ)  # one placed right then is among them
    found = Payments(edges).get_many(pending)
    tried = {order_id: at for order_id in pending if (at := trying_since(found.get(order_id))) and at <= before}
    rows = orders.get_many(tried)
    holds = (Hold(rows[order_id], at) for order_id, at in tried.items() if order_id in rows)
    return [hold for hold in holds if hold.over(before)][:MOST_ENDED]


def end_hold(edges: Edges, hold: Hold) -> OrderRow:
    """The order's row with its cancellation recorded, unless it is paid or decided on meanwhile. Raises Contended."""
    before, now = begin(edges), edges.clock.now()

    def ended(row: OrderRow | None) -> OrderRow | None:
        if row is None or not Hold(row, hold.tried).over(before):
            return row
        return with_decision(row, cancellation(row, now), now)

    row = Orders(edges).change(hold.order.order_id, ended, hold.order)
    assert row is not None  # an order that is on the bus never expires
    return row


def cancellation(row: OrderRow, now: datetime) -> Event[OrderCancelled]:
    """order.cancelled, which follows from the copies' having been set aside."""
    cause = InventoryReserved.id_for(row.order_id)
    return Origin(cause, cause, test=bool(row.test)).event(OrderCancelled(order_id=row.order_id, reason=REASON), now)


def begin(edges: Edges) -> datetime:
    """A hold that began later is not over."""
    return edges.clock.now() - timedelta(minutes=edges.settings.hold_minutes)
