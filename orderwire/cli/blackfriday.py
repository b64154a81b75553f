"""`orderwire blackfriday`."""

from typing import Annotated

import typer

from orderwire.blackfriday.size import LEAST, Size
from orderwire.cli.options import HOME, HomeFolder, Json
from orderwire.home import Home

app = typer.Typer()

Orders = Annotated[int, typer.Option(min=LEAST, max=5000, help="How many orders the rush has.")]


@app.command("blackfriday")
def perform_blackfriday(orders: Orders = 240, as_json: Json = False, home: HomeFolder = HOME) -> None:
    """A rush of orders while analytics is slow and twelve of them are bad: who waits, who does not, what is lost.

    Prints the figures. Exit code 1 if the story does not end as it is told: payments and shipping keep their pace, the
    twelve wait as dead letters, are sent back and paid, and nothing is lost or charged twice.
    """
    from orderwire.blackfriday.command import blackfriday  # it imports much of the API: see `orderwire.cli.stages`

    if not blackfriday(Home(home), Size(before=max(LEAST, orders // 4), rush=orders), as_json):
        raise typer.Exit(1)
