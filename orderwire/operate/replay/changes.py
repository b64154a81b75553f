"""What a replay changed: the rows of the tables that consumers own, before and after it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from edges.connect import Edges
from orderwire.console.output import plain
from tables.declaration import Table
from tables.registry import TABLES
from tables.rows import plain_item

Prints = Mapping[str, bytes]
"""Key of a row -> fingerprint of what it says, so that a large table fits into memory twice."""


@dataclass(frozen=True)
class TableChange:
    """`rows` is how many the table has now; the others are how many of them differ from before, and how."""

    table: str
    rows: int
    added: int
    changed: int
    removed: int

    @property
    def any(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def owned(consumers: Iterable[str]) -> list[Table]:
    """The tables in which these consumers create the rows."""
    names = {name.replace("-", "_") for name in consumers}
    return [table for table in TABLES if table.owner in names]


def prints(edges: Edges, tables: Iterable[Table]) -> dict[str, Prints]:
    """Table -> fingerprints of all its rows."""
    return {table.name: dict(prints_of(edges, table)) for table in tables}


def prints_of(edges: Edges, table: Table) -> Iterable[tuple[str, bytes]]:
    name = edges.settings.name(table.name)
    for page in edges.clients.dynamodb.get_paginator("scan").paginate(TableName=name, ConsistentRead=True):
        for item in map(plain_item, page["Items"]):
            yield item[table.key], fingerprint(item)


def fingerprint(item: Mapping[str, Any]) -> bytes:
    """Of everything in a row but its version, which counts how often it was written and says nothing of the order."""
    said = {key: value for key, value in item.items() if key != "version"}
    return sha256(json.dumps(said, sort_keys=True, default=plain).encode()).digest()


def changes(before: Mapping[str, Prints], after: Mapping[str, Prints]) -> list[TableChange]:
    return [change(table, before[table], after[table]) for table in before]


def change(table: str, before: Prints, after: Prints) -> TableChange:
    both = before.keys() & after.keys()
    return TableChange(
        table=table,
        rows=len(after),
        added=len(after.keys() - both),
        changed=sum(before[key] != after[key] for key in both),
        removed=len(before.keys() - both),
    )
