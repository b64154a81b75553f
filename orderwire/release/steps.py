"""Takes the steps of a release one after the other, and says where it stopped and how to go on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from orderwire.console.problem import Problem
from orderwire.console.tell import Tell

FAILURES = (Problem, BotoCoreError, ClientError)
"""How a step fails; anything else is a mistake of ours."""


@dataclass(frozen=True)
class ReleaseStep:
    """`does` is what a person reads; `command` takes the step on its own. `undo` is told why the step has failed, and
    returns what it did about all steps before; None if they stay."""

    does: str
    command: str
    run: Callable[[], object]
    undo: Callable[[Exception], str | None] = lambda failed: None  # noqa: ARG005


def take(steps: Sequence[ReleaseStep], whole: str, tell: Tell) -> None:
    """Raises Problem at the first step that fails. What was done before stays, unless the step undoes it: each step can
    be taken again.

    `whole` is the command that takes all steps.
    """
    for number, step in enumerate(steps, 1):
        tell(f"[{number}/{len(steps)}] {step.does}")
        try:
            step.run()
        except FAILURES as error:
            raise Problem(step.undo(error) or stopped(steps, number, whole, error)) from error
        except BaseException:  # somebody interrupts, the disk is full
            tell(f"left in the middle of {step.does}, and what was done stays; to go on: {whole}")
            raise


def stopped(steps: Sequence[ReleaseStep], number: int, whole: str, error: Exception) -> str:
    step, done = steps[number - 1], [each.does for each in steps[: number - 1]]
    why = str(error) if isinstance(error, Problem) else f"AWS says: {error}"
    return "\n".join(
        [
            f"Stopped at step {number} of {len(steps)}, {step.does}: {why}",
            f"Done, and it stays: {'; '.join(done)}." if done else "Nothing was done.",
            f"Once the reason is gone: {whole} (or this step alone: {step.command})",
        ]
    )
