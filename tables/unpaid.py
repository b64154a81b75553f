"""The unpaid table: how many orders somebody has placed lately, so that nobody has too many that are not paid."""

from typing import Self

from tables.declaration import Table
from tables.row import Row
from tables.rows import Rows

TABLE = Table("unpaid", owner="api_handler", key="who", expires="expires_at")


class UnpaidRow(Row):
    """`who` stands for an e-mail address or for a customer, and does not say whose: it is a keyed hash. `placed` maps
    order id -> when it was placed, in epoch seconds; `expires_at` is in epoch seconds, too."""

    who: str
    placed: dict[str, int] = {}
    expires_at: int | None = None

    def since(self, begin: int) -> Self:
        """With the orders only that were placed after `begin`."""
        return self.with_(placed={order_id: at for order_id, at in self.placed.items() if at > begin})


class Unpaid(Rows[UnpaidRow]):
    TABLE, ROW = TABLE, UnpaidRow
