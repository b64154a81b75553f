"""Asks a person before something is done that cannot be taken back."""

import sys

import typer

from orderwire.problem import Problem


def ask(question: str, nothing: str) -> None:
    """Raises Problem, beginning with `nothing`, unless a person at a terminal says yes."""
    if not sys.stdin.isatty():
        raise Problem(f"{nothing} Nobody can be asked here; --yes goes on without asking.")
    try:
        if typer.confirm(question, err=True):
            return
    except typer.Abort:
        raise Problem(f"{nothing} Nobody answered; --yes goes on without asking.") from None
    raise Problem(nothing)
