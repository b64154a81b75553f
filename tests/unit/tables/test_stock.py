"""The stock table: restocking and the reorder threshold, as the admin's routes change them."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.types import MAX_COUNT
from tables.stock import REMEMBERED, NotEnough, Stock, StockRow, TooMany, restocked
from tests.support.edges import moto_edges
from tests.support.services.dynamodb import REPEATED, fake_edges


def test_restocking_adds_to_what_is_on_hand_and_to_nothing_else():
    before = StockRow(sku="book-1", on_hand=3, reserved=2, shipped=1, threshold=5, version=7)
    assert restocked(before, "book-1", 4, "t1") == before.with_(on_hand=7, restocked_by="t1", restockings=["t1"])
    assert restocked(before, "book-1", -3, "t1").on_hand == 0


def test_a_product_without_stock_starts_from_nothing():
    assert restocked(None, "book-1", 4, "t1") == StockRow(
        sku="book-1", on_hand=4, restocked_by="t1", restockings=["t1"]
    )


@pytest.mark.parametrize("row", [None, StockRow(sku="book-1", on_hand=3, reserved=9)])
def test_no_more_is_taken_away_than_is_on_hand_and_the_refusal_says_how_many_that_are(row):
    on_hand = row.on_hand if row else 0
    with pytest.raises(NotEnough, match=f"{on_hand} on hand") as refused:
        restocked(row, "book-1", -on_hand - 1, "t1")
    assert refused.value.on_hand == on_hand


def test_so_many_copies_that_a_later_move_could_not_be_counted_are_refused():
    full = StockRow(sku="book-1", on_hand=5, shipped=MAX_COUNT - 5)
    with pytest.raises(TooMany) as refused:
        restocked(full, "book-1", 1, "t1")
    assert refused.value.on_hand == 5


def test_concurrent_restocking_adds_up():
    edges = fake_edges()  # moto's writes are not atomic
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: Stock(edges).restock("book-1", 2), range(12)))
    stored = Stock(edges).get("book-1")
    assert (stored.on_hand, stored.version) == (24, 12)


def test_restocking_whose_answer_was_lost_is_not_done_twice():
    edges = fake_edges()
    Stock(edges).restock("book-1", 10)
    edges.clients.dynamodb.faults = iter([REPEATED])
    assert Stock(edges).restock("book-1", 5).on_hand == 15
    assert Stock(edges).get("book-1").on_hand == 15


def test_a_refused_restocking_changes_nothing():
    with moto_edges() as edges:
        stock = Stock(edges)
        stock.restock("book-1", 2)
        with pytest.raises(NotEnough):
            stock.restock("book-1", -3)
        assert (stock.get("book-1").on_hand, stock.get("book-1").version) == (2, 1)


def test_the_threshold_is_set_before_and_after_there_is_stock():
    with moto_edges() as edges:
        stock = Stock(edges)
        assert stock.set_threshold("book-1", 3) == StockRow(sku="book-1", threshold=3, version=1)
        stock.restock("book-1", 9)
        raised = stock.set_threshold("book-1", 5)
        assert (raised.on_hand, raised.threshold, raised.version) == (9, 5, 3)
        assert stock.set_threshold("book-1", 5).version == 3  # nothing to change, nothing written


def test_a_restocking_whose_answer_is_lost_counts_once_though_another_comes_in_between():
    edges = fake_edges(faults=[REPEATED])
    stock, sleep = Stock(edges), edges.clock.sleep

    def meanwhile(seconds):
        sleep(seconds)
        edges.clients.dynamodb.faults = iter(())
        Stock(edges).restock("book-1", 7)

    waiting = dataclasses.replace(edges, clock=dataclasses.replace(edges.clock, sleep=meanwhile))
    assert Stock(waiting).restock("book-1", 5).on_hand == 12
    assert stock.get("book-1").on_hand == 12


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(1, 9)), unique_by=lambda each: each[0]), st.data())
def test_restockings_that_are_tried_again_in_any_order_count_once(restockings, data):
    row = None
    again = data.draw(st.lists(st.sampled_from(restockings))) if restockings else []
    for token, delta in [*restockings, *again]:
        row = restocked(row, "book-1", delta, token)
    assert (row.on_hand if row else 0) == sum(delta for _, delta in restockings)


def test_a_row_remembers_so_many_restockings_and_no_more():
    row = None
    for number in range(100):
        row = restocked(row, "book-1", 1, str(number))
    assert row.restockings == [str(number) for number in range(100 - REMEMBERED, 100)]
