"""What an event adds to the shop's figures, and which rows of the metrics table change with it: pure functions.

Adding is all that happens to a figure, so neither the order of events nor how they are grouped can matter; a guard row
per event keeps a repeated one out. An order that is sold out and refused by the card as well is one failure: its guard
is the order's, and the failure is counted in the hour of the event that is heard first. The latest events need none:
keeping the newest of them again changes nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from edges.publisher import AnyEvent
from schemas.events import (
    InventoryRejected,
    OrderCreated,
    OrderItem,
    PaymentCompleted,
    PaymentFailed,
    PaymentRefunded,
)
from tables.latest import KeptEvent
from tables.metrics import (
    GUARDED,
    Counts,
    Demand,
    MetricRow,
    failed_id,
    figures_id,
    guard_id,
    hour_of,
    latest_id,
    products_id,
    summed,
)
from tables.order_row import shard_of

MOST_EVENTS = 33
"""In one transaction, which takes 100 rows: three per event at most (guard, figures, products), and one for the latest
events."""

MetricRows = Mapping[str, MetricRow]


@dataclass(frozen=True)
class Addition:
    """What one event adds, `products` by sku."""

    figures: Counts
    products: dict[str, Demand] = field(default_factory=dict)


def addition(event: AnyEvent) -> Addition | None:
    """None for an event that changes no figure."""
    match event.data:
        case OrderCreated() as order:
            units = sum(item.quantity for item in order.items)
            return Addition(Counts(orders=1, ordered=order.total, units=units), summed(map(demand, order.items)))
        case PaymentCompleted(amount=amount):
            return Addition(Counts(revenue=amount))
        case PaymentRefunded():
            return Addition(Counts(refunds=1))
        case PaymentFailed() | InventoryRejected():
            return Addition(Counts(failures=1))
    return None


def demand(item: OrderItem) -> dict[str, Demand]:
    return {item.sku: Demand(name=item.name, units=item.quantity, ordered=item.quantity * item.unit_price)}


def parts(events: Iterable[AnyEvent]) -> Iterator[list[AnyEvent]]:
    """The events in groups, each of one shard and small enough for one transaction."""
    by_shard: defaultdict[str, list[AnyEvent]] = defaultdict(list)
    for event in events:
        by_shard[shard_of(event.data.order_id)].append(event)
    for found in by_shard.values():
        for start in range(0, len(found), MOST_EVENTS):
            yield found[start : start + MOST_EVENTS]


def needed(events: Iterable[AnyEvent]) -> list[str]:
    """The keys of the rows that `counted` has to see."""
    return [key for event in events for key in (latest(event), *(keys(event) if addition(event) else ()))]


def latest(event: AnyEvent) -> str:
    """The key of the row with the latest events of the event's shard."""
    return latest_id(shard_of(event.data.order_id))


def keys(event: AnyEvent) -> tuple[str, ...]:
    """The keys of the rows that counting an event changes: its guard, the figures, and the products of an order."""
    at, shard = event.metadata.occurred_at, shard_of(event.data.order_id)
    products = (products_id(at, shard),) if isinstance(event.data, OrderCreated) else ()
    return (guard(event), figures_id(at, shard), *products)


def guard(event: AnyEvent) -> str:
    """The key of the row that keeps the event from being counted again."""
    if isinstance(event.data, PaymentFailed | InventoryRejected):
        return failed_id(event.data.order_id)
    return guard_id(event.event_id)


def counted(rows: MetricRows, events: Sequence[AnyEvent], now: datetime) -> tuple[MetricRows, Counts]:
    """(the rows that change, what was added) by events of one shard. An event with a guard among the rows is not added,
    and neither is a second copy of one that has just got its guard."""
    last = row_at(rows, latest(events[0])).with_latest(map(KeptEvent.of, events))
    after, added = {**rows, last.id: last}, Counts()
    for event in events:
        more = addition(event)
        if more and guard(event) not in after:
            after |= changed(after, event, more, now)
            added += more.figures
    return {key: row for key, row in after.items() if row != rows.get(key)}, added


def changed(rows: MetricRows, event: AnyEvent, more: Addition, now: datetime) -> MetricRows:
    """The event's rows after it is counted."""
    guarded, figures, *products = keys(event)
    hour = hour_of(event.metadata.occurred_at)
    return {
        guarded: MetricRow(id=guarded, expires_at=int((now + GUARDED).timestamp())),
        figures: row_at(rows, figures).with_figures(hour, more.figures),
        **{key: row_at(rows, key).with_demand(more.products) for key in products},
    }


def row_at(rows: MetricRows, key: str) -> MetricRow:
    return rows.get(key) or MetricRow(id=key)
