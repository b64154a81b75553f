"""No copy is lost or sold twice whatever order two orders' events come in, whoever overtakes whom and whoever dies."""

from typing import Any

from botocore.exceptions import ReadTimeoutError
from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.inventory import CONSUMER, InventoryConsumer
from schemas.events import OrderCancelled, OrderShipped
from tables.reservations import Reservations
from tables.rows import Contended
from tables.stock import Stock
from tests.support.consumers.interleaving import MOVES, WRITES, InterleavedQueue, Message, messages_of, stepped_edges
from tests.support.edges import FakeTime
from tests.support.events import created, event

COPIES = 3
ORDERS = ("ord_1", "ord_2")
"""Two copies each, of three: one of them is refused unless the other is called off in time."""


def told() -> st.SearchStrategy[list[Message]]:
    ends = st.sampled_from([None, OrderCancelled, OrderShipped])
    return st.tuples(ends, ends).flatmap(lambda found: messages_of([
        *(event(created(order)) for order in ORDERS),
        *(event(end(order_id=order)) for order, end in zip(ORDERS, found, strict=True) if end),
    ]))  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(told(), MOVES, WRITES)
def test_each_copy_is_counted_once_and_every_event_of_a_reservation_is_told_live(messages, moves, writes):
    time = FakeTime()
    edges = stepped_edges(time)
    Stock(edges).restock("book-1", COPIES)
    edges.clients.dynamodb.faults = iter(writes)
    passing = (Contended, ReadTimeoutError)
    queue = InterleavedQueue(messages, InventoryConsumer(edges), time, CONSUMER.timeout, passing)
    queue.play(moves)
    rows: list[Any] = [Reservations(edges).get(order) for order in ORDERS]
    stock: Any = Stock(edges).get("book-1")
    assert stock.on_hand + stock.reserved + stock.shipped == COPIES
    held = {state: sum(2 for row in rows if row.state == state) for state in ("reserved", "shipped")}
    assert (stock.reserved, stock.shipped) == (held["reserved"], held["shipped"])
    stored = {each.event().event_id: each.text for row in rows for each in row.events}
    live = [each for each in queue.published if not each.metadata.replay]
    assert {each.event_id: each.to_json() for each in live} == stored
