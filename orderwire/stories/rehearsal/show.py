"""Prints what came of the rehearsal."""

from dataclasses import asdict

from rich.table import Table

from orderwire.console.output import emit_json, out, print_table
from orderwire.stories.demo.show import checks_table, closing, orders_table
from orderwire.stories.rehearsal.perform import RehearsalOutcome


def show(outcome: RehearsalOutcome, seconds: float, as_json: bool) -> None:
    if as_json:
        emit_json({**asdict(outcome), "good": outcome.good, "seconds": round(seconds, 1)})
        return
    for table in (steps_table(outcome), orders_table(outcome.ends), checks_table(outcome.checks)):
        print_table(table)
        out.print()
    if outcome.good:
        out.print(closing(True, f"The release went as it must, and so did {len(outcome.ends)} orders.", seconds))
    else:
        wrong = sum(1 for end in outcome.ends if end.wrong)
        bad = sum(1 for check in outcome.checks if check.wrong)
        out.print(closing(False, f"{wrong} orders did not end as they must, {bad} checks failed.", seconds))


def steps_table(outcome: RehearsalOutcome) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("step", "seconds"):
        table.add_column(column, justify="right" if column == "seconds" else "left")
    for step in outcome.steps:
        table.add_row(step.what, f"{step.seconds:.1f}")
    return table
