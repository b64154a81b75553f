"""The orders projection: the same row whatever the order and repetition of an order's events."""

from hypothesis import given
from hypothesis import strategies as st

from consumers.orders import CONSUMER, OrdersConsumer
from schemas.envelope import REGISTRY
from schemas.events import InventoryLowStock, OrderCreated
from tables.order_row import OrderRow, fold, placing_row, status_of
from tables.orders import Orders
from tests.support.edges import moto_edges
from tests.support.events import ORDER, created, delivery, event, one_of_each

EVENTS = one_of_each()


def folded(events, row=None):
    for each in events:
        row = fold(row, each)
    return row


subsets = st.lists(st.sampled_from(EVENTS), unique_by=lambda each: each.event_id, min_size=1).flatmap(
    lambda chosen: st.tuples(st.just(chosen), st.permutations(chosen), st.lists(st.sampled_from(chosen), max_size=10))
)


@given(subsets)
def test_any_permutation_with_any_duplication_of_an_orders_events_gives_the_same_order(case):
    chosen, shuffled, repeated = case
    assert folded(shuffled + repeated) == folded(chosen)


@given(subsets)
def test_an_order_being_placed_ends_as_one_whose_placing_was_never_seen(case):
    _, shuffled, repeated = case
    placing = placing_row(EVENTS[0], expires_at=1)
    with_created = [EVENTS[0], *[each for each in shuffled if each is not EVENTS[0]]]
    assert folded([*repeated, *shuffled, EVENTS[0]], placing) == folded(with_created)


def test_one_of_each_covers_all_events_that_are_declared():
    assert {type(each.data) for each in EVENTS} == set(REGISTRY.values())


def test_orders_hears_everything_but_the_state_of_a_product():
    assert set(CONSUMER.hears) == {contract for contract in REGISTRY.values() if contract.KEY == ("order_id",)}
    assert InventoryLowStock not in CONSUMER.hears


def test_every_status_follows_from_what_has_happened():
    def status(*types):
        return status_of(types)

    assert status("order.created") == "pending"
    assert status("order.created", "inventory.reserved") == "pending"
    assert status("order.created", "inventory.reserved", "payment.completed") == "confirmed"
    assert status("order.created", "inventory.reserved", "payment.completed", "order.processed") == "processed"
    assert status("order.created", "inventory.reserved", "payment.failed", "inventory.released") == "payment_failed"
    assert status("order.created", "inventory.rejected", "payment.voided") == "rejected"
    assert status("order.created", "inventory.reserved", "order.cancelled") == "cancelled"
    assert status("order.created", "order.processed", "order.shipped") == "shipped"
    assert status("order.created", "order.shipped", "order.refunded") == "refunded"


def test_an_order_is_listed_once_its_creation_is_known():
    early = fold(None, EVENTS[1])
    assert early is not None
    assert early.status_shard is None
    assert folded(EVENTS[:2]).status_shard.startswith("pending#")


def test_the_consumer_stores_what_it_folded_and_writes_nothing_for_what_it_knows():
    with moto_edges() as edges:
        consumer, orders = OrdersConsumer(edges), Orders(edges)
        for each in [*EVENTS, *reversed(EVENTS)]:
            assert consumer(delivery(each)) == ()
        stored = orders.get(ORDER)
        assert stored is not None
        assert stored.with_(version=0) == folded(EVENTS)
        assert stored.version == len(EVENTS) - 1  # low stock is not the order's


def test_a_row_survives_the_way_to_dynamodb_and_back():
    row = folded(EVENTS)
    assert OrderRow.from_item(row.to_item()) == row


def test_the_payment_token_is_gone_once_the_order_is_on_the_bus():
    placing = placing_row(event(created(payment_token="tok_secret")), expires_at=1)
    assert "tok_secret" in str(placing)
    assert "tok_secret" not in str(fold(placing, event(OrderCreated(**dict(created(payment_token="tok_secret"))))))
