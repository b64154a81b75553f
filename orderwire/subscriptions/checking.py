"""Verdicts on files."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eventbridge_rules.grammar import Pattern, parse
from eventbridge_rules.operators import Invalid
from eventbridge_rules.shapes import Shape
from eventbridge_rules.verdict import Verdict, verdict

from infrastructure.stages import Stage
from infrastructure.subscriptions.yaml_or_json import Unreadable
from orderwire.console.problem import Problem
from orderwire.contracts.published import published
from orderwire.subscriptions.files import FileRefused, pattern_of, written


@dataclass(frozen=True)
class CheckedFile:
    """The verdict is about the file's pattern. `refused` says why the file cannot be deployed, if it was meant to be a
    subscription of ours."""

    path: Path
    verdict: Verdict
    refused: str | None = None


def checked(paths: Iterable[Path], stage: Stage) -> list[CheckedFile]:
    """The verdict on each file's rule, as the stage would have it, of the events that are published."""
    shapes = published()
    return [checked_file(path, stage, shapes) for path in paths]


def checked_file(path: Path, stage: Stage, shapes: Sequence[Shape]) -> CheckedFile:
    """An unexpected error becomes the file's verdict, so that the other files get theirs."""
    try:
        return _judged(path, stage, shapes)
    except Exception as error:
        reason = f"could not be judged, by a mistake of Orderwire's: {type(error).__name__}: {error}"
        return CheckedFile(path, Verdict("unknown", reason))


def _judged(path: Path, stage: Stage, shapes: Sequence[Shape]) -> CheckedFile:
    try:
        pattern, refused = pattern_and_refusal(path, stage)
    except FileRefused as error:
        return CheckedFile(path, Verdict("invalid", str(error)), str(error))
    except Unreadable as error:
        return CheckedFile(path, Verdict("invalid", str(error)))
    return CheckedFile(path, verdict(pattern, shapes), refused)


def pattern_and_refusal(path: Path, stage: Stage) -> tuple[Any, str | None]:
    """The pattern that is deployed, or else the one that is written and why the file is refused. Raises Unreadable,
    which is FileRefused if a subscription has no pattern."""
    try:
        return pattern_of(path, stage), None
    except FileRefused as error:
        if (pattern := written(path)) is None:
            raise
        return pattern, str(error)


def tried(path: Path, stage: Stage) -> tuple[Pattern, str | None]:
    """The rule that an event is tried on, and why the file cannot be deployed. Raises Problem."""
    try:
        pattern, refused = pattern_and_refusal(path, stage)
        return parse(pattern), refused
    except (Unreadable, Invalid) as error:
        raise Problem(f"{path}: {error}") from None


def rule_in(path: Path, stage: Stage) -> Pattern:
    """Raises Problem."""
    try:
        return parse(pattern_of(path, stage))
    except (Unreadable, Invalid) as error:
        raise Problem(f"{path}: {error}") from None
