"""Asks a person before something is done that cannot be taken back."""

import sys

import typer

from orderwire.console.problem import Problem


def ask(question: str, nothing: str) -> None:
    """Raises Problem unless a person at a terminal says yes. Its text begins with `nothing`, which says that
    nothing was done, for example `Nothing was deleted.`"""
    if not sys.stdin.isatty():
        raise Problem(f"{nothing} Nobody can be asked here; --yes goes on without asking.")
    try:
        if typer.confirm(question, err=True):
            return
    except typer.Abort:
        raise Problem(f"{nothing} Nobody answered; --yes goes on without asking.") from None
    raise Problem(nothing)
