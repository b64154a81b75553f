"""Commands that run the system on this machine."""

from pathlib import Path
from typing import Annotated

import typer

from orderwire.cli.options import HOME, HomeFolder, Json
from orderwire.demo.command import ORDERS, demo
from orderwire.home import Home
from orderwire.local import API_PORT, ENGINE_PORT, Ports
from orderwire.run import run as run_system

app = typer.Typer()

Orders = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="JSON lines, as samples/orders.jsonl.")]
WithParent = Annotated[bool, typer.Option("--with-parent", help="Stop when the process that started this is gone.")]


@app.command()
def run(
    port: Annotated[int, typer.Option(help="The API's port.")] = API_PORT,
    engine_port: Annotated[int, typer.Option(help="The embedded AWS's port.")] = ENGINE_PORT,
    as_json: Annotated[bool, typer.Option("--json", help="Log as the functions do in AWS, in JSON.")] = False,
    with_parent: WithParent = False,
    home: HomeFolder = HOME,
) -> None:
    """Run everything on this machine until Ctrl-C."""
    run_system(Home(home), Ports(engine_port, port), as_json, with_parent)


@app.command("demo")
def perform_demo(orders: Orders = ORDERS, as_json: Json = False, home: HomeFolder = HOME) -> None:
    """Place the sample orders, wait for their ends, check that stock and money balance. Exit code 1 if not."""
    if not demo(Home(home), orders, as_json):
        raise typer.Exit(1)


@app.command()
def clean(home: HomeFolder = HOME) -> None:
    """Forget every local order, and all else that is kept of earlier runs."""
    Home(home).forget()
