"""Typed rows of a table: read, changed by a pure function, put back only if nobody else changed them meanwhile."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from botocore.exceptions import ClientError

from edges.clients import Clients
from edges.clock import Chance, Clock
from tables.conflicts import Conflict, Contended
from tables.declaration import Table
from tables.row import Item, Row, plain_item, serialize

ATTEMPTS = 12
FIRST_DELAY, LONGEST_DELAY = 0.01, 0.5
BATCH = 100


class StageNames(Protocol):
    """What a table is called in its stage."""

    def name(self, resource: str) -> str: ...


class TableEdges(Protocol):
    """What the tables need of `edges.connect.Edges`."""

    @property
    def settings(self) -> StageNames: ...
    @property
    def clients(self) -> Clients: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def chance(self) -> Chance: ...


R = TypeVar("R", bound=Row)


class Rows(Generic[R]):
    """The rows of one table in one stage."""

    TABLE: ClassVar[Table]
    ROW: type[R]

    def __init__(self, edges: TableEdges) -> None:
        self._edges = edges
        self.name = edges.settings.name(self.TABLE.name)

    @property
    def _client(self) -> Any:
        return self._edges.clients.dynamodb

    def get(self, key: str) -> R | None:
        """The row as it is now (a consistent read), or None."""
        answer = self._client.get_item(TableName=self.name, Key=self._key(key), ConsistentRead=True)
        return self.ROW.from_item(answer["Item"]) if "Item" in answer else None

    def get_many(self, keys: Iterable[str]) -> dict[str, R]:
        """Key -> row of those that exist, as they are now; one BatchGetItem per hundred keys."""
        wanted = [self._key(key) for key in dict.fromkeys(keys)]
        found: dict[str, R] = {}
        for start in range(0, len(wanted), BATCH):
            for item in self._batch(wanted[start : start + BATCH]):
                row = self.ROW.from_item(item)
                found[getattr(row, self.TABLE.key)] = row
        return found

    def _batch(self, keys: Sequence[Item]) -> Iterator[Item]:
        request: Any = {self.name: {"Keys": keys, "ConsistentRead": True}}
        for attempt in range(ATTEMPTS):
            answer = self._client.batch_get_item(RequestItems=request)
            yield from answer["Responses"].get(self.name, [])
            request = answer.get("UnprocessedKeys")
            if not request:
                return
            pause(self._edges, attempt)
        raise Contended(f"{self.name}: keys left unread")

    def scan(self) -> Iterator[R]:
        """Every row, in no order. For a small table or a person's command, never on an order's way."""
        for page in self._client.get_paginator("scan").paginate(TableName=self.name, ConsistentRead=True):
            yield from (self.ROW.from_item(item) for item in page["Items"])

    def query(
        self, index: str, partition: str, *, below: str | None = None, newest_first: bool = True, limit: int = 100
    ) -> list[Item]:
        """Up to `limit` plain items of one partition of an index, sort keys below `below` if given."""
        declared = next(each for each in self.TABLE.indexes if each.name == index)
        condition, names = "#p = :p", {"#p": declared.partition}
        values = {":p": {"S": partition}}
        if below is not None:
            condition, names["#s"], values[":s"] = condition + " AND #s < :s", declared.sort, {"S": below}
        pages = self._client.get_paginator("query").paginate(
            TableName=self.name,
            IndexName=index,
            KeyConditionExpression=condition,
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=values,
            ScanIndexForward=not newest_first,
            PaginationConfig={"MaxItems": limit, "PageSize": limit},  # large rows: a page ends at 1 MB
        )
        return [plain_item(item) for page in pages for item in page["Items"]]

    def put_action(self, row: R) -> Item:
        """The conditional put of a changed row: holds if the stored version is still `row.version`."""
        stored = row.with_(version=row.version + 1)
        action: Item = {"TableName": self.name, "Item": stored.to_item()}
        if row.version == 0:
            return action | {
                "ConditionExpression": "attribute_not_exists(#k)",
                "ExpressionAttributeNames": {"#k": self.TABLE.key},
            }
        return action | {
            "ConditionExpression": "#v = :v",
            "ExpressionAttributeNames": {"#v": "version"},
            "ExpressionAttributeValues": {":v": serialize(row.version)},
        }

    def put(self, row: R) -> R:
        """Stores a changed row and returns it as stored. Raises Conflict if its version is not the stored one."""
        try:
            self._client.put_item(**self.put_action(row))
        except ClientError as error:
            raise as_conflict(error) from error
        return row.with_(version=row.version + 1)

    def change(self, key: str, change: Callable[[R | None], R | None], seen: R | None = None) -> R | None:
        """Read, apply the pure `change`, put back; again if somebody was faster. No write if nothing changed.

        `change` gets None where there is no row, and returns None for no row. A row just written may be passed as
        `seen`, which saves the first read. Raises Contended. A write whose answer is lost is applied again to the row
        that it made, so `change` must be one that makes no difference then.
        """
        known = seen

        def attempt() -> R | None:
            nonlocal known
            before, known = known or self.get(key), None
            after = change(before)
            return after if after is None or after == before else self.put(after)

        return until_no_conflict(self._edges, attempt)

    def _key(self, key: str) -> Item:
        return {self.TABLE.key: {"S": key}}


T = TypeVar("T")


def until_no_conflict(edges: TableEdges, attempt: Callable[[], T]) -> T:
    """Runs `attempt` until it raises no Conflict, with full jitter between. Raises Contended after twelve attempts."""
    for count in range(ATTEMPTS):
        try:
            return attempt()
        except Conflict:
            pause(edges, count)
    raise Contended(f"still in conflict after {ATTEMPTS} attempts")


def pause(edges: TableEdges, attempt: int) -> None:
    edges.clock.sleep(edges.chance.jitter() * min(LONGEST_DELAY, FIRST_DELAY * 2**attempt))


def transact(edges: TableEdges, puts: Sequence[Item]) -> None:
    """All conditional puts (`Rows.put_action`) or none, at most 100. Raises Conflict if one did not hold.

    One alone is no transaction, which would cost double.
    """
    dynamodb = edges.clients.dynamodb
    try:
        if len(puts) == 1:
            dynamodb.put_item(**puts[0])
        else:
            dynamodb.transact_write_items(TransactItems=[{"Put": put} for put in puts])
    except ClientError as error:
        raise as_conflict(error) from error


_CONTENTION = {"ConditionalCheckFailed", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}


def as_conflict(error: ClientError) -> Exception:
    """Conflict where DynamoDB says that a condition or a concurrent write was in the way, else the error itself."""
    response: dict[str, Any] = error.response
    code = response["Error"]["Code"]
    if code in {"ConditionalCheckFailedException", "TransactionConflictException", "TransactionInProgressException"}:
        return Conflict(code)
    reasons = {each.get("Code", "None") for each in response.get("CancellationReasons", [])} - {"None"}
    if code == "TransactionCanceledException" and reasons and reasons <= _CONTENTION:
        return Conflict(", ".join(sorted(reasons)))
    unchanged: Exception = error
    return unchanged
