"""What commands share that work in an AWS account: whose it is, what they tell, whom they ask.

A stack imports every consumer, so these functions import what they need when they are called.
"""

import os
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Annotated

import boto3
import typer
from rich.console import Console

from orderwire.cli.asking import ask
from orderwire.console.output import err, out, print_table, say, table_of
from orderwire.console.problem import Problem
from orderwire.workplace.stage import stage_named

if TYPE_CHECKING:
    from infrastructure.stages import Stage
    from orderwire.cloudformation.changes import ResourceChange
    from orderwire.cloudformation.template_bucket import ClientOf
    from orderwire.release.review import Review

StageArgument = Annotated[str, typer.Argument(metavar="STAGE", help="A stage that infrastructure/stages.py declares.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Allowed = Annotated[
    list[str] | None,
    typer.Option("--allow-replace", help="The logical id of a resource that may be replaced or deleted with its data."),
]
CHANGE = ("action", "logical_id", "type", "replacement", "why")
NOTHING = "Nothing was changed."


def account(stage: str) -> "tuple[ClientOf, Stage]":
    """Makes boto3 clients of the account that the environment names, and the stage in it. Raises Problem."""
    embedded = "AWS_ENDPOINT_URL" in os.environ
    declared = stage_named(stage, embedded)
    if declared.emulated and not embedded:
        raise Problem(f"Stage {stage} is what `make run` starts on this machine; it has no place in an account.")
    return boto3.session.Session().client, declared


def teller(as_json: bool = False) -> Callable[[str], None]:
    """Prints a line at a time: for people on standard output, next to JSON on standard error."""
    console = err if as_json else out
    return lambda line: say(line, console=console)


def agreed(yes: bool) -> Callable[[str], bool]:
    """Asks a question unless `yes`; raises Problem if the answer is no."""

    def answer(question: str) -> bool:
        if not yes:
            ask(question, NOTHING)
        return True

    return answer


def reviewer(
    stage: str, console: Console, agree: Callable[[str], bool], allowed: Collection[str], kept: "list[ResourceChange]"
) -> "Review":
    """Shows a change set on `console`, appends it to `kept`, and asks `agree`."""
    from orderwire.release.review import Review

    def show(changes: "Sequence[ResourceChange]") -> None:
        kept.extend(changes)
        print_table(table_of(changes, CHANGE), console)

    return Review(f"orderwire-{stage}", show, agree, allowed)
