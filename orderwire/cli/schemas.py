"""`orderwire schemas`: how the contracts change, and the schema registry of a stage."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from infrastructure.stages import PROD, STAGES
from orderwire.cli.options import HOME, HomeFolder, Json, at
from orderwire.console.output import emit, emit_json, err, out, say

if TYPE_CHECKING:
    from orderwire.contracts.report import Notice

app = typer.Typer(no_args_is_help=True, help="The event schemas: what changed, and the registry of a stage.")

Against = Annotated[str, typer.Option(help="What to compare with: a git ref, a stage (its registry), or `released`.")]
ForStage = Annotated[str, typer.Option("--stage", help="A stage that infrastructure/stages.py declares.")]
Reviewed = Annotated[
    bool, typer.Option("--reviewed", help="Accept changes that cannot be decided, because somebody has reviewed them.")
]


@dataclass(frozen=True)
class ChangeLine:
    event: str
    change: str
    readers: str
    rules: str
    stored: str
    why: str


@app.command("diff")
def show_diff(against: Against = "released", as_json: Json = False, home: HomeFolder = HOME) -> None:
    """Show what changed in the event schemas, whom it breaks, and whose rules it concerns.

    Exit code 0 if it is safe for everybody, 1 if it breaks somebody, 2 if that cannot be decided.
    """
    from orderwire.contracts.check import compared
    from orderwire.contracts.covers import Coverage
    from orderwire.contracts.report import place
    from orderwire.contracts.sources import current, old_side

    old = old_side(against, lambda service: at(against, home).client(service))
    found = compared(old, current(), STAGES.get(against, PROD))
    if as_json:
        changes = [{**asdict(each), "verdict": each.verdict} for each in found.changes]
        emit_json({"verdict": found.verdict, "changes": changes, "notices": list(map(asdict, found.notices))})
    else:
        told = [ChangeLine(place(each), each.change, each.readers, each.rules, each.stored, each.why)
                for each in found.changes]  # fmt: skip
        emit(told, False, "The schemas are the same.")
        show_notices(found.notices)
    raise typer.Exit({Coverage.COMPATIBLE: 0, Coverage.BREAKING: 1, Coverage.UNKNOWN: 2}[found.verdict])


def show_notices(notices: Sequence["Notice"]) -> None:
    """Whom to talk to, and for each rule that starts or stops hearing the event that shows it."""
    if notices:
        out.print()
        emit(notices, False, "", ("name", "team", "contact", "event", "effect", "reads"))
    for each in notices:
        if each.witness:
            say(f"\n{each.name} {each.effect}, for example:")
            emit_json(each.witness)


@app.command("publish")
def publish_schemas(stage: ForStage, as_json: Json = False, home: HomeFolder = HOME) -> None:
    """Register every version of every event in a stage's schema registry. Running it again changes nothing."""
    from orderwire.contracts.publish import publish

    where, told_on = at(stage, home), err if as_json else out
    done = publish(where.client, where.stage, lambda line: say(line, console=told_on))
    if as_json:
        emit_json([asdict(each) for each in done])


@app.command("accept")
def accept_schemas(reviewed: Reviewed = False, as_json: Json = False) -> None:
    """Record the schemas as released, for later changes to be compared with; then commit schemas/released."""
    from orderwire.contracts.accept import accept

    changes = accept(reviewed)
    if as_json:
        emit_json({"changes": changes})
    else:
        say(f"{changes} changes accepted: commit schemas/released")
