"""Two releases at once: what the newer one writes, the older one reads, and writes back as it found it."""

from copy import deepcopy

import pytest

from consumers import inventory, notification, orders, payment
from consumers.analytics import AnalyticsConsumer
from schemas.events import OrderRefunded, OrderShipped
from tables.order_row import shard_of
from tables.orders import Orders
from tables.stock import Stock
from tests.support.events import ORDER, created, delivery, event, one_of_each
from tests.support.services.dynamodb import fake_edges
from tests.support.services.ses import FakeSES

NEWS = {"gift": {"M": {"words": {"L": [{"S": "for you"}, {"N": "2"}]}}}}
"""An attribute that this release does not know."""
LATER = (OrderShipped, OrderRefunded)
TWIN = next(found for found in (f"ord_{n}" for n in range(100)) if shard_of(found) == shard_of(ORDER))


@pytest.fixture
def edges():
    edges = fake_edges(ses=FakeSES())
    Stock(edges).restock("book-1", 9)
    return edges


def hear(edges, events):
    """Everybody hears them, and what follows from them."""
    analytics, told = AnalyticsConsumer(edges), list(events)
    while told:
        heard = delivery(told.pop(0))
        assert analytics.handle_together([heard]) == [None]
        for module in (orders, payment, inventory, notification):
            if isinstance(heard.event.data, module.CONSUMER.hears):
                told += module.on_records.build(edges)(heard)


def with_news(value):
    """The value with the attribute in each of its maps, but in those that only hold others by their keys."""
    match value:
        case {"M": known}:
            told = {key: with_news(each) for key, each in known.items()}
            return {"M": told if all("M" in each for each in known.values()) else told | deepcopy(NEWS)}
        case {"L": known}:
            return {"L": [with_news(each) for each in known]}
    return value


def places(value, path=()):
    """Where the attribute is."""
    match value:
        case {"M": known}:
            found = {path} if NEWS.items() <= known.items() else set()
            return found.union(*(places(each, (*path, key)) for key, each in known.items()))
        case {"L": known}:
            return set().union(*(places(each, (*path, number)) for number, each in enumerate(known)))
    return set()


def all_places(edges):
    """But for the latest events, which move up."""
    tables = edges.clients.dynamodb.tables.items()
    found = {
        (name, key, *place) for name, rows in tables for key, item in rows.items() for place in places({"M": item})
    }
    return {each for each in found if "latest" not in each}


def test_what_a_newer_release_has_added_anywhere_in_a_row_is_no_obstacle_and_survives(edges):
    hear(edges, [event(created())])
    for rows in edges.clients.dynamodb.tables.values():
        for key, item in rows.items():
            rows[key] = with_news({"M": item})["M"]
    before, writes = all_places(edges), len(edges.clients.dynamodb.writes)
    hear(edges, [event(created(TWIN)), *(each for each in one_of_each() if isinstance(each.data, LATER))])
    assert {name.rsplit("-", 1)[1] for name, _, _ in edges.clients.dynamodb.writes[writes:]} >= {
        "orders", "payments", "reservations", "mails", "metrics", "stock", "ledger"
    }  # fmt: skip
    assert before <= all_places(edges)
    assert any("items" in place for place in before)
    assert Orders(edges).get(ORDER).status == "refunded"
