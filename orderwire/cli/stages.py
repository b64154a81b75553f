"""Commands that bring a stage up in AWS.

What a stack is made of imports every consumer. That is left to the commands that need it: `orderwire run` must start,
and wait for the next saved file, while a consumer is broken.
"""

import os
from pathlib import Path
from typing import Annotated

import boto3
import typer

from orderwire.cli.options import Json
from orderwire.output import emit_json, err, out

app = typer.Typer()

Stage = Annotated[str, typer.Argument(help="A stage of infrastructure/stages.py.")]
Architecture = Annotated[str | None, typer.Option(help="x86_64 or arm64 instead of the stage's own.")]


@app.command()
def infra(stage: Stage, as_json: Json = False) -> None:
    """Create or update a stage's stack, with your AWS credentials."""
    from orderwire.stack import bring_up, stage_named

    embedded = "AWS_ENDPOINT_URL" in os.environ
    tell = err.print if as_json else out.print
    client = boto3.session.Session().client
    changed = bring_up(client, stage_named(stage, emulated=embedded), lambda line: tell(line, highlight=False))
    if as_json:
        emit_json({"stage": stage, "changed": changed})


@app.command()
def package(
    stage: Stage,
    folder: Annotated[Path, typer.Argument(help="Where the package goes.")],
    architecture: Architecture = None,
    as_json: Json = False,
) -> None:
    """Write what a deployment of a stage would upload."""
    from orderwire.release import package as packing
    from orderwire.stack import stage_named

    made = packing.package(stage_named(stage), folder, architecture)
    paths = {"layer": str(made.layer), "code": str(made.code), "template": str(made.template)}
    if as_json:
        emit_json(paths)
    else:
        out.print("\n".join(paths.values()), soft_wrap=True)


@app.command()
def deploy(stage: Stage, architecture: Architecture = None, as_json: Json = False) -> None:
    """Deploy a stage's functions, with your AWS credentials. `infra` comes first."""
    from orderwire.release import package as packing
    from orderwire.stack import stage_named

    packing.deploy(stage_named(stage), architecture)
    if as_json:
        emit_json({"stage": stage, "deployed": True})


@app.command("api-settings")
def api_settings(stage: Stage, as_json: Json = False) -> None:
    """Set what Chalice does not: API Gateway's own errors, throttling, access log, metrics. `deploy` comes first."""
    from orderwire.release.api_settings import apply
    from orderwire.stack import stage_named

    tell = err.print if as_json else out.print
    changed = apply(boto3.session.Session().client, stage_named(stage), lambda line: tell(line, highlight=False))
    if as_json:
        emit_json({"stage": stage, "changed": changed})
