"""The orders table: what the API reads. The API accepts and decides in it, the orders consumer folds events into it."""

from heapq import merge

from pydantic import BaseModel, ConfigDict

from schemas.events import OrderItem
from schemas.types import Money, Time
from tables.declaration import Index, Table
from tables.order_row import OrderRow
from tables.rows import Rows
from tables.shards import SHARDS

LISTED = ("status", "total", "currency", "placed_at", "items", "customer_id", "test")

BY_TIME = Index("by-time", partition="shard", sort="placed_sort", includes=LISTED)
BY_STATUS = Index("by-status", partition="status_shard", sort="placed_sort", includes=LISTED)
OUTBOX = Index("outbox", partition="outbox_shard", sort="outbox_at")

TABLE = Table(
    "orders",
    owner="orders",
    also=("api_handler", "sweep"),
    key="order_id",
    indexes=(BY_TIME, BY_STATUS, OUTBOX),
    expires="expires_at",
)
"""Only a row that was never published has `expires_at`."""


class IndexedOrder(BaseModel):
    """An order as the list indexes hold it."""

    model_config = ConfigDict(frozen=True)

    order_id: str
    status: str
    total: Money
    currency: str
    placed_at: Time
    items: list[OrderItem]
    customer_id: str
    placed_sort: str
    test: bool | None = None


class Orders(Rows[OrderRow]):
    TABLE, ROW = TABLE, OrderRow

    def page(self, status: str | None, limit: int, below: str | None) -> list[IndexedOrder]:
        """Up to `limit` orders, newest first, older than the sort key `below`; one query per shard, merged."""
        index = BY_STATUS if status else BY_TIME
        shards = (f"{status}#{shard}" if status else str(shard) for shard in range(SHARDS))
        items = (self.query(index.name, shard, below=below, limit=limit) for shard in shards)
        pages = ([IndexedOrder.model_validate(item, extra="ignore") for item in page] for page in items)
        return list(merge(*pages, key=lambda order: order.placed_sort, reverse=True))[:limit]

    def pending(self, before: str, limit: int) -> list[str]:
        """Ids of pending orders placed before the time `before`, up to `limit` of each shard, its oldest first."""
        shards = (f"pending#{shard}" for shard in range(SHARDS))
        found = (self.query(BY_STATUS.name, each, below=before, newest_first=False, limit=limit) for each in shards)
        return [item["order_id"] for page in found for item in page]

    def undelivered(self, before: str) -> list[str]:
        """Ids of orders with a decision in their outbox since before the time `before`."""
        found = (self.query(OUTBOX.name, str(shard), below=before, newest_first=False) for shard in range(SHARDS))
        return [item["order_id"] for page in found for item in page]
