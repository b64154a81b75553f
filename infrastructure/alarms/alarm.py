"""An alarm as plain data."""

from dataclasses import dataclass

from infrastructure.alarms.metrics import Metric

WATCHED, ORDERS_EXPECTED = "Watched", "OrdersExpected"
"""Conditions of the stack."""

MINUTE, MINUTES_5, HOUR, DAY = 60, 300, 3600, 86_400

QUIET, MOST_CONCURRENCY = "QuietPeriods", "MostConcurrency"
"""Parameters of the stack: after how many periods without an order, and above how many executions, people are told."""


@dataclass(frozen=True)
class Alarm:
    """Raised when `breaches` of the last `periods` datapoints, one every `period` seconds, are above `above` (or, where
    that is None, below `below`). A missing datapoint is one of them if `silence_is_trouble`.

    `math` is CloudWatch's expression over `metrics`, at most ten, called a, b, c, ... in it; without one there
    is one metric. `above` and `periods` may be the name of a stack parameter.
    """

    section: str
    subject: str
    says: str
    metrics: tuple[Metric, ...]
    math: str | None = None
    above: float | str | None = 0
    below: float = 0
    period: int = MINUTES_5
    periods: int | str = 1
    breaches: int | str | None = None
    silence_is_trouble: bool = False
    condition: str = WATCHED

    @property
    def name(self) -> str:
        """Below the stage's prefix."""
        return "-".join(filter(None, [self.section, self.subject]))
