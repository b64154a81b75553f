"""The reservations table: what inventory decided for each order. Its row is what makes a reservation happen once."""

from typing import Literal

from schemas.events import ItemQuantity
from tables.declaration import Table
from tables.row import Row
from tables.rows import Rows
from tables.stored_event import StoredEvent

TABLE = Table("reservations", owner="inventory", key="order_id")
"""Rows never expire: they guard against an order that comes back from the archive or a dead-letter queue."""

State = Literal["open", "reserved", "rejected", "dropped", "released", "shipped"]


class ReservationRow(Row):
    """`open` until order.created is known; `dropped` is an order that was called off before that.

    `called_off` and `ship` remember order.cancelled or payment.failed, and order.shipped, whenever they came. `items`
    has each product of the order once; `events` holds the events of the row's effects as they are published.
    """

    order_id: str
    state: State = "open"
    called_off: bool = False
    ship: bool = False
    items: list[ItemQuantity] = []
    events: list[StoredEvent] = []


class Reservations(Rows[ReservationRow]):
    TABLE, ROW = TABLE, ReservationRow
