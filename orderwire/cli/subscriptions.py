"""`orderwire subscriptions`: what rules will hear, before they are there; `subscribing` has what puts them there."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from orderwire.cli import previewing, subscribing
from orderwire.cli.options import Json
from orderwire.console.output import emit_json, out, say
from orderwire.console.problem import Problem
from orderwire.workplace.stage import stage_named

if TYPE_CHECKING:
    from orderwire.subscriptions.checking import CheckedFile

app = typer.Typer(
    help="Rules of other teams and of people: check, preview, deploy and verify them.", no_args_is_help=True
)
for part in (previewing, subscribing):
    app.add_typer(part.app)

Stage = Annotated[str, typer.Option("--stage", help="The stage whose parameters are filled into patterns.")]
Files = Annotated[
    list[Path] | None, typer.Argument(help="Files of subscriptions or patterns; by default all of subscriptions/.")
]
Rule = Annotated[Path, typer.Argument(help="A subscription or a pattern.")]
EventFile = Annotated[str, typer.Argument(help="An event as EventBridge delivers it, in JSON; - for standard input.")]

COLOURS = {"always": "green", "sometimes": "cyan", "never": "red", "invalid": "red", "unknown": "yellow"}


@app.command()
def check(files: Files = None, as_json: Json = False, stage: Stage = "local") -> None:
    """Say whether rules hear their events always, sometimes or never, with example events.

    The verdict is about the pattern, which may stand alone as AWS takes it; what keeps a subscription from being
    deployed is said beside it. Exit code 1 if a rule never hears anything or that is unknown, 2 if a file has no valid
    rule or cannot be deployed.
    """
    from infrastructure.subscriptions.folder import HOME
    from orderwire.subscriptions.checking import checked

    found = checked(files or subscriptions(HOME), stage_named(stage))
    if as_json:
        emit_json([{"file": str(each.path), **asdict(each.verdict), "refused": each.refused} for each in found])
    else:
        show(found)
    if code := max(map(code_of, found), default=0):
        raise typer.Exit(code)


def subscriptions(home: Path) -> list[Path]:
    """All of ours, as one would name them from here."""
    from infrastructure.subscriptions.folder import paths_in

    here = Path.cwd()
    return [path.relative_to(here) if path.is_relative_to(here) else path for path in paths_in(home)]


def code_of(file: "CheckedFile") -> int:
    return 2 if file.refused and file.verdict.hears else exit_code(file.verdict.verdict)


def exit_code(verdict: str) -> int:
    return {"always": 0, "sometimes": 0, "invalid": 2}.get(verdict, 1)


def show(found: Sequence["CheckedFile"]) -> None:
    """One file with its events, several without."""
    for file in found:
        verdict = file.verdict
        out.print(
            Text.assemble((verdict.verdict.ljust(9), f"bold {COLOURS[verdict.verdict]}"), " ", (str(file.path), "bold"))
        )
        tell(verdict.reason, verdict.path)
        if file.refused and file.refused != verdict.reason:
            tell(f"cannot be deployed: {file.refused}", None, "red")
        for warning in verdict.warnings:
            tell(f"! {warning.text}", warning.path, "yellow")
        if len(found) == 1:
            show_event("It hears, for example:", verdict.witness)
            show_event("It does not hear, for example:", verdict.unheard if verdict.verdict != "never" else None)


def tell(text: str, path: str | None, style: str = "") -> None:
    place = f"  (at {path})" if path else ""
    say(f"  {text}{place}", style)


def show_event(title: str, event: Any) -> None:
    if event is not None:
        say(f"\n{title}")
        emit_json(event)


@app.command()
def match(rule: Rule, event: EventFile, as_json: Json = False, stage: Stage = "local") -> None:
    """Say whether a rule hears an event and, if not, which condition fails. Exit code 1 if not."""
    from eventbridge_rules.match import match as first_miss
    from eventbridge_rules.validity import fault
    from eventbridge_rules.verdict import sentence

    from orderwire.contracts.published import published
    from orderwire.subscriptions.checking import tried

    read, (pattern, refused) = read_event(event), tried(rule, stage_named(stage))
    miss, unpublished = first_miss(pattern, read), fault(read, published())
    if as_json:
        told = {"match": miss is None, "invalid": unpublished, "refused": refused}
        emit_json({**told, **(as_document(miss) if miss else {})})
    elif miss is None:
        say("The rule hears the event.")
    else:
        say("The rule does not hear the event:")
        tell(sentence(miss), miss.pointer)
    for warning in (unpublished, refused and f"the file cannot be deployed: {refused}"):
        if warning and not as_json:
            tell(f"! {warning}", None, "yellow")
    if miss is not None:
        raise typer.Exit(1)


def as_document(miss: Any) -> dict[str, Any]:
    """`path` is a JSON pointer into the pattern, `field` the place in the event."""
    wanted, found = ([shown_in_json(value) for value in values] for values in (miss.wanted, miss.found))
    return {
        "path": miss.pointer,
        "field": miss.path,
        "wanted": wanted,
        "found": found,
        "together": miss.together,
    }


def shown_in_json(value: Any) -> Any:
    """A number that no double has as text."""
    from eventbridge_rules.leaves import as_json as plain

    known = plain(value)
    return str(known) if isinstance(known, Decimal) else known


def read_event(event: str) -> dict[str, Any]:
    """Raises Problem."""
    from orderwire.subscriptions.files import event_of

    try:
        return event_of(sys.stdin.read() if event == "-" else Path(event).read_text(encoding="utf-8"))
    except OSError as error:
        raise Problem(f"{event}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise Problem(f"{event}: is not an event in JSON: {error}") from None
