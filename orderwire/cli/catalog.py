"""`orderwire catalog`."""

from pathlib import Path
from typing import Annotated

import typer

from orderwire.cli.options import HOME, HomeFolder, Json, StageName, at
from orderwire.console.output import emit, emit_json, progress, say
from orderwire.operate.catalog import import_file, offered

app = typer.Typer(no_args_is_help=True, help="The catalog: import and list products.")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A CSV file like samples/catalog.csv.")],
    as_json: Json = False,
    stage: StageName = "local",
    home: HomeFolder = HOME,
) -> None:
    """Import products into the catalog, new ones with their first stock. Running it again changes nothing."""
    with progress() as bars:
        task = bars.add_task(file.name)
        done = import_file(
            lambda: at(stage, home).edges, file, lambda done, of: bars.update(task, completed=done, total=of)
        )
    if as_json:
        emit_json(done._asdict())
    else:
        say(f"{done.new} new, {done.changed} changed, {done.unchanged} unchanged; {done.stocked} stocked")


@app.command("list")
def list_products(as_json: Json = False, stage: StageName = "local", home: HomeFolder = HOME) -> None:
    """Show every product with its stock."""
    columns = ("sku", "name", "price", "on_hand", "reserved", "shipped")
    emit(offered(at(stage, home).edges), as_json, "The catalog is empty.", columns)
