"""The steps of a rehearsal: each is shown, logged, timed, and named if it fails."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from rich.progress import Progress

from orderwire.console.problem import Problem


@dataclass(frozen=True)
class RehearsalStep:
    what: str
    seconds: float


@dataclass(frozen=True)
class Steps:
    """`done` has the steps that are over, in order; `log` is told when each begins."""

    bars: Progress
    log: Path
    clock: Callable[[], float] = time.monotonic
    done: list[RehearsalStep] = field(default_factory=list)

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Raises Problem, which begins with the step's name, for what goes wrong in the block."""
        task, began = self.bars.add_task(what, total=1), self.clock()
        with self.log.open("a") as log:
            log.write(f"\n== {what}\n")
        try:
            yield
        except (Problem, BotoCoreError, ClientError) as error:
            raise Problem(f"The rehearsal failed at this step: {what}.\n{error}") from error
        self.bars.advance(task)
        self.done.append(RehearsalStep(what, round(self.clock() - began, 1)))
