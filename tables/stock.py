"""The stock table: how many copies of each product are on hand, set aside and shipped.

For each product `on_hand + reserved + shipped` changes by restocking only. The inventory consumer moves copies between
the three together with a row of the reservations table; the admin's restocking adds to `on_hand`.
"""

from schemas.types import Count, Sku
from tables.declaration import Table
from tables.rows import Row, Rows

TABLE = Table("stock", owner="inventory", key="sku")


class StockRow(Row):
    """`threshold`: a reservation that takes `on_hand` below it is told once (inventory.low_stock)."""

    sku: Sku
    on_hand: Count = 0
    reserved: Count = 0
    shipped: Count = 0
    threshold: Count = 0


class Stock(Rows[StockRow]):
    TABLE, ROW = TABLE, StockRow
