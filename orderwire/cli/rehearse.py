"""`orderwire rehearse`."""

from typing import Annotated

import typer

from orderwire.cli.options import HOME, HomeFolder, Json
from orderwire.workplace.home import Home

app = typer.Typer()

Hold = Annotated[
    bool, typer.Option("--hold", help="Keep the embedded AWS running until Enter is pressed, to look around in it.")
]


@app.command()
def rehearse(hold: Hold = False, as_json: Json = False, home: HomeFolder = HOME) -> None:
    """Rehearse a release on this machine: release, update while orders come in, roll back, tear down.

    Works in an embedded AWS of its own that enforces IAM policies. Prints the steps, how each order ended and what was
    checked. Exit code 1 if a check fails.
    """
    from orderwire.stories.rehearsal.command import rehearsal  # what a stack is made of: see `orderwire.cli.stages`

    if not rehearsal(Home(home), hold, as_json):
        raise typer.Exit(1)
