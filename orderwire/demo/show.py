"""Prints what came of the demo."""

from collections.abc import Sequence
from dataclasses import asdict

from rich.markup import escape
from rich.table import Table

from orderwire.demo.checks import Check
from orderwire.demo.ends import Ended
from orderwire.demo.perform import Outcome
from orderwire.output import emit_json, out

MOST_EXAMPLES = 5


def show(outcome: Outcome, seconds: float, as_json: bool) -> None:
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
        out.print(
            f"[green]All {len(outcome.ends)} orders ended as they must; everything balances.[/] ({seconds:.0f} s)"
        )
    else:
        out.print(f"[red]{wrong} orders did not end as they must, {bad} checks failed.[/] ({seconds:.0f} s)")


def orders_table(ends: Sequence[Ended]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("", "what happens", "ended"):
        table.add_column(column, overflow="fold")
    for end in ends:
        table.add_row("[red]x[/]" if end.wrong else "[green]ok[/]", escape(end.note), end.ended)
        if end.wrong:
            table.add_row("", f"[red]{escape(end.wrong)}, {end.order_id}[/]", "")
    return table


def checks_table(checks: Sequence[Check]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    table.add_column("rule", no_wrap=True)
    table.add_column("figures")
    for check in checks:
        table.add_row("[red]x[/]" if check.wrong else "[green]ok[/]", check.rule, check.figures)
        for text in check.wrong[:MOST_EXAMPLES]:
            table.add_row("", "", f"[red]{escape(text)}[/]")
        if len(check.wrong) > MOST_EXAMPLES:
            table.add_row("", "", f"[red]and {len(check.wrong) - MOST_EXAMPLES} more[/]")
    return table
