"""The messages to the in-house team, as the order log keeps them."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from edges.connect import Edges
from tables.order_log import LogRow, OrderLog


@dataclass(frozen=True)
class Logged:
    """`posted` is for people, `posted_at` the same moment for programs; `sns_id` is what SNS called the message.
    `event` is what it tells of."""

    id: str
    posted: str
    message: str
    order_id: str
    posted_at: datetime
    sns_id: str
    event: dict[str, Any]


def logged(edges: Edges, order_id: str | None, limit: int) -> list[Logged]:
    """The latest messages first, of one order or of all. Reads the whole table."""
    found = (row for row in OrderLog(edges).scan() if order_id in (None, row.order_id))
    return [entry(row) for row in sorted(found, key=lambda row: row.posted_at, reverse=True)[:limit]]


def entry(row: LogRow) -> Logged:
    event = {"detail-type": row.event.type, "detail": json.loads(row.event.text)}
    return Logged(row.id, row.posted, row.message, row.order_id, row.posted_at, row.sns_id, event)
