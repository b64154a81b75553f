"""The catalogue: what is for sale and for how much. The API writes it for the admin and prices orders from it."""

from schemas.types import Money, Name, Sku
from tables.declaration import Table
from tables.rows import Row, Rows

TABLE = Table("catalog", owner="api_handler", key="sku")


class ProductRow(Row):
    sku: Sku
    name: Name
    author: str = ""
    price: Money
    image: str = ""
    description: str = ""


class Catalog(Rows[ProductRow]):
    TABLE, ROW = TABLE, ProductRow
