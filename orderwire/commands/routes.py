"""Who hears what, from the declarations."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from consumers.subscription import Subscription
from infrastructure.subscription_files import SubscriptionFile
from schemas.envelope import REGISTRY, EventData

NO_TEST = {"test": [{"exists": False}]}


@dataclass(frozen=True)
class Route:
    """`heard_by` says in brackets what a consumer does not hear of the event; `told` names the files of subscriptions/
    that bring it to people and to other teams, with the team."""

    event: str
    version: str
    source: str
    published_by: tuple[str, ...]
    heard_by: tuple[str, ...]
    told: tuple[str, ...]


def routes(subscriptions: Iterable[Subscription], files: Iterable[SubscriptionFile] = ()) -> list[Route]:
    """Every event in the order of its declaration."""
    declared, others = list(subscriptions), list(files)
    return [route(contract, declared, others) for contract in REGISTRY.values()]


def route(contract: type[EventData], subscriptions: list[Subscription], files: list[SubscriptionFile]) -> Route:
    return Route(
        event=contract.DETAIL_TYPE,
        version=contract.VERSION,
        source=contract.SOURCE,
        published_by=tuple(each.name for each in subscriptions if contract in each.publishes) or ("api",),
        heard_by=tuple(hearer(each) for each in subscriptions if issubclass(contract, each.hears)),
        told=tuple(f"{file.name} ({file.team})" for file in files if contract in file.contracts),
    )


def hearer(subscription: Subscription) -> str:
    where = {**subscription.where}
    limits = ["no smoke orders"] if where.pop("metadata", None) == NO_TEST else []
    limits += [f"where {json.dumps(where)}"] if where else []
    limits += [] if subscription.hears_replays else ["no replays"]
    return f"{subscription.name} ({'; '.join(limits)})" if limits else subscription.name
