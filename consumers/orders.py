"""orders: folds every event of an order into the row that the API reads."""

from collections.abc import Sequence

from consumers.declaration import Consumer
from consumers.runner.batch import Delivery
from consumers.runner.entry import LambdaEntry
from edges.connect import Edges
from edges.publisher import AnyEvent
from schemas.envelope import REGISTRY
from tables.order_row import OF_PRODUCTS, fold
from tables.orders import TABLE, Orders

CONSUMER = Consumer(
    name="orders",
    hears=tuple(contract for contract in REGISTRY.values() if contract not in OF_PRODUCTS),
    objective=300,  # until then the shopper reads that the order is being placed
    touches=(TABLE.allow("GetItem", "PutItem"),),
)


class OrdersConsumer:
    def __init__(self, edges: Edges) -> None:
        self._orders = Orders(edges)

    def __call__(self, delivery: Delivery) -> Sequence[AnyEvent]:
        """Stores the order as it is after the event; nothing follows from that."""
        self._orders.change(delivery.event.data.order_id, lambda row: fold(row, delivery.event))
        return ()


on_records = LambdaEntry(CONSUMER, OrdersConsumer)
