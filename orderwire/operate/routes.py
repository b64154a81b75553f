"""Who hears what, from the declarations."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from consumers.declaration import Consumer
from infrastructure.subscriptions.model import SubscriptionFile
from schemas.envelope import REGISTRY, EventData

NO_TEST = {"test": [{"exists": False}]}


@dataclass(frozen=True)
class EventRoute:
    """`left_out` says what some of these consumers do not hear of it; `told` names the files of subscriptions/ that
    bring it to people and to other teams, with the team."""

    event: str
    version: str
    source: str
    published_by: tuple[str, ...]
    heard_by: tuple[str, ...]
    left_out: tuple[str, ...]
    told: tuple[str, ...]


def routes(consumers: Iterable[Consumer], files: Iterable[SubscriptionFile] = ()) -> list[EventRoute]:
    """Every event in the order of its declaration."""
    declared, others = list(consumers), list(files)
    return [route(contract, declared, others) for contract in REGISTRY.values()]


def route(contract: type[EventData], consumers: list[Consumer], files: list[SubscriptionFile]) -> EventRoute:
    hearers = [each for each in consumers if issubclass(contract, each.hears)]
    return EventRoute(
        event=contract.DETAIL_TYPE,
        version=contract.VERSION,
        source=contract.SOURCE,
        published_by=tuple(each.name for each in consumers if contract in each.publishes) or ("api",),
        heard_by=tuple(each.name for each in hearers),
        left_out=tuple(left_out(hearers)),
        told=tuple(f"{file.name} ({file.team})" for file in files if contract in file.contracts),
    )


def left_out(consumers: Iterable[Consumer]) -> list[str]:
    """What consumers do not hear of their events: "analytics, backup: no smoke orders; no replays"."""
    names: dict[str, list[str]] = {}
    for each in consumers:
        names.setdefault("; ".join(limits(each)), []).append(each.name)
    return [f"{', '.join(alike)}: {limit}" for limit, alike in names.items() if limit]


def limits(consumer: Consumer) -> list[str]:
    where = {**consumer.where}
    found = ["no smoke orders"] if where.pop("metadata", None) == NO_TEST else []
    found += [f"only where {json.dumps(where)}"] if where else []
    return found + ([] if consumer.hears_replays else ["no replays"])
