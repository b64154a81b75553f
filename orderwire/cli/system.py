"""Commands that start the system here, or bring a stage up in AWS."""

import os
from pathlib import Path
from typing import Annotated

import boto3
import typer

from orderwire import release
from orderwire.cli.options import HOME, HomeFolder, Json
from orderwire.demo.command import demo
from orderwire.home import Home
from orderwire.local import API_PORT, ENGINE_PORT, Ports
from orderwire.output import emit_json, err, out
from orderwire.run import run as run_system
from orderwire.stack import bring_up, stage_named

app = typer.Typer()

Stage = Annotated[str, typer.Argument(help="A stage of infrastructure/stages.py.")]
Architecture = Annotated[str | None, typer.Option(help="x86_64 or arm64 instead of the stage's own.")]
WithParent = Annotated[bool, typer.Option("--with-parent", help="Stop when the process that started this is gone.")]


@app.command()
def run(
    port: Annotated[int, typer.Option(help="The API's port.")] = API_PORT,
    engine_port: Annotated[int, typer.Option(help="The embedded AWS's port.")] = ENGINE_PORT,
    as_json: Annotated[bool, typer.Option("--json", help="Log as the functions do in AWS, in JSON.")] = False,
    with_parent: WithParent = False,
    home: HomeFolder = HOME,
) -> None:
    """Run everything on this machine until Ctrl-C."""
    run_system(Home(home), Ports(engine_port, port), as_json, with_parent)


@app.command("demo")
def perform_demo(as_json: Json = False, home: HomeFolder = HOME) -> None:
    """Place the sample orders, wait for their ends, check that stock and money balance. Exit code 1 if not."""
    if not demo(Home(home), as_json):
        raise typer.Exit(1)


@app.command()
def clean(home: HomeFolder = HOME) -> None:
    """Forget every local order, and all else that is kept of earlier runs."""
    Home(home).forget()


@app.command()
def infra(stage: Stage, as_json: Json = False) -> None:
    """Create or update a stage's stack, with your AWS credentials."""
    client = boto3.session.Session().client
    embedded = "AWS_ENDPOINT_URL" in os.environ
    tell = err.print if as_json else out.print
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
    made = release.package(stage_named(stage), folder, architecture)
    paths = {"layer": str(made.layer), "code": str(made.code), "template": str(made.template)}
    if as_json:
        emit_json(paths)
    else:
        out.print("\n".join(paths.values()), soft_wrap=True)


@app.command()
def deploy(stage: Stage, architecture: Architecture = None, as_json: Json = False) -> None:
    """Deploy a stage's functions, with your AWS credentials. `infra` comes first."""
    release.deploy(stage_named(stage), architecture)
    if as_json:
        emit_json({"stage": stage, "deployed": True})
