"""`orderwire order`."""

from typing import Annotated

import typer

from orderwire.cli.options import HOME, HomeFolder, Json, StageName, a_length, at
from orderwire.console.output import emit, emit_json, err, say
from orderwire.console.problem import Problem
from orderwire.operate import orders
from orderwire.workplace.api_client import ApiClient
from orderwire.workplace.stage import Target

app = typer.Typer(no_args_is_help=True, help="Orders: place, show and list them.")

Url = Annotated[str | None, typer.Option("--url", help="The API's URL, for a stage in AWS.")]
OrderId = Annotated[str, typer.Argument(help="The order's id.")]


def api(where: Target, url: str | None) -> ApiClient:
    address = url or where.api
    if not address:
        raise Problem("Say where the API of this stage is: --url https://....amazonaws.com/api")
    return ApiClient(address.rstrip("/"))


@app.command()
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


@app.command()
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


@app.command("list")
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
