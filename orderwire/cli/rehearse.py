"""`orderwire rehearse`."""

from typing import Annotated

import typer

from orderwire.cli.options import HOME, HomeFolder, Json
from orderwire.home import Home

app = typer.Typer()

Hold = Annotated[bool, typer.Option("--hold", help="Keep the account until Enter is pressed, to look around in it.")]


@app.command()
def rehearse(hold: Hold = False, as_json: Json = False, home: HomeFolder = HOME) -> None:
    """Release into a strict account of its own on this machine, update it under orders, and see that all is well.

    Prints the steps, the orders' ends and what was checked. Exit code 1 if something is not as it must be.
    """
    from orderwire.rehearsal.command import rehearsal  # what a stack is made of: see `orderwire.cli.stages`

    if not rehearsal(Home(home), hold, as_json):
        raise typer.Exit(1)
