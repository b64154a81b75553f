"""Commands that make a release, take it back, and take a stage down."""

from typing import TYPE_CHECKING, Annotated

import typer

from orderwire.cli.account import Allowed, StageArgument, Yes, account, agreed, reviewer, teller
from orderwire.console.output import out

if TYPE_CHECKING:
    from infrastructure.stages import Stage
    from orderwire.cloudformation.changes import ResourceChange
    from orderwire.cloudformation.template_bucket import ClientOf
    from orderwire.release.rollback import Rollback

app = typer.Typer()

Dirty = Annotated[
    bool, typer.Option("--dirty", help="Release uncommitted changes too; only to a stage without deletion protection.")
]
Architecture = Annotated[str | None, typer.Option(help="x86_64 or arm64, in place of the stage's own.")]
Stay = Annotated[
    bool, typer.Option("--stay", help="Leave the release in place if its smoke order fails, to look into it.")
]
To = Annotated[
    str | None, typer.Option("--to", help="The released commit to go back to; by default that of the previous release.")
]
Names = Annotated[
    list[str] | None,
    typer.Option("--delete-data", metavar="NAME", help="The logical id of a resource to delete with its data, or all."),
]
Confirm = Annotated[
    str | None, typer.Option(metavar="STAGE", help="The stage's name once more; needed for a protected stage.")
]


@app.command()
def release(
    stage: StageArgument,
    yes: Yes = False,
    allow_replace: Allowed = None,
    dirty: Dirty = False,
    stay: Stay = False,
    architecture: Architecture = None,
) -> None:
    """Release this checkout to a stage: check, infrastructure, functions, API settings, schemas, a smoke order. If that
    order fails, the release before comes back, unless --stay says otherwise."""
    from edges.clock import Clock
    from orderwire.release.generated import generated
    from orderwire.release.release import Making
    from orderwire.release.release import release as make

    client, declared = account(stage)
    review = reviewer(stage, out, agreed(yes), allow_replace or (), [])
    back = going_back(client, declared, yes=True).go
    make(Making(client, declared, teller(), review, Clock().now, back, generated(), dirty, stay, architecture))


def going_back(client: "ClientOf", stage: "Stage", yes: bool) -> "Rollback":
    from orderwire.release.environment import prepare
    from orderwire.release.rollback import Rollback
    from orderwire.workplace.git import Repository

    return Rollback(client, stage, teller(), agreed(yes), Repository(), prepare)


@app.command("release-check")
def release_check(stage: StageArgument, dirty: Dirty = False, architecture: Architecture = None) -> None:
    """Say whether this checkout can be released to a stage, and whether the account is ready. Changes nothing."""
    from orderwire.release.check import check
    from orderwire.release.deployed import stack_status
    from orderwire.release.generated import generated
    from orderwire.release.ready import ready
    from orderwire.release.way_back import WayBack
    from orderwire.workplace.git import Repository

    client, declared = account(stage)
    WayBack(client, declared, teller(), Repository(), going_back(client, declared, yes=True).go).require()
    check(client, declared, teller(), generated(), dirty, architecture)
    if stack_status(client, declared):
        ready(client, declared, teller())


@app.command()
def rollback(stage: StageArgument, to: To = None, yes: Yes = False) -> None:
    """Go back to the previous release of a stage: its functions, and its stack unless that would lose data."""
    client, declared = account(stage)
    going_back(client, declared, yes).go(to)


@app.command()
def redeploy(stage: StageArgument, yes: Yes = False) -> None:
    """Deploy the released commit of a stage again, and undo changes that were made by hand."""
    from orderwire.release.environment import prepare
    from orderwire.release.redeploy import Redeploy
    from orderwire.workplace.git import Repository

    client, declared = account(stage)
    Redeploy(client, declared, teller(), Repository(), prepare, ["--yes"] if yes else []).go()


@app.command()
def teardown(stage: StageArgument, delete_data: Names = None, confirm: Confirm = None, yes: Yes = False) -> None:
    """Delete a stage. What holds data stays in its stack, unless --delete-data names it."""
    from orderwire.release.teardown import Teardown

    client, declared = account(stage)
    changes: list[ResourceChange] = []
    show = reviewer(stage, out, agreed(yes), (), changes).show
    Teardown(client, declared, teller(), show, agreed(yes), delete_data or (), confirm).go()
