"""Imports products into the catalog, with their first stock. Importing them again changes only what differs."""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from edges.connect import Edges
from orderwire.console.problem import Problem
from orderwire.workplace.samples import SampleProduct
from schemas.currencies import unchargeable
from tables.catalog import Catalog, ProductRow
from tables.stock import Stock, StockRow

Outcome = Literal["new", "changed", "unchanged"]


class Imported(NamedTuple):
    """How many products became what, and how many got their first copies."""

    new: int
    changed: int
    unchanged: int
    stocked: int


def import_products(
    edges: Edges, products: Sequence[SampleProduct], tick: Callable[[], None] = lambda: None
) -> Imported:
    """Puts every product into the catalog as given; `tick` is called after each.

    `stock` is what is on hand when a product is new in the stock table. Later copies come by restocking, so a second
    import leaves the stock alone. Raises Problem, before anything is written, for a price that cannot be charged.
    """
    require_chargeable(products, edges.settings.currency)
    known, stocked = Catalog(edges).get_many(product.sku for product in products), 0
    outcomes: list[Outcome] = []
    for product in products:
        outcomes.append(_put(Catalog(edges), product, known.get(product.sku)))
        stocked += _stock(Stock(edges), product)
        tick()
    return Imported(outcomes.count("new"), outcomes.count("changed"), outcomes.count("unchanged"), stocked)


def require_chargeable(products: Sequence[SampleProduct], currency: str) -> None:
    found = ((product.sku, unchargeable(product.price, currency)) for product in products)
    if wrong := [f"{sku}: {why}" for sku, why in found if why]:
        raise Problem("; ".join(["Nothing was imported", *wrong]) + ".")


def _put(catalog: Catalog, product: SampleProduct, known: ProductRow | None) -> Outcome:
    wanted = product_row(product, known)
    if wanted == known:
        return "unchanged"
    catalog.change(product.sku, lambda row: product_row(product, row))
    return "changed" if known else "new"


def product_row(product: SampleProduct, row: ProductRow | None) -> ProductRow:
    fields = product.model_dump(exclude={"stock", "threshold"})
    return row.with_(**fields) if row else ProductRow(**fields)


def _stock(stock: Stock, product: SampleProduct) -> bool:
    """Stocks a product that is not in the table yet, else sets its threshold. Returns whether it stocked it."""
    known = False

    def change(row: StockRow | None) -> StockRow:
        nonlocal known
        known = row is not None
        return stock_row(product, row)

    stock.change(product.sku, change)
    return not known


def stock_row(product: SampleProduct, row: StockRow | None) -> StockRow:
    if row is None:
        return StockRow(sku=product.sku, on_hand=product.stock, threshold=product.threshold)
    return row.with_(threshold=product.threshold)
