"""`orderwire smoke`: an order that goes through everything and leaves nothing behind."""

from typing import Annotated

import typer

from orderwire.cli.account import StageArgument, account, teller
from orderwire.cli.options import HOME, HomeFolder, Json, a_length, at
from orderwire.console.output import emit_json

app = typer.Typer()

Url = Annotated[str | None, typer.Option("--url", help="The API's URL; by default that of the deployed API.")]
Patience = Annotated[float | None, typer.Option(callback=a_length, help="Seconds to wait for each step of the order.")]
LOCAL = "local"


@app.command()
def smoke(
    stage: StageArgument, url: Url = None, patience: Patience = None, as_json: Json = False, home: HomeFolder = HOME
) -> None:
    """Test a stage with an order that is followed and cancelled; it reaches no person, figure or real stock."""
    from orderwire.release.smoke.smoke import PATIENCE
    from orderwire.release.smoke.smoke import smoke as place
    from orderwire.workplace.api_client import ApiClient

    if stage == LOCAL:
        where = at(stage, home)
        client, declared, address = where.client, where.stage, url or where.api
    else:
        (client, declared), address = account(stage), url
    shop = ApiClient(address.rstrip("/")) if address else None
    order_id = place(client, declared, teller(as_json), shop, PATIENCE if patience is None else patience)
    if as_json:
        emit_json({"stage": stage, "order_id": order_id})
