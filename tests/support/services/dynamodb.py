"""DynamoDB in memory, for tests that run thousands of deliveries: the calls and conditions that `tables.rows` uses.

Each call is atomic, as DynamoDB's are. `faults` gives what goes wrong with the next writes; moto and the embedded AWS
raise none of these themselves.
"""

from collections.abc import Iterable
from copy import deepcopy
from threading import Lock
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from edges.connect import Edges
from edges.settings import Settings
from tables.registry import TABLES
from tests.support.edges import FakeTime, fake_chance

FINE, CONFLICT, LOST, REPEATED = "fine", "conflict", "lost", "repeated"
"""A write that works; one that meets another transaction; one that is stored, but whose answer never comes; one that
botocore sends again by itself because its first answer did not come, and whose condition no longer holds then."""

STAGE = "test"
KEYS = {f"orderwire-{STAGE}-{table.name}": table.key for table in TABLES}


class FakeDynamoDB:
    """`writes` lists every stored item as (table, item before or None, item after), in order."""

    def __init__(self, faults: Iterable[str] = ()) -> None:
        self.tables: dict[str, dict[str, Any]] = {name: {} for name in KEYS}
        self.writes: list[tuple[str, Any, Any]] = []
        self.faults = iter(faults)
        self._lock = Lock()

    def get_item(self, **get: Any) -> dict[str, Any]:
        with self._lock:
            found = self._found(get["TableName"], [get["Key"]])
            return {"Item": found[0]} if found else {}

    def batch_get_item(self, **get: Any) -> dict[str, Any]:
        with self._lock:
            asked = get["RequestItems"].items()
            return {"Responses": {name: self._found(name, request["Keys"]) for name, request in asked}}

    def _found(self, table: str, keys: Any) -> list[Any]:
        found = (self.tables[table].get(_key_of(table, key)) for key in keys)
        return [deepcopy(item) for item in found if item]

    def put_item(self, **put: Any) -> dict[str, Any]:
        fault = next(self.faults, FINE)
        with self._lock:
            if fault == CONFLICT:
                raise ClientError({"Error": {"Code": "TransactionConflictException"}}, "PutItem")
            if not self._holds(put):
                raise ClientError({"Error": {"Code": "ConditionalCheckFailedException"}}, "PutItem")
            self._store(put)
        return _answer(fault)

    def transact_write_items(self, **transaction: Any) -> dict[str, Any]:
        puts = [each["Put"] for each in transaction["TransactItems"]]
        fault = next(self.faults, FINE)
        with self._lock:
            if fault == CONFLICT:
                raise _cancelled(["TransactionConflict" if number == 0 else "None" for number in range(len(puts))])
            holds = [self._holds(put) for put in puts]
            if not all(holds):
                raise _cancelled(["None" if held else "ConditionalCheckFailed" for held in holds])
            for put in puts:
                self._store(put)
        return _answer(fault)

    def _holds(self, put: Any) -> bool:
        stored = self.tables[put["TableName"]].get(_key_of(put["TableName"], put["Item"]))
        if put["ConditionExpression"].startswith("attribute_not_exists"):
            return stored is None
        return stored is not None and stored["version"] == put["ExpressionAttributeValues"][":v"]

    def _store(self, put: Any) -> None:
        table, item = put["TableName"], deepcopy(put["Item"])
        key = _key_of(table, item)
        self.writes.append((table, self.tables[table].get(key), item))
        self.tables[table][key] = item


def _key_of(table: str, item: Any) -> str:
    key: str = item[KEYS[table]]["S"]
    return key


def _answer(fault: str) -> dict[str, Any]:
    if fault == REPEATED:
        raise ClientError({"Error": {"Code": "ConditionalCheckFailedException"}}, "PutItem")
    if fault == LOST:
        raise ReadTimeoutError(endpoint_url="https://dynamodb.test")
    return {}


def _cancelled(codes: list[str]) -> ClientError:
    """As DynamoDB says it: a reason per item of the transaction."""
    response: Any = {
        "Error": {"Code": "TransactionCanceledException"},
        "CancellationReasons": [{"Code": code} for code in codes],
    }
    return ClientError(response, "TransactWriteItems")


def fake_edges(faults: Iterable[str] = (), time: FakeTime | None = None, **clients: Any) -> Edges:
    """Edges of stage `test` with a FakeDynamoDB and the other `clients` by name; the clock stands still."""
    fakes: Any = SimpleNamespace(**{"dynamodb": FakeDynamoDB(faults), **clients})
    return Edges(Settings(stage=STAGE), fakes, (time or FakeTime()).clock(), fake_chance())
