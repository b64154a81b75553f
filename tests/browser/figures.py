"""Answers of the API that a running shop would take hours to give, held against the API's own shapes."""

from typing import Any

from pydantic import TypeAdapter

from checkout_api.http.shapes import QueueDepth, ShopFigures


def counted(orders: int, revenue: float, units: int, refunds: int, failures: int) -> dict[str, Any]:
    average = revenue / orders if orders else None
    return {
        "orders": orders,
        "revenue": revenue,
        "units": units,
        "average_basket": average,
        "refunds": refunds,
        "failures": failures,
    }


METRICS = {
    "hours": [
        {"hour": "2026-11-20T09:00:00.000Z", **counted(4, 100.4, 6, 1, 0)},
        {"hour": "2026-11-20T10:00:00.000Z", **counted(0, 0.0, 0, 0, 0)},
        {"hour": "2026-11-20T11:00:00.000Z", **counted(1, 19.9, 1, 0, 2)},
    ],
    "days": [{"day": "2026-11-20", **counted(5, 120.3, 7, 1, 2)}],
    "top_products": [{"sku": "x-1", "name": "Most Wanted of All", "units": 7, "ordered": 120.3}],
}
QUEUES = [
    {
        "name": "payment",
        "waiting": 0,
        "in_flight": 0,
        "delayed": 0,
        "oldest_seconds": None,
        "dead": 0,
        "oldest_dead_seconds": None,
        "redrivable": True,
    },
    {
        "name": "analytics",
        "waiting": 341,
        "in_flight": 10,
        "delayed": 2,
        "oldest_seconds": 187,
        "dead": 12,
        "oldest_dead_seconds": 7_300,
        "redrivable": True,
    },
    {
        "name": "subscriptions",
        "waiting": None,
        "in_flight": None,
        "delayed": None,
        "oldest_seconds": None,
        "dead": 3,
        "oldest_dead_seconds": 90,
        "redrivable": False,
    },
]

TypeAdapter(ShopFigures).validate_python(METRICS)
TypeAdapter(list[QueueDepth]).validate_python(QUEUES)
