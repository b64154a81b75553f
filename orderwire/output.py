"""What commands print: tables for people, JSON for programs, on standard output; everything else on standard error."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from schemas.types import format_time

out = Console(soft_wrap=False)
err = Console(stderr=True)


def emit_json(document: Any) -> None:
    out.print_json(json.dumps(document, default=plain), indent=2, highlight=out.is_terminal)


def emit(rows: Sequence[Any], as_json: bool, empty: str, columns: Sequence[str] = ()) -> None:
    """Prints dataclass instances of one class: a JSON list of objects, or a table with a column per field.

    `columns` names the fields that the table has room for, `empty` is what a person reads if there are no rows.
    """
    if as_json:
        emit_json([asdict(row) for row in rows])
    elif not rows:
        out.print(empty)
    else:
        out.print(table_of(rows, columns))


def table_of(rows: Sequence[Any], columns: Sequence[str] = ()) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    names = columns or [field.name for field in fields(rows[0])]
    for name in names:
        numbers = isinstance(getattr(rows[0], name), int | float | Decimal)
        first = name == names[0]
        table.add_column(name.replace("_", " "), justify="right" if numbers else "left", overflow="fold", no_wrap=first)
    for row in rows:
        table.add_row(*(text(getattr(row, name)) for name in names))
    return table


def text(value: Any) -> str:
    """A value in a table's cell."""
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M")
        case list() | tuple():
            return ", ".join(map(text, value))
    return str(value)


def plain(value: Any) -> Any:
    """What JSON has no form for: money as a number, times in the events' own form."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return format_time(value)
    raise TypeError(f"{type(value).__name__} is no plain data")


@contextmanager
def progress() -> Iterator[Progress]:
    """A progress display on standard error, gone when the block ends; nothing where nobody watches."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bars:
        yield bars
