"""How events are kept for good: one line of JSON each, in one gzipped object per batch and hour. Pure.

Every line has the same keys, with null for what an event does not have; the event's own data are in `data`, as JSON
text. Secrets are left out, and what is personal is replaced by a pseudonym, wherever the contracts mark it.
"""

import gzip
import hmac
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from edges.publisher import AnyEvent
from schemas.personal import Pseudonym, sanitised

BUCKET = "backup-bucket"
"""The SSM parameter that names the bucket: its name holds the account, which no function knows."""

HASH_KEY = "backup-hash-key"
"""The secret under which personal values get their pseudonyms."""
FOLDER = "events/"
"""Holds the partitions, for example `events/date=2026-11-20/hour=09/`, by the time at which an event occurred: however
often an event is delivered, its copies lie in one partition."""

LINE = {
    "event_id": "string",
    "type": "string",
    "version": "string",
    "occurred_at": "string",
    "producer": "string",
    "correlation_id": "string",
    "causation_id": "string",
    "order_id": "string",
    "customer_id": "string",
    "customer_email": "string",
    "total": "double",
    "currency": "string",
    "skus": "array<string>",
    "data": "string",
}
"""Key -> type in Athena; `total`, `customer_id` and `customer_email` are those of order.created."""


@dataclass(frozen=True)
class BackupObject:
    """An object as it is put: its key, its content, and the events in it."""

    key: str
    content: bytes
    event_ids: frozenset[str]


def pseudonyms(secret: str) -> Pseudonym:
    """The same value has the same pseudonym as long as the secret stays, so one customer's orders still join."""
    return lambda value: hmac.new(secret.encode(), value.encode(), sha256).hexdigest()[:32]


def objects(events: Iterable[AnyEvent], pseudonym: Pseudonym) -> Iterator[BackupObject]:
    """One object per hour in which an event occurred."""
    by_hour: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for event in events:
        by_hour[partition(event.metadata.occurred_at)][event.event_id] = line(event, pseudonym)
    for folder, lines in by_hour.items():
        yield backup_object(folder, lines)


def backup_object(folder: str, lines: dict[str, str]) -> BackupObject:
    """Named after what it holds: the same batch, tried again, overwrites its object with the same content."""
    text = "".join(f"{lines[event_id]}\n" for event_id in sorted(lines)).encode()
    name = sha256(text).hexdigest()[:32]
    return BackupObject(f"{folder}{name}.jsonl.gz", gzip.compress(text, mtime=0), frozenset(lines))


def partition(at: datetime) -> str:
    return f"{FOLDER}date={at:%Y-%m-%d}/hour={at:%H}/"


def line(event: AnyEvent, pseudonym: Pseudonym) -> str:
    metadata, data = event.metadata.model_dump(mode="json"), sanitised(event.data, pseudonym)
    known: dict[str, Any] = {**metadata, **data, "type": event.type, "skus": skus(data), "data": text_of(data)}
    return text_of({key: known.get(key) for key in LINE})


def skus(data: dict[str, Any]) -> list[str] | None:
    """Every product that the event names, each once."""
    named = [data["sku"]] if "sku" in data else [item["sku"] for item in data.get("items", [])]
    return sorted(set(named)) or None


def text_of(document: dict[str, Any]) -> str:
    return json.dumps(document, separators=(",", ":"))
