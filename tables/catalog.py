"""The catalog: what is for sale and for how much. The API writes it for the admin and prices orders from it."""

from schemas.types import Money, Name, Sku
from tables.declaration import Table
from tables.row import Row
from tables.rows import Rows

TABLE = Table("catalog", owner="api_handler", key="sku")

SMOKE_SKU = "orderwire-smoke"
"""The product that a release orders to see that everything works. It is in the table and in stock as any other, but in
no list, and only an order that is marked as a test can have it."""


class ProductRow(Row):
    sku: Sku
    name: Name
    author: str = ""
    price: Money
    image: str = ""
    description: str = ""
    category: str = ""


class Catalog(Rows[ProductRow]):
    TABLE, ROW = TABLE, ProductRow
