"""The reservations table: what inventory decided for each order. Its row is what makes a reservation happen once."""

from typing import Literal

from schemas.events import ItemQuantity, Shortage
from tables.declaration import Table
from tables.rows import Row, Rows

TABLE = Table("reservations", owner="inventory", key="order_id")
"""Rows never expire: they guard against an order that comes back from the archive or a dead-letter queue."""


class ReservationRow(Row):
    """`called_off` and `shipped` remember order.cancelled or payment.failed, and order.shipped, whenever they came.

    `events` holds the events of the row's effects as published: event id -> text; `types` their detail-types.
    """

    order_id: str
    state: Literal["open", "reserved", "rejected", "released", "shipped"] = "open"
    items: list[ItemQuantity] = []
    shortages: list[Shortage] = []
    called_off: bool = False
    ship: bool = False
    events: list[str] = []


class Reservations(Rows[ReservationRow]):
    TABLE, ROW = TABLE, ReservationRow
