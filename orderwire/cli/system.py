"""Commands that run the system on this machine."""

from pathlib import Path
from typing import Annotated

import typer

from orderwire.cli.options import HOME, HomeFolder, Json
from orderwire.machine.local import API_PORT, ENGINE_PORT, Ports
from orderwire.machine.run import run as run_system
from orderwire.stories.demo.command import ORDERS, demo
from orderwire.workplace.home import Home

app = typer.Typer()

Orders = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, help="A file of JSON lines like samples/orders.jsonl.")
]
WithParent = Annotated[bool, typer.Option("--with-parent", help="Stop when the parent process has ended.")]


@app.command()
def run(
    port: Annotated[int, typer.Option(help="The API's port.")] = API_PORT,
    engine_port: Annotated[int, typer.Option(help="The embedded AWS's port.")] = ENGINE_PORT,
    as_json: Annotated[bool, typer.Option("--json", help="Log in JSON, as the functions do in AWS.")] = False,
    with_parent: WithParent = False,
    home: HomeFolder = HOME,
) -> None:
    """Run everything on this machine until Ctrl-C."""
    run_system(Home(home), Ports(engine_port, port), as_json, with_parent)


@app.command("demo")
def perform_demo(orders: Orders = ORDERS, as_json: Json = False, home: HomeFolder = HOME) -> None:
    """Place the sample orders, wait until they settle, check stock and money. Exit code 1 if a check fails."""
    if not demo(Home(home), orders, as_json):
        raise typer.Exit(1)


@app.command()
def clean(home: HomeFolder = HOME) -> None:
    """Delete the local stage: every order, and the rest of this machine's state."""
    Home(home).forget()
