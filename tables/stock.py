"""The stock table: how many copies of each product are on hand, set aside and shipped.

For each product `on_hand + reserved + shipped` changes by restocking only. The inventory consumer moves copies between
the three together with a row of the reservations table; the admin's restocking adds to `on_hand`. The sum stays within
what a count holds, so that no later move of copies can be too large for its field.
"""

from schemas.types import MAX_COUNT, Count, Sku
from tables.declaration import Table
from tables.row import Row
from tables.rows import Rows

TABLE = Table("stock", owner="inventory", also=("api_handler",), key="sku")

REMEMBERED = 20
"""Restockings of a product that a row knows. One whose answer was lost looks again within seconds, so so many would
have to come in between."""


class StockRow(Row):
    """`threshold`: a reservation that takes `on_hand` below it is told once (inventory.low_stock).

    `restockings` are the tokens of the last ones, newest last, which show one whose answer was lost that it took place.
    `restocked_by`, the last of them, is for the release before, which knows no other.
    """

    sku: Sku
    on_hand: Count = 0
    reserved: Count = 0
    shipped: Count = 0
    threshold: Count = 0
    restocked_by: str | None = None
    restockings: list[str] = []

    @property
    def copies(self) -> int:
        """All there ever were; what `restocked` alone changes."""
        copies: int = self.on_hand + self.reserved + self.shipped
        return copies


class RestockRefused(ValueError):
    """The stock was not changed; `on_hand` says how many copies there are."""

    def __init__(self, message: str, on_hand: int) -> None:
        super().__init__(message)
        self.on_hand = on_hand


class NotEnough(RestockRefused):
    """More copies were to be taken away than are on hand."""


class TooMany(RestockRefused):
    """More copies than a count can hold."""


def restocked(row: StockRow | None, sku: str, delta: int, token: str) -> StockRow:
    """The product with `delta` copies more on hand, or fewer if negative; unchanged if the restocking of this token
    took place. Raises NotEnough, TooMany."""
    before = row or StockRow(sku=sku)
    if token in (before.restocked_by, *before.restockings):
        return before
    if before.on_hand + delta < 0:
        raise NotEnough(f"{before.on_hand} on hand, {-delta} cannot be taken away", before.on_hand)
    if before.copies + delta > MAX_COUNT:
        raise TooMany(f"{before.on_hand} on hand, {delta} more are too many", before.on_hand)
    known = [*before.restockings, token][-REMEMBERED:]
    return before.with_(on_hand=before.on_hand + delta, restocked_by=token, restockings=known)


class Stock(Rows[StockRow]):
    TABLE, ROW = TABLE, StockRow

    def restock(self, sku: str, delta: int) -> StockRow:
        """Adds `delta` copies (takes them away if negative) and returns the row. Raises NotEnough, TooMany, Contended.

        A reservation that read the row before notices, for its version has changed.
        """
        token = self._edges.chance.token()
        row = self.change(sku, lambda before: restocked(before, sku, delta, token))
        assert row is not None  # restocked always returns one
        return row

    def set_threshold(self, sku: str, threshold: int) -> StockRow:
        """Sets the reorder threshold, of a product without stock too, and returns the row. Raises Contended."""
        row = self.change(sku, lambda before: (before or StockRow(sku=sku)).with_(threshold=threshold))
        assert row is not None  # as above
        return row
