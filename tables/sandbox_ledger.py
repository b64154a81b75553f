"""The sandbox payment provider's own ledger: what a real provider would keep on its side."""

from pydantic import BaseModel, ConfigDict

from schemas.types import Money
from tables.declaration import Table
from tables.row import Row
from tables.rows import Rows
from tables.statuses import Status

TABLE = Table("sandbox-ledger", owner="payment", key="order_id")
"""Rows never expire, so unlike a real provider the sandbox never forgets an idempotency key."""


class Operation(BaseModel):
    """What was asked for under one idempotency key: for how much, how often, and whether it has taken effect."""

    model_config = ConfigDict(frozen=True)

    amount: Money
    attempts: int = 0
    done: bool = False


class LedgerRow(Row):
    """The payment of one order. `operations` maps idempotency key -> operation; no token is kept.

    `loses_answers`: the first answer to each operation gets lost after the operation has taken effect.
    """

    order_id: str
    amount: Money
    currency: str
    status: Status = "none"
    reason: str | None = None
    reference: str
    loses_answers: bool = False
    operations: dict[str, Operation] = {}


class SandboxLedger(Rows[LedgerRow]):
    TABLE, ROW = TABLE, LedgerRow
