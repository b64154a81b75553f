"""Reads the books of a stage."""

from consumers.providers.choose import Providers
from consumers.registry import consumers
from edges.queues import depth
from orderwire.stories.demo.books import Books, Items
from orderwire.workplace.embedded import Inside
from orderwire.workplace.stage import Target
from tables.registry import TABLES
from tables.row import plain_item


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
    return {name: depth(edges.clients.sqs, edges.settings.name(name)).total for name in names}


def archived(target: Target) -> int:
    archive = target.edges.clients.events.describe_archive(ArchiveName=target.edges.settings.bus)
    return int(archive["EventCount"])
