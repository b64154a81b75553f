"""The sandbox payment provider's own ledger: what a real provider would keep on its side."""

from tables.declaration import Table
from tables.rows import Row, Rows

TABLE = Table("sandbox-ledger", owner="payment", key="order_id")


class LedgerRow(Row):
    order_id: str


class SandboxLedger(Rows[LedgerRow]):
    TABLE, ROW = TABLE, LedgerRow
