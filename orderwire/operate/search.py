"""Questions to the backup, in SQL, through Athena: ready-made ones, and whatever a person writes.

A query reads the table `events`, which has every event once. It is put before the query as a named query (WITH), the
same as the view that the stack declares, because the embedded AWS has no views. It has no execution parameters either,
so the ready-made queries hold values as quoted literals, each checked against its type in the contracts first.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from consumers.decisions.backup_lines import HASH_KEY, pseudonyms
from edges.clock import Clock
from infrastructure.resources.backup import EVENTS, database
from orderwire.console.problem import Problem
from orderwire.console.waiting import wait_until
from orderwire.operate.replay.period import beginning
from orderwire.operate.sql import literal, with_events
from orderwire.workplace.stage import Target
from schemas.envelope import REGISTRY
from schemas.parse import pointed
from schemas.types import TIME_PATTERN, Money, OrderId, Sku, Time, format_time

SHOWN = ("occurred_at", "type", "order_id", "total", "currency", "skus")
BETWEEN_LOOKS = 0.2
"""Seconds between looks at a query that runs."""

_WHOLE = frozenset({"tinyint", "smallint", "integer", "int", "bigint"})
_BROKEN = frozenset({"double", "float", "real", "decimal"})


def _known_type(value: str) -> str:
    known = sorted({contract.DETAIL_TYPE for contract in REGISTRY.values()})
    if value not in known:
        raise ValueError(f"must be one of {', '.join(known)}")
    return value


class Question(BaseModel):
    """The conditions that an event must meet; None is no condition. `customer` is a pseudonym."""

    model_config = ConfigDict(frozen=True)

    order: OrderId | None = None
    sku: Sku | None = None
    type: Annotated[str, AfterValidator(_known_type)] | None = None
    min_total: Money | None = None
    since: Time | None = None
    customer: Annotated[str, Field(pattern="^[0-9a-f]{32}$")] | None = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 50

    @classmethod
    def of(cls, **options: Any) -> "Question":
        """Raises Problem naming the option that is wrong."""
        try:
            return cls.model_validate({name: value for name, value in options.items() if value is not None})
        except ValidationError as error:
            told = (f"--{pointer.strip('/').replace('_', '-')}: {message}" for pointer, message in pointed(error))
            raise Problem("; ".join(told)) from None

    def sql(self) -> str:
        """The newest events first."""
        where = " AND ".join(self._conditions()) or "true"
        return (
            f"SELECT {', '.join(SHOWN)} FROM {EVENTS} WHERE {where} "  # noqa: S608  (see _conditions)
            f"ORDER BY occurred_at DESC, event_id LIMIT {self.limit}"
        )

    def _conditions(self) -> Iterator[str]:
        """Every value is one of a checked type, and a literal of SQL."""
        if self.order:
            yield f"order_id = {literal(self.order)}"
        if self.sku:
            yield f"contains(skus, {literal(self.sku)})"
        if self.type:
            yield f"type = {literal(self.type)}"
        if self.customer:
            yield f"customer_id = {literal(self.customer)}"
        if self.min_total is not None:
            yield f"total >= {self.min_total}"
        if self.since:  # the day keeps older partitions from being read
            yield f"date >= {literal(f'{self.since:%Y-%m-%d}')} AND occurred_at >= {literal(format_time(self.since))}"


@dataclass(frozen=True)
class QueryResult:
    """The answer to a query; each value has the Python type of its column. Two columns may have one name."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]

    def documents(self) -> list[dict[str, Any]]:
        """Raises Problem if a column's name is not its alone."""
        twice = [name for name, times in Counter(self.columns).items() if times > 1]
        if twice:
            named = ", ".join(map(repr, twice))
            raise Problem(
                f"More than one column is called {named}, and JSON has room for one: name them apart with AS."
            )
        return [dict(zip(self.columns, map(for_json, row), strict=True)) for row in self.rows]


