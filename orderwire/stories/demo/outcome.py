"""What came of the demo, as plain data."""

from dataclasses import dataclass

from orderwire.stories.check import Check
from orderwire.stories.demo.ends import Ended


@dataclass(frozen=True)
class DemoOutcome:
    ends: list[Ended]
    checks: list[Check]

    @property
    def good(self) -> bool:
        return not any(end.wrong for end in self.ends) and not any(check.wrong for check in self.checks)
