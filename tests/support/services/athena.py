"""Athena for unit tests: DuckDB over the lines of the backup, with answers in pages of a few rows."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import duckdb

from consumers.decisions.backup_lines import LINE, line, pseudonyms
from edges.publisher import AnyEvent
from infrastructure.resources.backup import LINES, PARTITIONS

PAGE = 3
PSEUDONYM = pseudonyms("stage secret")
DUCKDB = {"string": "VARCHAR", "array<string>": "VARCHAR[]", "double": "DOUBLE", "int": "INTEGER"}


class FakeAthena:
    """Returns queries over these events; one that is given twice has two lines. `pages` counts what was read."""

    def __init__(self, events: Iterable[AnyEvent]) -> None:
        self._database, self._answer = duckdb.connect(), duckdb.connect()
        self.pages = 0
        columns = {**LINE, **PARTITIONS}
        declared = ", ".join(f"{name} {DUCKDB[type_]}" for name, type_ in columns.items())
        self._database.execute(f"CREATE TABLE {LINES} ({declared})")
        for event in events:
            at = event.metadata.occurred_at
            row = [*json.loads(line(event, PSEUDONYM)).values(), f"{at:%Y-%m-%d}", at.hour]
            self._database.execute(f"INSERT INTO {LINES} VALUES ({', '.join('?' * len(columns))})", row)

    def start_query_execution(self, *, QueryString: str, **_: Any) -> dict[str, str]:  # noqa: N803
        self._answer = self._database.execute(QueryString)
        return {"QueryExecutionId": "q-1"}

    def get_query_execution(self, **_: Any) -> dict[str, Any]:
        return {"QueryExecution": {"Status": {"State": "SUCCEEDED"}}}

    def get_paginator(self, _: str) -> "FakeAthena":
        return self

    def paginate(self, **_: Any) -> Iterator[dict[str, Any]]:
        names = [column[0] for column in self._answer.description or []]
        metadata = {"ColumnInfo": [{"Name": name, "Type": "varchar"} for name in names]}
        rows = [names, *self._answer.fetchall()]
        for start in range(0, len(rows), PAGE):
            self.pages += 1
            data = [
                {"Data": [{"VarCharValue": str(value)} if value is not None else {} for value in row]}
                for row in rows[start : start + PAGE]
            ]
            yield {"ResultSet": {"Rows": data, "ResultSetMetadata": metadata}}
