"""`orderwire search`."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

import typer
from rich.table import Table

from consumers.decisions.backup_lines import HASH_KEY, pseudonyms
from orderwire.cli.options import HOME, HomeFolder, Json, StageName, at
from orderwire.console.output import emit_json, in_cell, out, say, text
from orderwire.console.problem import Problem
from orderwire.operate.replay.period import earlier, moment
from orderwire.operate.search import Backup, QueryResult, Question
from orderwire.workplace.stage import Target

app = typer.Typer()

WIDE, NARROW = 120, ("occurred_at", "type", "order_id", "total")
"""From how many characters on a terminal has room for everything that is found, and what it has room for below."""

FIRST_YEAR = 2000
"""Before it no event has a time (`schemas.types`)."""

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
    where = at(stage, home)
    now = where.edges.clock.now()
    question = Question.of(
        order=order,
        sku=sku,
        type=type_,
        min_total=min_total,
        since=None if since is None else beginning(since, now),
        customer=None if customer is None else pseudonym(where, customer),
        limit=limit,
    )
    if sql is not None and question.model_dump(exclude_none=True, exclude={"limit"}):
        raise Problem("Ask with --sql or with the other options, not with both.")
    backup = Backup(where.client("athena"), where.stage.name, where.edges.clock.sleep)
    columns = None if sql is not None or out.width >= WIDE else NARROW
    show(backup.ask(question.sql() if sql is None else sql), as_json, columns)


def beginning(since: str, now: datetime) -> datetime:
    """The time that an age (`2h`) or a time stands for. Raises Problem."""
    begins = moment("--since", since) if since[4:5] == "-" else earlier(now, since)
    if begins > now:
        raise Problem(f"--since lies in the future: it is {now:%Y-%m-%dT%H:%M:%SZ} now.")
    if begins.year < FIRST_YEAR:
        raise Problem(f"There were no orders in {begins.year}: nothing reaches back that far.")
    return begins


def pseudonym(where: Target, customer: str) -> str:
    """What the customer is called in the backup; only who may read the stage's key finds that out."""
    return pseudonyms(where.edges.secret(HASH_KEY))(customer)


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
