"""`orderwire blackfriday`."""

from typing import Annotated

import typer

from orderwire.cli.options import HOME, HomeFolder, Json
from orderwire.stories.blackfriday.size import LEAST, Size
from orderwire.workplace.home import Home

app = typer.Typer()

Orders = Annotated[int, typer.Option(min=LEAST, max=5000, help="How many orders the rush has.")]


@app.command("blackfriday")
def perform_blackfriday(orders: Orders = 240, as_json: Json = False, home: HomeFolder = HOME) -> None:
    """Play a rush of orders while analytics is slow and twelve orders are bad, and show that nothing is lost.

    Prints the figures. Exit code 1 unless payments and shipping keep their pace, the twelve orders wait as dead
    letters, are redriven and paid, and nothing is lost or charged twice.
    """
    from orderwire.stories.blackfriday.command import (
        blackfriday,  # it imports much of the API: see `orderwire.cli.stages`
    )

    if not blackfriday(Home(home), Size(before=max(LEAST, orders // 4), rush=orders), as_json):
        raise typer.Exit(1)
