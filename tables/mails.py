"""The mails table: what notification keeps of each order, and which mails were sent for it."""

from tables.declaration import Table
from tables.rows import Row, Rows

TABLE = Table("mails", owner="notification", key="order_id")
"""Rows never expire: they guard against an order that comes back from the archive or a dead-letter queue."""


class MailRow(Row):
    order_id: str


class Mails(Rows[MailRow]):
    TABLE, ROW = TABLE, MailRow
