"""The books of a stage, in the accountant's sense: its tables, ledger, mails, queues and archive at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from consumers.providers.port import LedgerEntry
from tables.mails import MailRow
from tables.order_row import OrderRow
from tables.payments import PaymentRow
from tables.reservations import ReservationRow
from tables.stock import StockRow

Items = Mapping[str, Mapping[str, Any]]
"""Key -> plain item of a table."""


@dataclass(frozen=True)
class Books:
    """`tables` holds every item of every table, `mails` the subject of each mail that was sent (it names the order),
    `queues` the number of messages in each queue and dead-letter queue, `archived` the number of archived events."""

    tables: Mapping[str, Items]
    ledger: tuple[LedgerEntry, ...]
    mails: tuple[str, ...]
    queues: Mapping[str, int]
    archived: int

    @property
    def orders(self) -> dict[str, OrderRow]:
        return {key: OrderRow.model_validate(item) for key, item in self.tables["orders"].items()}

    @property
    def stock(self) -> dict[str, StockRow]:
        return {key: StockRow.model_validate(item) for key, item in self.tables["stock"].items()}

    @property
    def payments(self) -> dict[str, PaymentRow]:
        return {key: PaymentRow.model_validate(item) for key, item in self.tables["payments"].items()}

    @property
    def reservations(self) -> dict[str, ReservationRow]:
        return {key: ReservationRow.model_validate(item) for key, item in self.tables["reservations"].items()}

    @property
    def mail_rows(self) -> dict[str, MailRow]:
        return {key: MailRow.model_validate(item) for key, item in self.tables["mails"].items()}
