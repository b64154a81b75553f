"""What the shop took in lately, and what happened last, as the metrics table has it."""

from datetime import datetime

from checkout_api.http.shapes import DayFigures, Figures, HourFigures, LatestEvent, ShopFigures, WantedProduct
from edges.connect import Edges
from schemas.types import format_time
from tables import latest, metrics
from tables.metrics import Metrics, TopProduct

HOURS, DAYS, TOPS = 24, 14, 10


def shop_figures(edges: Edges) -> ShopFigures:
    """The last hours and days without a gap, oldest first, and what was ordered most in those hours."""
    table = Metrics(edges)
    return ShopFigures(
        hours=[hour_figures(at, found) for at, found in table.hours(HOURS)],
        days=[day_figures(at, found) for at, found in table.days(DAYS)],
        top_products=[most_wanted(top) for top in table.top_products(HOURS, TOPS)],
    )


def hour_figures(at: datetime, found: metrics.Counts) -> HourFigures:
    return HourFigures(hour=format_time(at), **figures(found))


def day_figures(at: datetime, found: metrics.Counts) -> DayFigures:
    return DayFigures(day=f"{at:%Y-%m-%d}", **figures(found))


def figures(found: metrics.Counts) -> Figures:
    return Figures(
        orders=found.orders,
        revenue=found.revenue,
        units=found.units,
        average_basket=found.average_basket,
        refunds=found.refunds,
        failures=found.failures,
    )


def most_wanted(top: TopProduct) -> WantedProduct:
    return WantedProduct(sku=top.sku, name=top.name, units=top.units, ordered=top.ordered)


def latest_events(edges: Edges) -> list[LatestEvent]:
    """Newest first. What analytics has not heard yet is not there."""
    return [latest_event(each) for each in Metrics(edges).latest()]


def latest_event(found: latest.KeptEvent) -> LatestEvent:
    return LatestEvent(
        type=found.type, at=format_time(found.at), event_id=found.event_id, order_id=found.order_id, sku=found.sku
    )
