"""The command that writes the reference of events."""

from pathlib import Path
from typing import Annotated

import typer

from orderwire.cli.options import Json
from orderwire.console.output import emit_json, say

app = typer.Typer()

FOLDER = Path("dist/events")


@app.command()
def docs(
    folder: Annotated[
        Path, typer.Argument(help="The folder for the site; an earlier site in it is replaced.")
    ] = FOLDER,
    as_json: Json = False,
) -> None:
    """Write the reference of events for subscribers: a static site and an AsyncAPI document."""
    from orderwire.contracts.reference.site import write

    pages = write(folder)
    if as_json:
        emit_json({"folder": str(folder), "pages": [page.name for page in pages]})
    else:
        say(f"{len(pages)} pages; open {folder.absolute() / 'index.html'}")
