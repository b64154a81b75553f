"""What came of the rehearsal, as plain data."""

from collections.abc import Sequence
from dataclasses import dataclass

from orderwire.stories.check import Check
from orderwire.stories.demo.ends import Ended
from orderwire.stories.rehearsal.steps import RehearsalStep


@dataclass(frozen=True)
class RehearsalOutcome:
    steps: Sequence[RehearsalStep]
    ends: Sequence[Ended]
    checks: Sequence[Check]

    @property
    def good(self) -> bool:
        return not any(end.wrong for end in self.ends) and not any(check.wrong for check in self.checks)
