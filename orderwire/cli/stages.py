"""Commands that bring a stage up in AWS, a step each; `orderwire release` takes them in order.

What a stack is made of imports every consumer. That is left to the commands that need it: `orderwire run` must start,
and wait for the next saved file, while a consumer is broken.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orderwire.cli.account import Allowed, StageArgument, Yes, account, agreed, reviewer, teller
from orderwire.cli.options import Json
from orderwire.console.output import emit_json, err, out, say
from orderwire.workplace.stage import stage_named

if TYPE_CHECKING:
    from orderwire.cloudformation.changes import ResourceChange

app = typer.Typer()

Architecture = Annotated[str | None, typer.Option(help="x86_64 or arm64, in place of the stage's own.")]
Leave = Annotated[
    bool, typer.Option("--or-leave", help="If data would be lost, leave the stack as it is and exit with code 1.")
]
Whole = Annotated[bool, typer.Option("--whole", help="Merge the stack's template in: one stack for everything.")]
ShowOnly = Annotated[bool, typer.Option("--show", help="Only show what would change.")]
Repair = Annotated[bool, typer.Option("--repair", help="Also undo changes that were made by hand (drift).")]
New = Annotated[bool, typer.Option("--new", help="Deploy this commit although the stage has another one.")]


@app.command()
def infra(
    stage: StageArgument,
    yes: Yes = False,
    allow_replace: Allowed = None,
    or_leave: Leave = False,
    show: ShowOnly = False,
    repair: Repair = False,
    as_json: Json = False,
) -> None:
    """Create or update a stage's stack, with your AWS credentials, after showing what would change.

    What would change is shown by a CloudFormation change set, which is deleted again if it is not carried out. For that
    the template is put into a bucket, which is created once per account and region; a new stage also needs a stack
    without resources for as long.
    """
    from orderwire.release.one_step import bring_infrastructure
    from orderwire.release.review import DataAtRisk

    client, declared = account(stage)
    changes: list[ResourceChange] = []
    agree = (lambda _: False) if show else agreed(yes)
    review = reviewer(stage, err if as_json else out, agree, allow_replace or (), changes)
    try:
        changed = bring_infrastructure(client, declared, teller(as_json), review, show, repair)
    except DataAtRisk as refused:
        if not or_leave:
            raise
        teller(as_json)(str(refused))
        raise typer.Exit(1) from None
    if as_json:
        emit_json({"stage": stage, "changed": changed, "changes": [vars(each) for each in changes]})


@app.command()
def package(
    stage: StageArgument,
    folder: Annotated[Path, typer.Argument(help="The folder for the package.")],
    architecture: Architecture = None,
    whole: Whole = False,
    as_json: Json = False,
) -> None:
    """Write the files that a deployment of a stage would upload."""
    from orderwire.release.one_step import write_package

    made = write_package(stage_named(stage), folder, architecture, whole)
    paths = {"layer": str(made.layer), "code": str(made.code), "template": str(made.template)}
    if as_json:
        emit_json(paths)
    else:
        say("\n".join(paths.values()))


@app.command()
def deploy(stage: StageArgument, architecture: Architecture = None, new: New = False, as_json: Json = False) -> None:
    """Deploy a stage's functions, with your AWS credentials. `infra` comes first."""
    from orderwire.release.one_step import deploy_functions

    client, declared = account(stage)
    deploy_functions(client, declared, teller(as_json), architecture, new)
    if as_json:
        emit_json({"stage": stage, "deployed": True})


@app.command("api-settings")
def api_settings(stage: StageArgument, as_json: Json = False) -> None:
    """Set what Chalice does not: API Gateway's own errors, throttling, access log, metrics. `deploy` comes first."""
    from orderwire.release.api.settings import apply

    client, declared = account(stage)
    changed = apply(client, declared, teller(as_json))
    if as_json:
        emit_json({"stage": stage, "changed": changed})
