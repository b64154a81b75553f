"""Imports products into the catalog, with their first stock, and lists them. Importing them again changes only what
differs."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import count
from pathlib import Path
from typing import Literal, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from edges.connect import Edges
from orderwire.console.problem import Problem
from orderwire.workplace.samples import SampleProduct, load_catalog
from schemas.currencies import unchargeable
from tables.catalog import Catalog, ProductRow
from tables.conflicts import Contended
from tables.stock import Stock, StockRow

Outcome = Literal["new", "changed", "unchanged"]


class Imported(NamedTuple):
    """How many products became what, and how many got their first copies."""

    new: int
    changed: int
    unchanged: int
    stocked: int


def import_file(found: Callable[[], Edges], file: Path, tick: Callable[[int, int], None]) -> Imported:
    """Imports the products of a CSV file; `tick` gets how many of how many are done. A file that cannot be read is told
    before the stage is looked for by `found`. Raises SampleError, and Problem as `import_products` does."""
    edges, done = cache(found), count(1)
    products = load_catalog(file, lambda product: uncharged(product, edges().settings.currency))
    return import_products(edges(), products, lambda: tick(next(done), len(products)))


def import_products(
    edges: Edges, products: Sequence[SampleProduct], tick: Callable[[], None] = lambda: None
) -> Imported:
    """Puts every product into the catalog as given; `tick` is called after each.

    `stock` is what is on hand when a product is new in the stock table. Later copies come by restocking, so a second
    import leaves the stock alone. Raises Problem, before anything is written, for a price that cannot be charged; and,
    with the product at which it stopped, where AWS takes no more.
    """
    if wrong := [f"{each.sku}: {why}" for each in products for _, why in uncharged(each, edges.settings.currency)]:
        raise Problem("; ".join(["Nothing was imported", *wrong]) + ".")
    known, stocked = Catalog(edges).get_many(product.sku for product in products), 0
    outcomes: list[Outcome] = []
    for product in products:
        with said_where(product, len(outcomes), len(products)):
            outcomes.append(_put(Catalog(edges), product, known.get(product.sku)))
            stocked += _stock(Stock(edges), product)
        tick()
    return Imported(outcomes.count("new"), outcomes.count("changed"), outcomes.count("unchanged"), stocked)


def uncharged(product: SampleProduct, currency: str) -> Iterator[tuple[str, str]]:
    """What is wrong with a product on a stage of this currency, as (JSON pointer, why)."""
    if why := unchargeable(product.price, currency):
        yield "/price", why


@contextmanager
def said_where(product: SampleProduct, done: int, of: int) -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError, Contended) as error:
        raise Problem(
            f"The import stopped at {product.sku}, with {done} of {of} products imported: {error}. "
            "Imported again, the file goes on from there."
        ) from error


def _put(catalog: Catalog, product: SampleProduct, known: ProductRow | None) -> Outcome:
    wanted = product_row(product, known)
    if wanted == known:
        return "unchanged"
    catalog.change(product.sku, lambda row: product_row(product, row))
    return "changed" if known else "new"


def product_row(product: SampleProduct, row: ProductRow | None) -> ProductRow:
    fields = product.model_dump(exclude={"stock", "threshold"}, exclude_unset=True)
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


@dataclass(frozen=True)
class Offered:
    sku: str
    name: str
    author: str
    price: Decimal
    on_hand: int
    reserved: int
    shipped: int
    threshold: int


def offered(edges: Edges) -> list[Offered]:
    """Every product with its stock, by name."""
    stock = {row.sku: row for row in Stock(edges).scan()}
    return [
        Offered(
            row.sku,
            row.name,
            row.author,
            row.price,
            *([s.on_hand, s.reserved, s.shipped, s.threshold] if s else [0] * 4),
        )
        for row in sorted(Catalog(edges).scan(), key=lambda row: row.name)
        for s in [stock.get(row.sku)]
    ]
