"""Rows behave the same on moto, on the embedded AWS and on the in-memory DynamoDB that quick tests use."""

from contextlib import nullcontext
from datetime import timedelta
from itertools import count

import pytest

from edges.connect import Clients, Edges
from edges.settings import Settings
from tables.order_row import fold, placed_sort, shard_of
from tables.orders import BY_STATUS, BY_TIME, Orders
from tables.payments import Payments
from tables.registry import TABLES
from tables.reservations import ReservationRow, Reservations
from tables.rows import Conflict, transact
from tables.stock import Stock, StockRow
from tests.support.edges import NOON, FakeTime, create_table, fake_chance, moto_edges
from tests.support.events import created, event, one_of_each
from tests.support.services.dynamodb import fake_edges

_stages = count(1)


def embedded_edges(session):
    """Edges on the embedded AWS, in a stage of their own."""
    edges = Edges(Settings(stage=f"rows{next(_stages)}"), Clients(session), FakeTime().clock(), fake_chance())
    for table in TABLES:
        create_table(edges, table)
    return edges


def made(kind, request):
    if kind == "moto":
        return moto_edges()
    return nullcontext(fake_edges() if kind == "fake" else embedded_edges(request.getfixturevalue("engine")))


@pytest.fixture(params=["moto", "embedded", "fake"])
def edges(request):
    with made(request.param, request) as edges:
        yield edges


@pytest.fixture(params=["moto", "embedded"])
def indexed_edges(request):
    with made(request.param, request) as edges:
        yield edges


def test_a_new_row_is_stored_once(edges):
    stock = Stock(edges)
    assert stock.put(StockRow(sku="a", on_hand=1)).version == 1
    with pytest.raises(Conflict):
        stock.put(StockRow(sku="a", on_hand=2))
    assert stock.get("a") == StockRow(sku="a", on_hand=1, version=1)


def test_a_changed_row_is_stored_only_over_the_version_it_was_read_at(edges):
    stock = Stock(edges)
    first = stock.put(StockRow(sku="a"))
    second = stock.put(first.with_(on_hand=2))
    with pytest.raises(Conflict):
        stock.put(first.with_(on_hand=3))
    with pytest.raises(Conflict):
        stock.put(StockRow(sku="never-stored", version=1))
    assert stock.get("a") == second == StockRow(sku="a", on_hand=2, version=2)


def test_a_change_of_a_row_that_is_not_there_makes_it_and_the_next_one_finds_it(edges):
    stock = Stock(edges)
    assert stock.change("a", lambda row: row or StockRow(sku="a", on_hand=3)) == StockRow(sku="a", on_hand=3, version=1)
    assert stock.change("a", lambda row: row.with_(on_hand=row.on_hand - 1)).on_hand == 2
    assert stock.get("a") == StockRow(sku="a", on_hand=2, version=2)


def test_a_change_that_changes_nothing_writes_nothing(edges):
    stock = Stock(edges)
    assert stock.change("a", lambda row: row) is None
    assert stock.get("a") is None
    stock.put(StockRow(sku="a"))
    assert stock.change("a", lambda row: row.with_(on_hand=0)).version == 1
    assert stock.get("a").version == 1


def test_many_rows_are_read_at_once_and_missing_ones_left_out(edges):
    stock = Stock(edges)
    for sku in ("a", "b"):
        stock.put(StockRow(sku=sku))
    assert set(stock.get_many(["a", "b", "c", "a"])) == {"a", "b"}
    assert stock.get("c") is None
    assert stock.get_many([]) == {}


def test_more_than_a_hundred_rows_are_read_at_once(edges):
    stock = Stock(edges)
    skus = [f"book-{number}" for number in range(101)]
    for start in range(0, 101, 50):
        transact(edges, [stock.put_action(StockRow(sku=sku)) for sku in skus[start : start + 50]])
    assert set(stock.get_many(skus)) == set(skus)


def test_a_transaction_stores_all_its_rows_or_none(edges):
    stock, reservations = Stock(edges), Reservations(edges)
    stale = StockRow(sku="a", version=7)
    order = reservations.put_action(ReservationRow(order_id="ord_1"))
    with pytest.raises(Conflict):
        transact(edges, [order, stock.put_action(stale)])
    assert reservations.get("ord_1") is None
    transact(edges, [order, stock.put_action(StockRow(sku="a"))])
    assert reservations.get("ord_1") == ReservationRow(order_id="ord_1", version=1)
    assert stock.get("a") == StockRow(sku="a", version=1)


def order_row(number, shard="0", **changes):
    """The row of `ord_<number>`, placed that many minutes past noon; in the index partition `shard`."""
    at = NOON + timedelta(minutes=number)
    row = fold(None, event(created(f"ord_{number}", placed_at=at, **changes), at))
    return row.with_(shard=shard, status_shard=f"pending#{shard}")


def test_every_kind_of_value_of_a_row_survives_the_table(edges):
    orders = Orders(edges)
    row = order_row(1)
    for each in one_of_each("ord_1"):
        row = fold(row, each)
    assert orders.get("ord_1") is None
    stored = orders.put(row)
    assert orders.get("ord_1") == stored == row.with_(version=1)
    assert stored.total == row.items[0].unit_price * 2 + 10


def test_rows_are_scanned_one_and_all(indexed_edges):
    stock = Stock(indexed_edges)
    for number in range(30):
        stock.put(StockRow(sku=f"book-{number}"))
    assert {row.sku for row in stock.scan()} == {f"book-{number}" for number in range(30)}
    assert list(Payments(indexed_edges).scan()) == []


def test_a_query_answers_one_partition_in_the_order_and_number_asked_for(indexed_edges):
    orders = Orders(indexed_edges)
    for number in range(6):
        orders.put(order_row(number))
    orders.put(order_row(7, shard="1"))

    def found(**asked):
        return [item["order_id"] for item in orders.query(BY_TIME.name, "0", **asked)]

    assert found() == [f"ord_{number}" for number in (5, 4, 3, 2, 1, 0)]
    assert found(limit=2) == ["ord_5", "ord_4"]
    assert found(newest_first=False, limit=2) == ["ord_0", "ord_1"]
    assert found(below=placed_sort(NOON + timedelta(minutes=4), "ord_4")) == ["ord_3", "ord_2", "ord_1", "ord_0"]
    assert [item["order_id"] for item in orders.query(BY_STATUS.name, "pending#1")] == ["ord_7"]


def test_a_query_goes_on_where_dynamodb_ends_a_page_for_its_size(indexed_edges):
    orders = Orders(indexed_edges)
    [item] = created().items
    names = [item.model_copy(update={"sku": f"book-{number}", "name": "ü" * 200}) for number in range(50)]
    for number in range(60):
        orders.put(order_row(number, items=names))
    assert len(orders.query(BY_TIME.name, "0", limit=60)) == 60


def test_a_page_of_orders_is_merged_from_all_shards_newest_first(indexed_edges):
    orders = Orders(indexed_edges)
    shards = [shard_of(f"ord_{number}") for number in range(20)]
    assert len(set(shards)) > 3
    for number, shard in enumerate(shards):
        orders.put(order_row(number, shard))
    seen, below = [], None
    while page := orders.page(None, 7, below):
        assert len(page) <= 7
        seen += [order.order_id for order in page]
        below = page[-1].placed_sort
    assert seen == [f"ord_{number}" for number in reversed(range(20))]
    assert [order.order_id for order in orders.page("pending", 3, None)] == ["ord_19", "ord_18", "ord_17"]
    assert orders.page("shipped", 3, None) == []
