"""Whether the contracts of this checkout may be released: against the last release, and against what a stage has."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from consumers.registry import consumers
from infrastructure.stages import Stage
from infrastructure.subscriptions.resources import values_of
from orderwire.cloudformation.template_bucket import ClientOf
from orderwire.console.problem import Problem
from orderwire.console.tell import Tell
from orderwire.contracts.contracts import Contracts
from orderwire.contracts.covers import Coverage
from orderwire.contracts.diff import kept_versions
from orderwire.contracts.hearers import Hearer, of_consumers, of_files
from orderwire.contracts.registry import registered
from orderwire.contracts.report import Report, report, sentences
from orderwire.contracts.sources import RELEASED, current, examples, from_folder

ADVICE = (
    "Within a major fields are only added, as ones that may be missing; anything else is a new major, beside the old."
)


def hearers(stage: Stage) -> list[Hearer]:
    """Every rule that is declared, as the stage has it. Raises Problem."""
    return [*of_files(values_of(stage)), *of_consumers(consumers())]


def against_registry(client: ClientOf, stage: Stage, tell: Tell, reviewed: Contracts | None = None) -> None:
    """Raises Problem, with whom to talk to, if readers or rules of what the stage has registered would be let down.

    What nothing can decide counts as broken, unless somebody has looked at it: what was `reviewed` is in
    schemas/released, as it is now.
    """
    old = registered(client, stage)
    if not old:
        tell(f"stage {stage.name} has no schemas registered yet: nobody can be let down")
        return
    new = current()
    known = accepted() if reviewed is None else reviewed
    found = report(old, new, hearers(stage), examples())
    require_safe(without_reviewed(found, new, known), f"stage {stage.name}")
    tell(f"the schemas go on from what stage {stage.name} has registered")


def compared(old: Contracts, new: Contracts, stage: Stage) -> Report:
    """The changes between them, and whose rules of a stage meet these. Raises Problem.

    A contract that changed and kept its version is among the changes, as one that breaks. A stage's registry is not
    held to that: a stage for trying things out sees the same version grow.
    """
    found = report(old, new, hearers(stage), examples())
    return replace(found, changes=[*found.changes, *kept_versions(old, new, found.changes)])


def accepted(home: Path = RELEASED) -> Contracts:
    """The contracts of the last release; none before the first."""
    return from_folder(home) if home.exists() else {}


def without_reviewed(found: Report, new: Contracts, reviewed: Contracts) -> Report:
    """Leaves out what could not be decided about contracts that were accepted as they are now."""
    known = {key for key, contract in reviewed.items() if new.get(key) == contract}
    kept = [
        change
        for change in found.changes
        if change.verdict != Coverage.UNKNOWN or (change.event, change.major) not in known
    ]
    events = {(change.event, change.major) for change in kept}
    return Report(kept, [each for each in found.notices if (each.event, each.major) in events])


def require_safe(found: Report, whose: str) -> None:
    """Raises Problem unless every change is compatible."""
    if found.verdict == Coverage.COMPATIBLE:
        return
    can = "breaks" if found.verdict == Coverage.BREAKING else "may break"
    raise Problem("\n".join([f"The event schemas changed in a way that {can} {whose}:", *lines(found), ADVICE]))


def lines(found: Report) -> Sequence[str]:
    return [f"- {each}" for each in sentences(found)]
