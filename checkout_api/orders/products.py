"""The catalog as shoppers see it and admins change it: products of one table with their stock from another."""

from collections.abc import Iterable

from pydantic import TypeAdapter, ValidationError

from checkout_api.http.fields import SkuAsked
from checkout_api.http.problems import HttpProblem, invalid, invalid_parameter
from checkout_api.http.requests import ProductAsked
from checkout_api.http.shapes import OwnProduct, Product, StockLevels
from edges.connect import Edges
from schemas.currencies import unchargeable
from tables.catalog import SMOKE_SKU, Catalog, ProductRow
from tables.stock import RestockRefused, Stock, StockRow

BAD_SKU = "must be up to 40 letters, digits, dots, underscores and hyphens, a letter or digit among them"
_SKU: TypeAdapter[str] = TypeAdapter(SkuAsked)


def catalog(edges: Edges) -> list[Product]:
    """Every product by name, with the copies on hand. Reads both tables whole, for stock must be fresh."""
    stock = {row.sku: row for row in Stock(edges).scan()}
    products = sorted(Catalog(edges).scan(), key=lambda product: (product.name, product.sku))
    return [on_show(product, stock.get(product.sku)) for product in products if product.sku != SMOKE_SKU]


def for_sale(edges: Edges, skus: Iterable[str], *, test: bool = False) -> dict[str, ProductRow]:
    """Sku -> product, of those that can be ordered; `test` orders can have one that nobody else is shown."""
    return Catalog(edges).get_many(sku for sku in skus if test or sku != SMOKE_SKU)


def on_show(product: ProductRow, stock: StockRow | None) -> Product:
    return {
        "sku": product.sku,
        "name": product.name,
        "author": product.author,
        "price": product.price,
        "in_stock": stock.on_hand if stock else 0,
        "image": product.image,
        "description": product.description,
        "category": product.category,
    }


def put_product(edges: Edges, sku: str, asked: ProductAsked) -> OwnProduct:
    """Creates the product or replaces it; returns it with its threshold. Raises Problem 422, Contended."""
    check_sku(sku)
    if wrong := unchargeable(asked.price, edges.settings.currency):
        raise invalid([("/price", wrong)])
    product = Catalog(edges).change(sku, lambda before: replaced(before, sku, asked))
    assert product is not None  # `replaced` always returns one
    stock = Stock(edges)
    row = stock.get(sku) if asked.threshold is None else stock.set_threshold(sku, asked.threshold)
    return {**on_show(product, row), "threshold": row.threshold if row else 0}


def replaced(before: ProductRow | None, sku: str, asked: ProductAsked) -> ProductRow:
    fields = asked.model_dump(exclude={"threshold"})
    return ProductRow(sku=sku, version=before.version if before else 0, **fields)


def restock(edges: Edges, sku: str, delta: int) -> StockLevels:
    """Adds copies of a product, or takes them away. Raises Problem 404, 409 and 422, Contended."""
    check_sku(sku)
    if Catalog(edges).get(sku) is None:
        raise HttpProblem(404, "unknown-product", "There is no product with this sku.")
    try:
        row = Stock(edges).restock(sku, delta)
    except RestockRefused as error:
        raise HttpProblem(409, "stock-refused", f"{error}.", in_stock=error.on_hand) from None
    return {"sku": sku, "in_stock": row.on_hand, "reserved": row.reserved, "shipped": row.shipped}


def check_sku(sku: str) -> None:
    try:
        _SKU.validate_python(sku)
    except ValidationError:
        raise invalid_parameter("sku", BAD_SKU) from None
