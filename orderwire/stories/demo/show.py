"""Prints what came of the demo."""

from dataclasses import asdict

from orderwire.console.output import emit_json, out
from orderwire.stories.demo.outcome import DemoOutcome
from orderwire.stories.tables import checks_table, closing, orders_table


def show(outcome: DemoOutcome, seconds: float, as_json: bool) -> None:
    if as_json:
        emit_json({**asdict(outcome), "good": outcome.good, "seconds": round(seconds, 1)})
        return
    out.print(orders_table(outcome.ends))
    out.print()
    out.print(checks_table(outcome.checks))
    wrong = sum(1 for end in outcome.ends if end.wrong)
    bad = sum(1 for check in outcome.checks if check.wrong)
    out.print()
    if outcome.good:
        out.print(closing(True, f"All {len(outcome.ends)} orders ended as they must; everything balances.", seconds))
    else:
        out.print(closing(False, f"{wrong} orders did not end as they must, {bad} checks failed.", seconds))
