"""What commands print: tables for people, JSON for programs, on standard output; everything else on standard error.

What is printed comes from customers and other teams. Rich takes none of it for markup, and of the characters by which a
text could take the terminal over none gets there.
"""

import codecs
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from datetime import datetime
from decimal import Decimal
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, TextIO

from rich.console import Console
from rich.highlighter import JSONHighlighter
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from rich.progress import Progress

out = Console(soft_wrap=False, markup=False, emoji=False)
err = Console(stderr=True, markup=False, emoji=False)

IN_A_LOG = 200
"""Characters of a line where there is no window that somebody could widen."""

_CONTROLS = "\0-\x08\x0b-\x1f\x7f-\x9f\u2028-\u2029\ud800-\udfff"
"""Control characters but tab and line feed, separators of lines, and halves of characters."""
_MARKS = "\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
_RARER_MARKS = "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
"""With those before: what turns the direction of writing, and format characters and tags that nobody sees."""
_BLANKS = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"
"""Letters and accents that nobody sees either."""
_JOINERS = "(?<![^\0-\u02ff])[\u200c\u200d]|[\u200c\u200d](?![^\0-\u02ff])"
"""Beside Latin letters, digits and signs nothing is joined; other scripts and emoji need them."""

UNPRINTABLE = re.compile(f"[{_CONTROLS}{_MARKS}{_RARER_MARKS}{_BLANKS}]|{_JOINERS}")
"""What must not reach a terminal: it would move it, or make one text look like another."""

LINE_FEED = "\N{DOWNWARDS ARROW WITH CORNER LEFTWARDS}"


def say(line: str, style: str = "", console: Console = out) -> None:
    """Prints a text as it is, but for what is unprintable."""
    console.print(printable(line, style), soft_wrap=True)


def printable(said: str, style: str = "") -> Text:
    """With a mark in place of each character that must not reach a terminal, and spaces in place of tabs, to which a
    table gives no room."""
    return Text(UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", said.expandtabs()), style)


def in_cell(said: str, style: str = "") -> Text:
    """The same in one line: with a line of its own, a text could draw a row that is not there."""
    return printable(said.replace("\n", LINE_FEED), style)


def emit_json(document: Any) -> None:
    """In JSON's own escapes what standard output has no characters for: a program reads it all the same."""
    text = json.dumps(document, default=plain, indent=2, ensure_ascii=not knows_all(out.encoding), allow_nan=False)
    written = UNPRINTABLE.sub(escaped, text)
    shown = JSONHighlighter()(written) if out.is_terminal else Text(written)
    out.print(shown, soft_wrap=True)


def knows_all(encoding: str) -> bool:
    return codecs.lookup(encoding).name.startswith("utf")


def forgive(*streams: TextIO) -> None:
    """Lets the streams put a `?` for what their encoding has no character for, rather than end the command."""
    for stream in streams:
        if isinstance(stream, TextIOWrapper) and not knows_all(stream.encoding):
            stream.reconfigure(errors="replace")


def escaped(character: re.Match[str]) -> str:
    """As JSON has it; outside its strings there is none of these."""
    return json.dumps(character[0])[1:-1]


def emit(rows: Sequence[Any], as_json: bool, empty: str, columns: Sequence[str] = ()) -> None:
    """Prints dataclass instances of one class: a JSON list of objects, or a table with a column per field.

    `columns` names the fields that the table has room for, `empty` is what a person reads if there are no rows.
    """
    if as_json:
        emit_json([asdict(row) for row in rows])
    elif not rows:
        say(empty)
    else:
        print_table(table_of(rows, columns))


def print_table(table: Table, console: Console = out) -> None:
    """Prints a table: within the window, or in a log without breaking what somebody looks for there."""
    wide = Console(file=console.file, width=IN_A_LOG, markup=False, emoji=False)
    (console if console.is_terminal else wide).print(table)


def table_of(rows: Sequence[Any], columns: Sequence[str] = ()) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    names = columns or [field.name for field in fields(rows[0])]
    for name in names:
        numbers = isinstance(getattr(rows[0], name), int | float | Decimal)
        first = name == names[0]
        table.add_column(name.replace("_", " "), justify="right" if numbers else "left", overflow="fold", no_wrap=first)
    for row in rows:
        table.add_row(*(in_cell(text(getattr(row, name))) for name in names))
    return table


def text(value: Any) -> str:
    """A value as a table's cell says it."""
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
    """What JSON has no form for: money as a number, what is no number as text, times in the events' own form."""
    if isinstance(value, Decimal):
        return float(value) if value.is_finite() else str(value)
    if isinstance(value, datetime):
        from schemas.types import format_time  # and with it pydantic, which a text has no need of

        return format_time(value)
    raise TypeError(f"{type(value).__name__} is no plain data")


@contextmanager
def progress() -> "Iterator[Progress]":
    """A progress display on standard error, gone when the block ends; nothing where nobody watches."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bars:
        yield bars
