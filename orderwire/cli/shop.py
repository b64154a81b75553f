"""`orderwire catalog` and `orderwire order`."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated

import typer

from edges.connect import Edges
from orderwire.cli.options import HOME, HomeFolder, Json, StageName, a_length, at
from orderwire.console.output import emit, emit_json, err, progress, say
from orderwire.console.problem import Problem
from orderwire.operate import orders
from orderwire.operate.catalog import import_products, uncharged
from orderwire.workplace.api_client import ApiClient
from orderwire.workplace.samples import load_catalog
from orderwire.workplace.stage import Target
from tables.catalog import Catalog
from tables.stock import Stock

catalog = typer.Typer(no_args_is_help=True, help="The catalog: import and list products.")
order = typer.Typer(no_args_is_help=True, help="Orders: place, show and list them.")

Url = Annotated[str | None, typer.Option("--url", help="The API's URL, for a stage in AWS.")]
OrderId = Annotated[str, typer.Argument(help="The order's id.")]


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


@catalog.command("import")
def import_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A CSV file like samples/catalog.csv.")],
    as_json: Json = False,
    stage: StageName = "local",
    home: HomeFolder = HOME,
) -> None:
    """Import products into the catalog, new ones with their first stock. Running it again changes nothing."""
    found = cache(lambda: at(stage, home).edges)  # a file that cannot be read is told without a stage
    products = load_catalog(file, lambda product: uncharged(product, found().settings.currency))
    with progress() as bars:
        task = bars.add_task(file.name, total=len(products))
        done = import_products(found(), products, lambda: bars.advance(task))
    if as_json:
        emit_json(done._asdict())
    else:
        say(f"{done.new} new, {done.changed} changed, {done.unchanged} unchanged; {done.stocked} stocked")


@catalog.command("list")
def list_products(as_json: Json = False, stage: StageName = "local", home: HomeFolder = HOME) -> None:
    """Show every product with its stock."""
    columns = ("sku", "name", "price", "on_hand", "reserved", "shipped")
    emit(offered(at(stage, home).edges), as_json, "The catalog is empty.", columns)


def offered(edges: Edges) -> list[Offered]:
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


def api(where: Target, url: str | None) -> ApiClient:
    address = url or where.api
    if not address:
        raise Problem("Say where the API of this stage is: --url https://....amazonaws.com/api")
    return ApiClient(address.rstrip("/"))


@order.command()
def place(
    item: Annotated[list[str], typer.Option("--item", help="SKU=QUANTITY; once for each product.")],
    email: Annotated[str, typer.Option(help="The customer's e-mail address.")],
    customer: Annotated[str, typer.Option(help="The customer's id.")] = "cust-cli",
    token: Annotated[str, typer.Option(help="The payment token.")] = "tok_ok",
    key: Annotated[
        str | None, typer.Option(help="The Idempotency-Key: placed again under the same key, it is the same order.")
    ] = None,
    wait: Annotated[
        float, typer.Option(callback=a_length, help="Seconds to wait until the order is neither placing nor pending.")
    ] = 0,
    as_json: Json = False,
    stage: StageName = "local",
    home: HomeFolder = HOME,
    url: Url = None,
) -> None:
    """Place an order. Exit code 1 if it is rejected, its payment fails, or it is not settled after --wait."""
    body = {
        "customer_id": customer,
        "customer_email": email,
        "payment_token": token,
        "items": orders.parse_items(item),
    }
    placed = orders.place(api(at(stage, home), url), body, key, wait)
    if as_json:
        emit_json(placed)
    else:
        say(f"{placed['order_id']}: {placed['status']}, {placed['total']:.2f} {placed['currency']}")
    if why := orders.shortfall(placed, wait):
        say(why, "red", err)
        raise typer.Exit(1)


@order.command()
def show(
    order_id: OrderId, as_json: Json = False, stage: StageName = "local", home: HomeFolder = HOME, url: Url = None
) -> None:
    """Show an order's status and what has happened to it."""
    client = api(at(stage, home), url)
    found, happened = client.order(order_id).require_ok(), orders.timeline(client, order_id)
    if as_json:
        emit_json({**found, "timeline": client.timeline(order_id).require_ok()})
        return
    say(f"{order_id}: {found['status']}, {found['total']:.2f} {found['currency']}")
    emit(happened, False, "Nothing has happened yet.", ("at", "event"))


@order.command("list")
def list_orders(
    status: Annotated[str | None, typer.Option(help="Only orders of this status.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most this many.")] = 20,
    as_json: Json = False,
    stage: StageName = "local",
    home: HomeFolder = HOME,
) -> None:
    """Show orders, the newest first."""
    found = orders.list_orders(at(stage, home).edges, status, limit)
    emit(found, as_json, "There are no orders.", ("order_id", "status", "total", "placed_at"))
