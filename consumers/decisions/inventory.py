"""What an event means for an order's reservation and for the stock of its products: pure functions on rows.

    open ──order.created──> reserved ──called off──> released
      │        │               └─────order.shipped──> shipped
      │        └─(not all there)──> rejected
      └──called off, then order.created──> dropped

Called off means order.cancelled or payment.failed. What comes after the last state of a line changes nothing: the API
lets nobody cancel what was shipped or ship what was cancelled, and if both came, the copies would be counted once.
order.shipped before order.created takes the copies out as soon as they are reserved.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from edges.publisher import AnyEvent
from schemas.envelope import Event, EventData, follow_up
from schemas.events import (
    InventoryLowStock,
    InventoryRejected,
    InventoryReleased,
    InventoryReserved,
    ItemQuantity,
    OrderCancelled,
    OrderCreated,
    OrderItem,
    OrderShipped,
    PaymentFailed,
    Shortage,
)
from tables.conflicts import Conflict
from tables.reservations import ReservationRow
from tables.stock import StockRow
from tables.stored_event import StoredEvent

StockRows = Mapping[str, StockRow]


@dataclass(frozen=True)
class Decision:
    """The rows as they are to be stored together; `stock` has only those that change, by sku."""

    reservation: ReservationRow
    stock: StockRows


def needed(row: ReservationRow, event: AnyEvent) -> list[str]:
    """The skus whose stock `decide` has to see."""
    match event.data:
        case OrderCreated(items=items) if row.state == "open":
            return [item.sku for item in copies_by_sku(items)]
        case OrderCancelled() | PaymentFailed() | OrderShipped() if row.state == "reserved":
            return [item.sku for item in row.items]
    return []


def decide(row: ReservationRow, event: AnyEvent, stock: StockRows, now: datetime) -> Decision:
    """The rows after `event`. An event that was handled before leaves the reservation row unchanged."""
    match event.data:
        case OrderCreated() as order if row.state == "open":
            return decide_reservation(row, event, copies_by_sku(order.items), stock, now)
        case OrderCancelled() | PaymentFailed():
            return decide_release(row.with_(called_off=True), event, stock, now)
        case OrderShipped():
            return decide_shipment(Decision(row.with_(ship=True), {}), stock)
    return Decision(row, {})


def decide_reservation(
    row: ReservationRow, event: AnyEvent, items: list[ItemQuantity], stock: StockRows, now: datetime
) -> Decision:
    """All items or none. The shortages of a rejected order are in its event."""
    row = row.with_(items=items)
    if row.called_off:
        return Decision(row.with_(state="dropped"), {})
    if short := shortages(items, stock):
        rejected = InventoryRejected(order_id=row.order_id, items=short)
        return Decision(with_events(row.with_(state="rejected"), [follow_up(event, rejected, now)]), {})
    after = moved(items, stock, "on_hand", "reserved")
    reserved = InventoryReserved(order_id=row.order_id, items=items)
    low = (for_everyone(follow_up(event, data, now)) for data in low_stock(row.order_id, stock, after))
    told = [follow_up(event, reserved, now), *low]
    return decide_shipment(Decision(with_events(row.with_(state="reserved"), told), after), after)


def for_everyone(event: AnyEvent) -> AnyEvent:
    """The event without the mark of a test order: that the stock is low is true all the same, and told only once."""
    return event.model_copy(update={"metadata": event.metadata.model_copy(update={"test": None})})


def decide_release(row: ReservationRow, event: AnyEvent, stock: StockRows, now: datetime) -> Decision:
    """What is set aside goes back on hand."""
    if row.state != "reserved":
        return Decision(row, {})
    released = follow_up(event, InventoryReleased(order_id=row.order_id, items=row.items), now)
    return Decision(
        with_events(row.with_(state="released"), [released]), moved(row.items, stock, "reserved", "on_hand")
    )


def decide_shipment(decision: Decision, stock: StockRows) -> Decision:
    """What is set aside for an order that is known to be shipped leaves the house."""
    row = decision.reservation
    if not row.ship or row.state != "reserved":
        return decision
    return replace(
        decision, reservation=row.with_(state="shipped"), stock=moved(row.items, stock, "reserved", "shipped")
    )


def copies_by_sku(items: Iterable[OrderItem]) -> list[ItemQuantity]:
    """Each product once, with the copies of all its lines, in the order of the lines."""
    copies: Counter[str] = Counter()
    for item in items:
        copies[item.sku] += item.quantity
    return [ItemQuantity(sku=sku, quantity=quantity) for sku, quantity in copies.items()]


def shortages(items: Iterable[ItemQuantity], stock: StockRows) -> list[Shortage]:
    """The items that are not all there; of a product without a stock row there are none."""
    on_hand = {sku: row.on_hand for sku, row in stock.items()}
    return [
        Shortage(sku=item.sku, requested=item.quantity, available=on_hand.get(item.sku, 0))
        for item in items
        if on_hand.get(item.sku, 0) < item.quantity
    ]


def moved(items: Iterable[ItemQuantity], stock: StockRows, source: str, target: str) -> StockRows:
    """The stock rows after the items' copies went from one of their counts to another. Raises Conflict."""
    return {item.sku: _moved(stock[item.sku], item.quantity, source, target) for item in items}


def _moved(row: StockRow, quantity: int, source: str, target: str) -> StockRow:
    """Raises Conflict if the row was read after somebody else had moved these copies."""
    if getattr(row, source) < quantity:
        raise Conflict
    return row.with_(**{source: getattr(row, source) - quantity, target: getattr(row, target) + quantity})


def low_stock(order_id: str, before: StockRows, after: StockRows) -> list[InventoryLowStock]:
    """The products that went below their threshold just now; those that were below it before are told already."""
    return [
        InventoryLowStock(order_id=order_id, sku=sku, on_hand=row.on_hand, threshold=row.threshold)
        for sku, row in after.items()
        if row.on_hand < row.threshold <= before[sku].on_hand
    ]


def with_events(row: ReservationRow, events: Iterable[Event[EventData]]) -> ReservationRow:
    return row.with_(events=[*row.events, *(StoredEvent.of(event) for event in events)])
