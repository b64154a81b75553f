"""Verdicts on files."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from eventbridge_rules.grammar import Pattern, parse
from eventbridge_rules.operators import Invalid
from eventbridge_rules.shapes import Shape
from eventbridge_rules.verdict import Verdict, verdict

from infrastructure.stages import Stage
from infrastructure.subscriptions.yaml_or_json import Unreadable
from orderwire.console.problem import Problem
from orderwire.contracts.published import published
from orderwire.subscriptions.files import FileRefused, pattern_of, written


def checked(paths: Iterable[Path], stage: Stage) -> list[tuple[Path, Verdict]]:
    """The verdict on each file's rule, as the stage would have it, of the events that are published."""
    shapes = published()
    return [(path, verdict_on(path, stage, shapes)) for path in paths]


def verdict_on(path: Path, stage: Stage, shapes: Sequence[Shape]) -> Verdict:
    """The verdict on one file. An unexpected error becomes its verdict, so that the other files get theirs."""
    try:
        return _judged(path, stage, shapes)
    except Exception as error:
        return Verdict("unknown", f"could not be judged, by a mistake of Orderwire's: {type(error).__name__}: {error}")


def _judged(path: Path, stage: Stage, shapes: Sequence[Shape]) -> Verdict:
    """A file that cannot be deployed is invalid; but if its pattern hears nothing, that is the better reason."""
    try:
        return verdict(pattern_of(path, stage), shapes)
    except FileRefused as error:
        pattern = written(path)
        found = verdict(pattern, shapes)
        return Verdict("invalid", str(error)) if pattern is None or found.hears else found
    except Unreadable as error:
        return Verdict("invalid", str(error))


def rule_in(path: Path, stage: Stage) -> Pattern:
    """Raises Problem."""
    try:
        return parse(pattern_of(path, stage))
    except (Unreadable, Invalid) as error:
        raise Problem(f"{path}: {error}") from None
