"""Edges for unit tests: a clock that stands still, jitter of nothing, ids in order, moto behind the clients."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from typing import Any
from uuid import UUID

import boto3
from moto import mock_aws

from edges.clients import Clients
from edges.clock import Chance, Clock
from edges.connect import Edges
from edges.settings import Settings
from tables.declaration import Table
from tables.registry import TABLES

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@dataclass
class FakeTime:
    """Advances only when somebody sleeps, or when a test says so; remembers the sleeps."""

    now: datetime = NOON
    slept: list[float] = field(default_factory=list)

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds)

    def clock(self) -> Clock:
        return Clock(now=lambda: self.now, monotonic=lambda: self.now.timestamp(), sleep=self.sleep)


def fake_chance() -> Chance:
    numbers = count(1)
    return Chance(jitter=lambda: 0.5, token=lambda: UUID(int=next(numbers), version=4).hex)


@cache
def session() -> boto3.session.Session:
    """One for all tests of a process: to read the services' models takes longer than most tests."""
    return boto3.session.Session("test", "test", region_name="eu-central-1")


@contextmanager
def moto_edges(time: FakeTime | None = None, **settings: Any) -> Iterator[Edges]:
    """Edges of stage `test` (or of another) on moto, with every declared table and the bus."""
    with mock_aws():
        known = Settings(**{"stage": "test", **settings})
        edges = Edges(known, Clients(session()), (time or FakeTime()).clock(), fake_chance())
        for table in TABLES:
            create_table(edges, table)
        edges.clients.events.create_event_bus(Name=edges.settings.bus)
        yield edges


def create_table(edges: Edges, table: Table) -> None:
    keys = {table.key} | {key for index in table.indexes for key in (index.partition, index.sort)}
    indexes = [
        {
            "IndexName": index.name,
            "KeySchema": [
                {"AttributeName": index.partition, "KeyType": "HASH"},
                {"AttributeName": index.sort, "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(index.includes)}
            if index.includes
            else {"ProjectionType": "KEYS_ONLY"},
        }
        for index in table.indexes
    ]
    edges.clients.dynamodb.create_table(
        TableName=edges.settings.name(table.name),
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in sorted(keys)],
        KeySchema=[{"AttributeName": table.key, "KeyType": "HASH"}],
        **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
    )
