"""How CloudWatch judges an alarm, as its user guide has it: so many of the last periods, missing data as declared."""

from collections.abc import Mapping, Sequence
from itertools import starmap
from string import ascii_lowercase
from typing import Any

Series = Sequence[float | None]
"""A metric's datapoints, one each period, None where there is none."""


def raised(alarm: Mapping[str, Any], *metrics: Series, **parameters: float) -> bool:
    """Whether the alarm of the template is raised at the end of any period. `parameters` are those of the stack."""
    periods, breaches = (given(alarm[key], parameters) for key in ("EvaluationPeriods", "DatapointsToAlarm"))
    breached = [
        is_breached(alarm, value, parameters) for value in starmap(expression(alarm), zip(*metrics, strict=True))
    ]
    windows = (breached[end - periods : end] for end in range(periods, len(breached) + 1))
    return any(sum(window) >= breaches for window in windows)


def given(value: Any, parameters: Mapping[str, float]) -> Any:
    return parameters[value["Ref"]] if isinstance(value, dict) else value


def is_breached(alarm: Mapping[str, Any], value: float | None, parameters: Mapping[str, float]) -> bool:
    if value is None:
        return bool(alarm["TreatMissingData"] == "breaching")
    threshold = given(alarm["Threshold"], parameters)
    return bool(value > threshold if alarm["ComparisonOperator"] == "GreaterThanThreshold" else value < threshold)


def expression(alarm: Mapping[str, Any]) -> Any:
    """The alarm's metric math as a function of a period's datapoints: missing where one of them is."""
    if "Metrics" not in alarm:
        return lambda only: only
    text = alarm["Metrics"][-1]["Expression"]

    def evaluated(*values: float | None) -> float | None:
        known = {"FILL": lambda value, filling: filling if value is None else value}
        try:
            return float(eval(text, known, dict(zip(ascii_lowercase, values, strict=False))))
        except TypeError:  # None in a sum
            return None

    return evaluated
