"""Prints what came of the demo."""

from collections.abc import Sequence
from dataclasses import asdict

from rich.table import Table
from rich.text import Text

from orderwire.console.output import emit_json, out, printable
from orderwire.stories.demo.checks import Check
from orderwire.stories.demo.ends import Ended
from orderwire.stories.demo.perform import DemoOutcome

MOST_EXAMPLES = 5


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


def closing(good: bool, words: str, seconds: float) -> Text:
    """The last line: what came of it, and how long it took."""
    return Text.assemble((words, "green" if good else "red"), f" ({seconds:.0f} s)")


def mark(wrong: object) -> Text:
    return Text("x", "red") if wrong else Text("ok", "green")


def orders_table(ends: Sequence[Ended]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("", "what happens", "ended"):
        table.add_column(column, overflow="fold")
    for end in ends:
        table.add_row(mark(end.wrong), printable(end.note), printable(end.ended))
        if end.wrong:
            table.add_row("", printable(f"{end.wrong}, {end.order_id}", "red"), "")
    return table


def checks_table(checks: Sequence[Check]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    table.add_column("rule", no_wrap=True)
    table.add_column("figures")
    for check in checks:
        table.add_row(mark(check.wrong), printable(check.rule), printable(check.figures))
        for text in check.wrong[:MOST_EXAMPLES]:
            table.add_row("", "", printable(text, "red"))
        if len(check.wrong) > MOST_EXAMPLES:
            table.add_row("", "", Text(f"and {len(check.wrong) - MOST_EXAMPLES} more", "red"))
    return table
