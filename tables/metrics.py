"""The metrics table: what the shop took in, hour by hour, what was ordered most, and what happened last.

Five kinds of rows, told apart by their keys. `shard` is the order's, so that no row is written by every order:

    counted#<event_id>                 guards an event: its figures are counted, all of them
    failed#<order_id>                  guards an order that came to nothing: both its events are one failure
    figures#2026-11-20#<shard>         the figures of each hour of a day
    products#2026-11-20T09#<shard>     what was ordered in an hour
    latest#<shard>                     the latest events, whatever they are

Hours are UTC, and an event belongs to the one in which it occurred, whenever it comes.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import reduce
from operator import add
from typing import Self

from pydantic import BaseModel, ConfigDict

from edges.connect import Edges
from tables.declaration import Table
from tables.latest import KeptEvent, newest, without_gaps
from tables.order_row import SHARDS
from tables.rows import Row, Rows

TABLE = Table("metrics", owner="analytics", key="id", expires="expires_at")

GUARDED = timedelta(days=400)
"""How long an event cannot be counted again: longer than the archive keeps it and its messages can wait, in the queue,
in the dead-letter queue and in both once more. Replays are not heard at all."""

NOTHING, CENT = Decimal("0.00"), Decimal("0.01")


class Counts(BaseModel):
    """Counts and sums of some time. `ordered` is the total of the `orders` placed, `revenue` what was paid for orders,
    `refunds` how many payments were given back, `failures` how many orders could not be paid or delivered: one that
    could be neither is one, in the hour of whichever was heard first."""

    model_config = ConfigDict(frozen=True)

    orders: int = 0
    ordered: Decimal = NOTHING
    units: int = 0
    revenue: Decimal = NOTHING
    refunds: int = 0
    failures: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        """What only a newer release counts stays as it is here."""
        return self.model_copy(
            update={name: getattr(self, name) + getattr(other, name) for name in Counts.model_fields}
        )

    @property
    def average_basket(self) -> Decimal | None:
        return (self.ordered / self.orders).quantize(CENT) if self.orders else None


class Demand(BaseModel):
    """Copies of a product that were ordered and the sum of their prices, whatever became of the orders. After a change
    of name the name that sorts first stays."""

    model_config = ConfigDict(frozen=True)

    name: str
    units: int
    ordered: Decimal

    def __add__(self, other: "Demand") -> "Demand":
        more = {"units": self.units + other.units, "ordered": self.ordered + other.ordered}
        return self.model_copy(update={"name": min(self.name, other.name), **more})


class MetricRow(Row):
    """`hours` maps an hour of the row's day (`09`) to its figures, `products` skus to the demand; `latest` are events,
    oldest first."""

    id: str
    hours: dict[str, Counts] = {}
    products: dict[str, Demand] = {}
    latest: list[KeptEvent] = []
    expires_at: int | None = None

    def with_figures(self, hour: str, figures: Counts) -> Self:
        return self.with_(hours={**self.hours, hour: self.hours.get(hour, Counts()) + figures})

    def with_demand(self, products: dict[str, Demand]) -> Self:
        return self.with_(products=summed([self.products, products]))

    def with_latest(self, events: Iterable[KeptEvent]) -> Self:
        return self.with_(latest=newest([*self.latest, *events]))


@dataclass(frozen=True)
class TopProduct:
    sku: str
    name: str
    units: int
    ordered: Decimal


def failed_id(order_id: str) -> str:
    return f"failed#{order_id}"


def guard_id(event_id: str) -> str:
    return f"counted#{event_id}"


def figures_id(at: datetime, shard: str) -> str:
    return f"figures#{day_of(at)}#{shard}"


def products_id(at: datetime, shard: str) -> str:
    return f"products#{day_of(at)}T{hour_of(at)}#{shard}"


def latest_id(shard: str) -> str:
    return f"latest#{shard}"


def day_of(at: datetime) -> str:
    return at.strftime("%Y-%m-%d")


def hour_of(at: datetime) -> str:
    return at.strftime("%H")


def summed(tallies: Iterable[dict[str, Demand]]) -> dict[str, Demand]:
    """The demand of all of them together, by sku."""
    parts: defaultdict[str, list[Demand]] = defaultdict(list)
    for tally in tallies:
        for sku, demand in tally.items():
            parts[sku].append(demand)
    return {sku: reduce(add, found) for sku, found in parts.items()}


def hours_back(now: datetime, last: int) -> list[datetime]:
    """The beginnings of the last hours, oldest first, the one that `now` is in included."""
    current = now.replace(minute=0, second=0, microsecond=0)
    return [current - timedelta(hours=back) for back in reversed(range(last))]


def days_back(now: datetime, last: int) -> list[datetime]:
    """The beginnings of the last days, oldest first, today included."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return [today - timedelta(days=back) for back in reversed(range(last))]


class Metrics(Rows[MetricRow]):
    """What is read is summed over the shards; a row that is being written meanwhile is in the sum whole or not yet."""

    TABLE, ROW = TABLE, MetricRow

    def __init__(self, edges: Edges) -> None:
        super().__init__(edges)
        self._now = edges.clock.now

    def hours(self, last: int = 24) -> list[tuple[datetime, Counts]]:
        """The last hours and their figures, oldest first, without a gap."""
        wanted = hours_back(self._now(), last)
        found = self._figures(wanted)
        return [(hour, found.get((day_of(hour), hour_of(hour)), Counts())) for hour in wanted]

    def days(self, last: int = 7) -> list[tuple[datetime, Counts]]:
        """The last days: sums of their hours."""
        wanted = days_back(self._now(), last)
        sums: defaultdict[str, Counts] = defaultdict(Counts)
        for (day, _), figures in self._figures(wanted).items():
            sums[day] += figures
        return [(day, sums[day_of(day)]) for day in wanted]

    def top_products(self, hours: int = 24, limit: int = 10) -> list[TopProduct]:
        """What was ordered most in the last hours: by copies, then by the sum of their prices, then by sku."""
        wanted = (products_id(hour, shard) for hour in hours_back(self._now(), hours) for shard in _shards())
        total = summed(row.products for row in self.get_many(wanted).values())
        tops = [TopProduct(sku, each.name, each.units, each.ordered) for sku, each in total.items()]
        return sorted(tops, key=lambda top: (-top.units, -top.ordered, top.sku))[:limit]

    def latest(self) -> list[KeptEvent]:
        """The latest events, newest first and without a gap: some sixty, at least twelve, once there were as many."""
        return without_gaps([row.latest for row in self.get_many(map(latest_id, _shards())).values()])

    def _figures(self, times: Sequence[datetime]) -> dict[tuple[str, str], Counts]:
        """(day, hour) -> figures, of every hour of these days in which something happened."""
        days = {day_of(at): at for at in times}
        sums: defaultdict[tuple[str, str], Counts] = defaultdict(Counts)
        keys = {figures_id(at, shard): day for day, at in days.items() for shard in _shards()}
        for key, row in self.get_many(keys).items():
            for hour, figures in row.hours.items():
                sums[keys[key], hour] += figures
        return sums


def _shards() -> Iterable[str]:
    return map(str, range(SHARDS))
