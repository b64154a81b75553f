"""What every story prints in the end: what happened to the orders, what was checked, and whether all is well."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from orderwire.console.output import in_cell
from orderwire.stories.check import Check
from orderwire.stories.demo.ends import Ended

MOST_EXAMPLES = 5


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
        table.add_row(mark(end.wrong), in_cell(end.note), in_cell(end.ended))
        if end.wrong:
            table.add_row("", in_cell(f"{end.wrong}, {end.order_id}", "red"), "")
    return table


def checks_table(checks: Sequence[Check]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    table.add_column("rule", no_wrap=True)
    table.add_column("figures")
    for check in checks:
        table.add_row(mark(check.wrong), in_cell(check.rule), in_cell(check.figures))
        for text in check.wrong[:MOST_EXAMPLES]:
            table.add_row("", "", in_cell(text, "red"))
        if len(check.wrong) > MOST_EXAMPLES:
            table.add_row("", "", Text(f"and {len(check.wrong) - MOST_EXAMPLES} more", "red"))
    return table
