"""`orderwire search`."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal

import typer
from rich.table import Table

from orderwire.cli.options import HOME, HomeFolder, Json, StageName, at
from orderwire.console.output import emit_json, in_cell, out, say, text
from orderwire.operate.search import QueryResult, search_backup

app = typer.Typer()

WIDE, NARROW = 120, ("occurred_at", "type", "order_id", "total")
"""From how many characters on a terminal has room for everything that is found, and what it has room for below."""

MOST_NAMED = 3
"""Products of an event that the table names; --json has them all."""


@app.command()
def search(
    order: Annotated[str | None, typer.Option(help="Only events of this order.")] = None,
    sku: Annotated[str | None, typer.Option(help="Only events that name this product.")] = None,
    type_: Annotated[
        str | None, typer.Option("--type", help="Only events of this type, for example order.created.")
    ] = None,
    min_total: Annotated[float | None, typer.Option(help="Only new orders of at least this total.")] = None,
    since: Annotated[str | None, typer.Option(help="How far back, for example 45m, 2h or 3d, or a time.")] = None,
    customer: Annotated[str | None, typer.Option(help="Only new orders of this customer.")] = None,
    limit: Annotated[int, typer.Option(help="At most this many, the newest first.")] = 50,
    sql: Annotated[
        str | None, typer.Option(help="Your own SQL over the table `events`, instead of conditions.")
    ] = None,
    as_json: Json = False,
    stage: StageName = "local",
    home: HomeFolder = HOME,
) -> None:
    """Find events in the backup that meet all conditions. Personal values are pseudonyms there."""
    found = search_backup(
        at(stage, home),
        sql,
        since=since,
        customer=customer,
        limit=limit,
        order=order,
        sku=sku,
        type=type_,
        min_total=min_total,
    )
    columns = None if sql is not None or out.width >= WIDE else NARROW
    show(found, as_json, columns)


def show(found: QueryResult, as_json: bool, columns: Sequence[str] | None) -> None:
    """`columns` names those that a table shows, None stands for all; JSON always has all."""
    if as_json:
        emit_json(found.documents())
    elif not found.rows:
        say("No event was found.")
    else:
        out.print(table_of(found, columns or found.columns))


def table_of(found: QueryResult, columns: Sequence[str]) -> Table:
    """By position: two columns of a person's own query may have one name."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    places = [place for place, name in enumerate(found.columns) if name in columns]
    for place in places:
        numeric = any(isinstance(row[place], int | Decimal) for row in found.rows)
        justify: Literal["right", "left"] = "right" if numeric else "left"
        table.add_column(in_cell(found.columns[place]), justify=justify, overflow="fold")
    for row in found.rows:
        table.add_row(*(in_cell(cell(row[place])) for place in places))
    return table


def cell(value: Any) -> str:
    if isinstance(value, list) and len(value) > MOST_NAMED:
        return f"{text(value[:MOST_NAMED])} and {len(value) - MOST_NAMED} more"
    return text(value)
