"""How fast orders were handled, and their figures by simply counting, to compare with those of analytics. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from operator import add

from orderwire.stories.demo.books import Books
from tables.metrics import Counts, Demand, MetricRow, summed
from tables.order_row import OrderRow

FOREVER = float("inf")


@dataclass(frozen=True)
class Pace:
    """Seconds that something took for half of the orders, and for 95 of 100 at most."""

    p50: float
    p95: float

    def __str__(self) -> str:
        return f"{self.p50:.2f} s (p95 {self.p95:.2f} s)"


def pace(seconds: Sequence[float]) -> Pace:
    return Pace(percentile(seconds, 50), percentile(seconds, 95))


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest value that `percent` % of the values do not exceed; infinity if there are no values."""
    if not values:
        return FOREVER
    rank = -(-len(values) * percent // 100)
    return sorted(values)[max(0, rank - 1)]


def durations(orders: Mapping[str, OrderRow], of: Collection[str], first: str, then: str) -> list[float]:
    """Seconds between two events of each of these orders, of those that have both."""
    rows = (orders[order_id] for order_id in of if order_id in orders)
    times = ({seen.type: seen.at for seen in row.timeline.values()} for row in rows)
    return [(each[then] - each[first]).total_seconds() for each in times if first in each and then in each]


def counted(books: Books) -> Counts:
    """What analytics must come to: every order, and every payment that was taken."""
    orders = books.orders.values()
    return Counts(
        orders=len(orders),
        ordered=total(row.total for row in orders),
        units=sum(item.quantity for row in orders for item in row.items or []),
        revenue=total(entry.captured for entry in books.ledger),
        refunds=sum(1 for entry in books.ledger if entry.refunded),
        failures=sum(1 for row in orders if row.status in {"payment_failed", "rejected"}),
    )


def counted_products(books: Books) -> dict[str, int]:
    """Copies of each product in all orders."""
    skus: dict[str, int] = {}
    for row in books.orders.values():
        for item in row.items or []:
            skus[item.sku] = skus.get(item.sku, 0) + item.quantity
    return skus


def from_metrics(books: Books) -> tuple[Counts, dict[str, int]]:
    """What analytics has come to: the sum of its figures, and copies by product."""
    rows = [MetricRow.model_validate(item) for item in books.tables["metrics"].values()]
    demand: Mapping[str, Demand] = summed(row.products for row in rows)
    figures = reduce(add, (hour for row in rows for hour in row.hours.values()), Counts())
    return figures, {sku: each.units for sku, each in demand.items()}


def total(amounts: Iterable[Decimal | None]) -> Decimal:
    return sum((amount for amount in amounts if amount is not None), Decimal("0.00"))
