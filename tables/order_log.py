"""The order-log table: every message to the in-house team, as it was posted."""

from schemas.types import Time
from tables.declaration import Table
from tables.row import Row
from tables.rows import Rows
from tables.stored_event import StoredEvent

TABLE = Table("order-log", owner="order_log", key="id")
"""Rows never expire."""


class LogRow(Row):
    """`id` is the message's own: that of the event it tells of, so that one told twice is logged once. `posted` is when
    it was posted first, for people (`2026-11-20 09:30:00 UTC`); `posted_at` is the same for programs, `sns_id` is what
    SNS called that message. The event has no personal fields."""

    id: str
    order_id: str
    posted: str
    posted_at: Time
    sns_id: str
    message: str
    event: StoredEvent


class OrderLog(Rows[LogRow]):
    TABLE, ROW = TABLE, LogRow
