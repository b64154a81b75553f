"""The command `orderwire`, or `python -m orderwire`: reads arguments, calls what does the work, prints its answer.

Exit codes: 0 done; 1 done, and something is not as it should be; 2 not done, for the reason on standard error.
"""
# ruff: noqa: E402  (Ctrl-C is looked after first)

import os
import signal
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated

_before = signal.signal(signal.SIGINT, lambda *_: os._exit(130))  # an exception amid an import could get lost

import typer
from botocore.exceptions import BotoCoreError, ClientError

from infrastructure.subscriptions.model import SubscriptionRefused
from orderwire.cli import (
    blackfriday,
    dead_letters,
    flow,
    previewing,
    reference,
    rehearse,
    release,
    replay,
    schemas,
    search,
    shop,
    smoke,
    stages,
    subscribing,
    subscriptions,
    system,
    told,
)
from orderwire.console.output import err, forgive, say
from orderwire.console.problem import Problem
from orderwire.console.signals import Stopped
from orderwire.workplace.samples import SampleError

signal.signal(signal.SIGINT, signal.default_int_handler if __name__ == "__main__" else _before)

HELP = "Run Orderwire on this machine, look into it here or in AWS, release it, and manage other teams' subscriptions."

app = typer.Typer(
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},  # commands below take them from here
)
for part in (system, flow, told, stages, release, replay, search, blackfriday, smoke, rehearse, reference):
    app.add_typer(part.app)
app.add_typer(dead_letters.app, name="dlq")
app.add_typer(schemas.app, name="schemas")
app.add_typer(subscriptions.app, name="subscriptions")
for part in (previewing, subscribing):
    subscriptions.app.add_typer(part.app)
app.add_typer(shop.catalog, name="catalog")
app.add_typer(shop.order, name="order")


def print_version(asked: bool) -> None:
    if asked:
        say(f"orderwire {version('orderwire')}")
        raise typer.Exit


@app.callback()
def options(
    _: Annotated[
        bool, typer.Option("--version", callback=print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None: ...


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command that the arguments (the process's own) ask for, and exits.

    What a person can put right is told without a traceback.
    """
    forgive(sys.stdout, sys.stderr)
    try:
        app(arguments, prog_name="orderwire")
    except (Problem, SampleError, SubscriptionRefused) as error:
        fail(str(error))
    except (BotoCoreError, ClientError) as error:
        fail(f"AWS says: {error}")
    except Stopped:
        fail("stopped")


def fail(text: str) -> None:
    say(text, "red", err)
    sys.exit(2)


if __name__ == "__main__":
    main()