class Backup:
    """The backup of one stage. `athena` is the client, `sleep` is in seconds."""

    def __init__(self, athena: Any, stage: str, sleep: Callable[[float], None]) -> None:
        self._athena, self._stage, self._sleep = athena, stage, sleep

    def ask(self, sql: str) -> QueryResult:
        """Runs a query over `events` and waits for its answer. Raises Problem with Athena's reason if it fails."""
        pages = list(self._pages(sql))
        columns = tuple(column["Name"] for column in pages[0][0])
        return QueryResult(columns, [values_of(types, row) for types, rows in pages for row in rows])

    def each(self, sql: str) -> Iterator[dict[str, Any]]:
        """The rows of a query's answer, of which no more than a page is kept. Raises Problem as `ask` does."""
        for columns, rows in self._pages(sql):
            for row in rows:
                yield dict(zip((column["Name"] for column in columns), values_of(columns, row), strict=True))

    def _start(self, sql: str) -> str:
        started = self._athena.start_query_execution(
            QueryString=with_events(sql),
            QueryExecutionContext={"Database": database(self._stage)},
            WorkGroup=f"orderwire-{self._stage}",
        )
        self._wait(started["QueryExecutionId"])
        return str(started["QueryExecutionId"])

    def _wait(self, query: str) -> None:
        def answered() -> bool:
            status = self._athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
            if status["State"] in {"FAILED", "CANCELLED"}:
                raise Problem(f"Athena could not answer: {status.get('StateChangeReason', status['State'])}")
            return bool(status["State"] == "SUCCEEDED")

        wait_until(answered, math.inf, BETWEEN_LOOKS, clock=Clock(sleep=self._sleep))

    def _pages(self, sql: str) -> Iterator["Page"]:
        """The first row of the first page repeats the names of the columns."""
        pages = self._athena.get_paginator("get_query_results").paginate(QueryExecutionId=self._start(sql))
        for number, page in enumerate(pages):
            rows = [row["Data"] for row in page["ResultSet"]["Rows"]]
            yield page["ResultSet"]["ResultSetMetadata"]["ColumnInfo"], rows[number == 0 :]


def for_json(value: Any) -> Any:
    """A number that a reader of JSON, who makes a double of it, would read as another one, as text."""
    if isinstance(value, Decimal) and not (value.is_finite() and Decimal(repr(float(value))) == value):
        return str(value)
    return value


Column = Mapping[str, str]
Datum = Mapping[str, str]
Page = tuple[Sequence[Column], Sequence[Sequence[Datum]]]


def values_of(columns: Sequence[Column], row: Sequence[Datum]) -> list[Any]:
    return [value_of(column, datum) for column, datum in zip(columns, row, strict=True)]


def value_of(column: Column, datum: Datum) -> Any:
    """A value of an answer in the Python type of its column: Athena gives all values as text."""
    text, type_ = datum.get("VarCharValue"), column["Type"].split("(")[0]
    if text is None:
        return None
    if type_ in _WHOLE:
        return int(text)
    if type_ in _BROKEN:
        return Decimal(text)
    if type_ == "boolean":
        return text == "true"
    if type_ == "timestamp" or re.fullmatch(TIME_PATTERN[1:-1], text):
        return time_of(text)
    if column["Name"] == "skus" and text.startswith("["):
        return re.findall(r"[A-Za-z0-9._-]+", text)
    return text


def time_of(text: str) -> datetime | str:
    """In UTC, as the embedded AWS reads the times of the events; a year that Python does not know stays text."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return text
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def search_backup(
    where: Target, sql: str | None, since: str | None, customer: str | None, limit: int, **conditions: Any
) -> QueryResult:
    """Asks the stage's backup a person's own SQL, or else for the newest events that meet the conditions: `since` is an
    age or a time, `customer` an id, the others are those of Question. Raises Problem."""
    question = Question.of(
        since=None if since is None else beginning(since, where.edges.clock.now()),
        customer=None if customer is None else pseudonym(where, customer),
        limit=limit,
        **conditions,
    )
    if sql is not None and question.model_dump(exclude_none=True, exclude={"limit"}):
        raise Problem("Ask with --sql or with the other options, not with both.")
    backup = Backup(where.client("athena"), where.stage.name, where.edges.clock.sleep)
    return backup.ask(question.sql() if sql is None else sql)


def pseudonym(where: Target, customer: str) -> str:
    """What the customer is called in the backup; only who may read the stage's key finds that out."""
    return pseudonyms(where.edges.secret(HASH_KEY))(customer)
