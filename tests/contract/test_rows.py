"""Conditional writes behave the same on moto and on the in-memory DynamoDB that quick tests use."""

from contextlib import nullcontext

import pytest

from tables.reservations import ReservationRow, Reservations
from tables.rows import Conflict, transact
from tables.stock import Stock, StockRow
from tests.support.dynamodb import fake_edges
from tests.support.edges import moto_edges


@pytest.fixture(params=["moto", "fake"])
def edges(request):
    with moto_edges() if request.param == "moto" else nullcontext(fake_edges()) as made:
        yield made


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


def test_many_rows_are_read_at_once_and_missing_ones_left_out(edges):
    stock = Stock(edges)
    for sku in ("a", "b"):
        stock.put(StockRow(sku=sku))
    assert set(stock.get_many(["a", "b", "c", "a"])) == {"a", "b"}
    assert stock.get("c") is None


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
