"""The books of a stage, in the accountant's sense: its tables, ledger, mails, queues and archive at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from consumers.providers.choose import Providers
from consumers.providers.port import LedgerEntry
from consumers.registry import consumers
from edges.queues import counts
from orderwire.operate.reconcile import Difference, reconcile
from orderwire.workplace.embedded import Inside
from orderwire.workplace.stage import Target
from tables.mails import MailRow
from tables.order_row import OrderRow
from tables.payments import PaymentRow
from tables.registry import TABLES
from tables.reservations import ReservationRow
from tables.rows import plain_item
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

    @property
    def differences(self) -> list[Difference]:
        return reconcile(self.payments.values(), self.ledger)


def read_books(target: Target, inside: Inside) -> Books:
    """Reads everything, one thing after the other: the system must be quiet."""
    return Books(
        tables={table.name: items(target, table.name, table.key) for table in TABLES},
        ledger=tuple(sorted(Providers(target.edges).sandbox.ledger(), key=lambda entry: entry.order_id)),
        mails=tuple(mail["Subject"] for mail in inside.mails()),
        queues=queues(target),
        archived=archived(target),
    )


def items(target: Target, table: str, key: str) -> Items:
    client, name = target.edges.clients.dynamodb, target.edges.settings.name(table)
    pages = client.get_paginator("scan").paginate(TableName=name, ConsistentRead=True)
    rows = (plain_item(item) for page in pages for item in page["Items"])
    return {row[key]: row for row in rows}


def queues(target: Target) -> dict[str, int]:
    """Queue name without its stage -> messages in it, whether waiting, in flight or delayed."""
    edges = target.edges
    names = [name for row in consumers() for name in (row.name, row.dead_letters)]
    return {name: sum(counts(edges.clients.sqs, edges.settings.name(name))) for name in names}


def archived(target: Target) -> int:
    archive = target.edges.clients.events.describe_archive(ArchiveName=target.edges.settings.bus)
    return int(archive["EventCount"])
