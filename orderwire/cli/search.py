"""`orderwire search`."""

from decimal import Decimal
from typing import Annotated, Any, Literal

import typer
from rich.table import Table

from consumers.backup import HASH_KEY
from consumers.backup_lines import pseudonyms
from orderwire.cli.options import HOME, HomeFolder, Json, StageName, at
from orderwire.output import emit_json, out, text
from orderwire.problem import Problem
from orderwire.search import Backup, Found, Question, moment
from orderwire.stage import Target

app = typer.Typer()

MOST_NAMED = 3
"""Products of an event that the table names; --json has them all."""


@app.command()
def search(
    order: Annotated[str | None, typer.Option(help="Of this order.")] = None,
    sku: Annotated[str | None, typer.Option(help="That name this product.")] = None,
    type_: Annotated[str | None, typer.Option("--type", help="Of this type, for example order.created.")] = None,
    min_total: Annotated[float | None, typer.Option(help="New orders of at least this total.")] = None,
    since: Annotated[str | None, typer.Option(help="From then on: 30m, 2h, 7d ago, or a time.")] = None,
    customer: Annotated[str | None, typer.Option(help="New orders of this customer.")] = None,
    limit: Annotated[int, typer.Option(help="The newest so many.")] = 50,
    sql: Annotated[str | None, typer.Option(help="A query of your own over the table events.")] = None,
    as_json: Json = False,
    stage: StageName = "local",
    home: HomeFolder = HOME,
) -> None:
    """Find events in the backup. Conditions are combined; personal values are pseudonyms there."""
    where = at(stage, home)
    now = where.edges.clock.now()
    question = Question.of(
        order=order,
        sku=sku,
        type=type_,
        min_total=min_total,
        since=moment(since, now) if since else None,
        customer=pseudonym(where, customer) if customer else None,
        limit=limit,
    )
    if sql and question.model_dump(exclude_none=True, exclude={"limit"}):
        raise Problem("Ask with --sql or with the other options, not with both.")
    backup = Backup(where.client("athena"), where.stage.name, where.edges.clock.sleep)
    show(backup.ask(sql or question.sql()), as_json)


def pseudonym(where: Target, customer: str) -> str:
    """What the customer is called in the backup; only who may read the stage's key finds that out."""
    return pseudonyms(where.edges.secret(HASH_KEY))(customer)


def show(found: Found, as_json: bool) -> None:
    if as_json:
        emit_json(found.documents())
    elif not found.rows:
        out.print("No event is like that.")
    else:
        out.print(table_of(found))


def table_of(found: Found) -> Table:
    """Only the last column gives way where the terminal is too narrow."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    last = len(found.columns) - 1
    for number, name in enumerate(found.columns):
        numeric = any(isinstance(row[number], int | Decimal) for row in found.rows)
        justify: Literal["right", "left"] = "right" if numeric else "left"
        table.add_column(name, justify=justify, overflow="fold", no_wrap=number < last)
    for row in found.rows:
        table.add_row(*map(cell, row))
    return table


def cell(value: Any) -> str:
    if isinstance(value, list) and len(value) > MOST_NAMED:
        return f"{text(value[:MOST_NAMED])} and {len(value) - MOST_NAMED} more"
    return text(value)
