"""The command `orderwire`, or `python -m orderwire`: reads arguments, calls what does the work, prints its answer.

Exit codes: 0 done; 1 done, and something is not as it should be; 2 not done, for the reason on standard error.
"""
# ruff: noqa: E402  (Ctrl-C is looked after first)

import os
import signal
import sys
from collections.abc import Sequence
from typing import Annotated

_before = signal.signal(signal.SIGINT, lambda *_: os._exit(130))  # an exception amid an import could get lost

import typer

from orderwire.cli.commands import LazyGroup
from orderwire.console.problem import Problem
from orderwire.console.signals import Stopped

signal.signal(signal.SIGINT, signal.default_int_handler if __name__ == "__main__" else _before)

HELP = "Run Orderwire on this machine, look into it here or in AWS, release it, and manage other teams' subscriptions."

app = typer.Typer(
    cls=LazyGroup,
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},  # commands below take them from here
)


def print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"orderwire {version('orderwire')}")
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
    from orderwire.console.output import forgive

    forgive(sys.stdout, sys.stderr)
    try:
        app(arguments, prog_name="orderwire")
    except Stopped:
        fail("stopped")
    except Exception as error:
        if told := for_a_person(error):
            fail(told)
        raise


def for_a_person(error: Exception) -> str | None:
    """What can be put right by whoever typed the command; None of an error that nobody thought of."""
    from botocore.exceptions import BotoCoreError, ClientError

    from infrastructure.subscriptions.model import SubscriptionRefused

    match error:
        case Problem() | SubscriptionRefused():
            return str(error)
        case BotoCoreError() | ClientError():
            return f"AWS says: {error}"
    return None


def fail(text: str) -> None:
    from orderwire.console.output import err, say

    say(text, "red", err)
    sys.exit(2)


if __name__ == "__main__":
    main()
