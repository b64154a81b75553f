"""The inventory consumer on its tables: competing orders, any order and repetition of events, crashes, races."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier, Lock
from types import SimpleNamespace

import pytest
from botocore.exceptions import ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from consumers.inventory import CONSUMER, InventoryConsumer
from edges.connect import Edges
from schemas.events import (
    InventoryRejected,
    InventoryReserved,
    OrderCancelled,
    OrderCreated,
    OrderItem,
    OrderShipped,
    PaymentFailed,
)
from tables.conflicts import Contended
from tables.reservations import ReservationRow, Reservations
from tables.rows import ATTEMPTS
from tables.stock import Stock, StockRow
from tests.support.edges import moto_edges
from tests.support.events import TOTAL, created, delivery, event
from tests.support.services.dynamodb import CONFLICT, FINE, LOST, fake_edges

SHELF = {"a": 3, "b": 2, "c": 1}
THRESHOLDS = {"a": 2, "b": 2, "c": 1}
ORDERS = {
    "ord_1": {"a": 1, "b": 1},
    "ord_2": {"a": 2, "c": 1},
    "ord_3": {"b": 2, "c": 1},
    "ord_4": {"a": 1},
}


def order(order_id, wanted):
    items = [
        OrderItem(sku=sku, name=sku, quantity=number, unit_price=Decimal("1.00")) for sku, number in wanted.items()
    ]
    return event(created(order_id, items=items))


def events_of(order_id):
    failed = PaymentFailed(order_id=order_id, amount=TOTAL, currency="EUR", reason="card_declined")
    told = [OrderCancelled(order_id=order_id), failed, OrderShipped(order_id=order_id)]
    return [order(order_id, ORDERS[order_id]), *map(event, told)]


EVENTS = [each for order_id in ORDERS for each in events_of(order_id)]
histories = st.lists(st.sampled_from(EVENTS), min_size=1, max_size=24)


def stock_up(edges, on_hand=SHELF, thresholds=THRESHOLDS):
    stock = Stock(edges)
    for sku, number in on_hand.items():
        stock.restock(sku, number)
        stock.set_threshold(sku, thresholds.get(sku, 0))
    return edges


def run(edges, events):
    """Delivers the events, each again at the end for as long as it fails; returns id -> texts that were published."""
    consumer, published, queue = InventoryConsumer(edges), {}, list(events)
    for each in queue:
        try:
            for told in consumer(delivery(each)):
                published.setdefault(told.event_id, []).append(told.to_json())
        except (Contended, ReadTimeoutError):
            queue.append(each)
            assert len(queue) < 1000
    return published


def stored(edges):
    return {row.sku: row for row in rows(edges, "stock", StockRow)}, rows(edges, "reservations", ReservationRow)


def rows(edges, table, row):
    return [row.from_item(item) for item in edges.clients.dynamodb.tables[f"orderwire-test-{table}"].values()]


def expect_consistency(edges):
    stock, reservations = stored(edges)
    held = {state: dict.fromkeys(SHELF, 0) for state in ("reserved", "shipped")}
    for row in reservations:
        for item in row.items:
            if row.state in held:
                held[row.state][item.sku] += item.quantity
    for sku, row in stock.items():
        assert row.on_hand >= 0
        assert row.copies == SHELF[sku]
        assert (row.reserved, row.shipped) == (held["reserved"][sku], held["shipped"][sku])


def expect_each_crossing_told_once(edges, published):
    stock_writes = [
        (before, after) for table, before, after in edges.clients.dynamodb.writes if table.endswith("stock")
    ]
    moves = [(StockRow.from_item(before), StockRow.from_item(after)) for before, after in stock_writes if before]
    crossings = [after.sku for before, after in moves if after.on_hand < after.threshold <= before.on_hand]
    told = [texts[0] for texts in published.values() if '"on_hand"' in texts[0]]
    assert len(told) == len(crossings)


@given(histories, st.lists(st.sampled_from([FINE, CONFLICT, LOST]), max_size=30))
def test_whatever_comes_in_whatever_order_with_crashes_the_books_balance_and_each_event_is_published_identically(
    history, faults
):
    edges = stock_up(fake_edges())
    edges.clients.dynamodb.faults = iter(faults)
    published = run(edges, history)
    expect_consistency(edges)
    expect_each_crossing_told_once(edges, published)
    assert all(len(set(texts)) == 1 for texts in published.values())
    _, reservations = stored(edges)
    assert set(published) == {each.event().event_id for row in reservations for each in row.events}


@given(histories, st.randoms())
def test_hearing_everything_again_in_any_order_changes_nothing_and_publishes_the_same(history, random):
    edges = stock_up(fake_edges())
    published, before = run(edges, history), stored(edges)
    again = [*history, *history]
    random.shuffle(again)
    republished = run(edges, again)
    assert stored(edges) == before
    assert {key: set(texts) for key, texts in republished.items()} == {
        key: set(texts) for key, texts in published.items()
    }


@given(histories)
def test_every_order_ends_in_a_state_that_its_events_explain(history):
    edges = stock_up(fake_edges())
    run(edges, history)
    for row in stored(edges)[1]:
        types = [type(each.data) for each in history if each.data.order_id == row.order_id]
        off, ship = bool({OrderCancelled, PaymentFailed} & set(types)), OrderShipped in types
        assert (row.called_off, row.ship) == (off, ship)
        assert (row.state == "open") == (OrderCreated not in types)
        allowed = {"rejected"} | ({"released", "dropped"} if off else set()) | ({"shipped"} if ship else set())
        assert row.state in allowed | {"open"} | (set() if off or ship else {"reserved"})


LIVES = [
    (OrderCreated,),
    (OrderCreated, OrderShipped),
    (OrderCreated, OrderCancelled),
    (OrderCreated, PaymentFailed),
    (OrderCreated, OrderCancelled, PaymentFailed),
    (OrderCancelled,),
]


@st.composite
def lives(draw):
    """Events of lives that the shop allows, in two permutations with repetitions."""
    chosen = [
        each
        for order_id in ORDERS
        for life in [draw(st.sampled_from(LIVES))]
        for each in events_of(order_id)
        if type(each.data) in life
    ]
    repeated = st.lists(st.sampled_from(chosen), max_size=6).flatmap(lambda more: st.permutations([*chosen, *more]))
    return draw(repeated), draw(repeated)


@given(lives())
def test_when_there_is_enough_for_all_the_final_stock_does_not_depend_on_the_order_of_events(case):
    final = []
    for history in case:
        edges = stock_up(fake_edges(), dict.fromkeys(SHELF, 99))
        run(edges, history)
        final.append({sku: (row.on_hand, row.reserved, row.shipped) for sku, row in stored(edges)[0].items()})
    assert final[0] == final[1]


def test_an_event_that_comes_again_publishes_what_it_led_to_and_nothing_else():
    consumer = InventoryConsumer(stock_up(fake_edges()))
    creation, cancellation, failure, shipment = events_of("ord_2")
    consumer(delivery(creation))
    consumer(delivery(cancellation))
    again = {each.type: [told.type for told in consumer(delivery(each))]
             for each in (creation, cancellation, failure, shipment)}  # fmt: skip
    assert again == {
        "order.created": ["inventory.reserved", "inventory.low_stock", "inventory.low_stock"],
        "order.cancelled": ["inventory.released"],
        "payment.failed": [],
        "order.shipped": [],
    }


def test_a_reservation_that_meets_other_transactions_is_tried_again_in_place():
    edges = stock_up(fake_edges())
    edges.clients.dynamodb.faults = iter([CONFLICT] * (ATTEMPTS - 1))
    told = InventoryConsumer(edges)(delivery(order("ord_1", {"a": 1})))
    assert [type(each.data) for each in told] == [InventoryReserved]
    expect_consistency(edges)


def test_a_reservation_that_finds_no_gap_is_left_for_later_with_nothing_changed():
    edges = stock_up(fake_edges())
    before = stored(edges)
    edges.clients.dynamodb.faults = iter([CONFLICT] * ATTEMPTS)
    with pytest.raises(Contended):
        InventoryConsumer(edges)(delivery(order("ord_1", {"a": 1})))
    assert stored(edges) == before


def test_stock_that_arrives_between_reading_and_writing_is_noticed():
    edges = stock_up(fake_edges(), {"a": 1})
    dynamodb = edges.clients.dynamodb
    restocking = SimpleNamespace(
        get_item=dynamodb.get_item,
        batch_get_item=dynamodb.batch_get_item,
        transact_write_items=lambda **call: restock_once() or dynamodb.transact_write_items(**call),
    )
    pending = [5]

    def restock_once():
        if pending:
            Stock(edges).restock("a", pending.pop())

    slow = Edges(edges.settings, SimpleNamespace(dynamodb=restocking), edges.clock, edges.chance)
    InventoryConsumer(slow)(delivery(order("ord_1", {"a": 1})))
    row = Stock(edges).get("a")
    assert (row.on_hand, row.reserved, row.copies) == (5, 1, 6)


class Racing:
    """A client for threads: each call is atomic, as DynamoDB's are and moto's are not, and the first `workers` reads of
    stock are all answered before anybody writes."""

    def __init__(self, client, workers):
        self._client, self._lock = client, Lock()
        self._started, self._all_have_read = iter(range(workers)), Barrier(workers)

    def __getattr__(self, name):
        def call(**arguments):
            with self._lock:
                answer = getattr(self._client, name)(**arguments)
                waits = name == "batch_get_item" and next(self._started, None) is not None
            if waits:
                self._all_have_read.wait(timeout=600)
            return answer

        return call


@pytest.mark.parametrize("repeats", [1, 2])
def test_of_three_customers_who_want_the_last_copy_exactly_one_gets_it(repeats):
    with moto_edges() as edges:
        stock_up(edges, {"a": 1, "b": 9})
        wanted = [order(f"ord_{number}", {"a": 1, "b": 1}) for number in range(3)] * repeats
        shared = SimpleNamespace(dynamodb=Racing(edges.clients.dynamodb, len(wanted)))
        consumer = InventoryConsumer(Edges(edges.settings, shared, edges.clock, edges.chance))
        with ThreadPoolExecutor(len(wanted)) as pool:
            told = [each for events in pool.map(lambda each: consumer(delivery(each)), wanted) for each in events]
        by_type = {contract: {each.data.order_id for each in told if type(each.data) is contract}
                   for contract in (InventoryReserved, InventoryRejected)}  # fmt: skip
        assert sorted(map(len, by_type.values())) == [1, 2]
        assert len(by_type[InventoryReserved]) == 1
        assert counts(edges, "a") == (0, 1, 0)
        assert counts(edges, "b") == (8, 1, 0)
        assert len({each.to_json() for each in told}) == 3


def counts(edges, sku):
    row = Stock(edges).get(sku)
    return row.on_hand, row.reserved, row.shipped


def test_an_order_of_fifty_products_is_reserved_in_one_transaction_on_moto():
    with moto_edges() as edges:
        wanted = {f"sku-{number}": 2 for number in range(50)}
        stock_up(edges, dict.fromkeys(wanted, 2))
        consumer = InventoryConsumer(edges)
        told = consumer(delivery(order("ord_big", wanted)))
        assert [type(each.data) for each in told] == [InventoryReserved]
        assert consumer(delivery(order("ord_big", wanted))) == told
        assert Reservations(edges).get("ord_big").state == "reserved"
        assert all(row.on_hand == 0 and row.reserved == 2 for row in Stock(edges).scan())


def test_what_the_consumer_hears_and_publishes_is_declared():
    assert {each.DETAIL_TYPE for each in CONSUMER.hears} == {
        "order.created",
        "order.cancelled",
        "order.shipped",
        "payment.failed",
    }
    assert {each.DETAIL_TYPE for each in CONSUMER.publishes} == {
        "inventory.reserved",
        "inventory.rejected",
        "inventory.released",
        "inventory.low_stock",
    }
