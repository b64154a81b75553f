"""What there is of subscriptions: the files, and what is deployed."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from edges.dead_letters import UNDELIVERED
from infrastructure.stages import Stage
from infrastructure.subscriptions.model import SubscriptionFile
from infrastructure.subscriptions.resources import values_of, whole_pattern
from orderwire.cloudformation.template_bucket import ClientOf
from orderwire.subscriptions.deploying import judged, orphans, undelivered
from orderwire.subscriptions.target_policy import in_short

NO_FILE, EARLIER = "without a file", "as an earlier file said"


@dataclass(frozen=True)
class ListedSubscription:
    """`ends_at` is the target in short. `deployed` is yes, no, with another pattern, without a file, or as an earlier
    file said. `dead_letters` is None where none of ours counts them. `reason` says why a file is refused, whose
    verdict is invalid.
    """

    name: str
    team: str | None
    ends_at: str | None
    target: str | None
    verdict: str | None
    deployed: str
    dead_letters: int | None
    reason: str | None = None


def listed(
    client: ClientOf, stage: Stage, files: Iterable[SubscriptionFile], refused: Mapping[str, str] | None = None
) -> list[ListedSubscription]:
    """Every file and every subscription that has none any more, by name. `refused` has the reason of each file that
    cannot be read."""
    declared, rules = list(files), patterns(client("events"), stage)
    rows = [row(client, stage, file, rules) for file in declared]
    bad = refused or {}
    rows += [refused_row(client, stage, name, bad[name], rules) for name in bad]
    for name in sorted(set(orphans(client, stage, declared)) - bad.keys()):
        rows.append(
            ListedSubscription(
                name, None, None, None, None, NO_FILE, undelivered(client("sqs"), dead_letters(stage, name))
            )
        )
    return sorted(rows, key=lambda each: each.name)


def row(client: ClientOf, stage: Stage, file: SubscriptionFile, rules: Mapping[str, Any]) -> ListedSubscription:
    pattern = rules.get(f"orderwire-{stage.name}-{file.name}")
    same = pattern == whole_pattern(file, values_of(stage))
    deployed = "no" if pattern is None else "yes" if same else "with another pattern"
    queue = f"orderwire-{stage.name}-{UNDELIVERED}" if file.topic else dead_letters(stage, file.name)
    waiting = None if file.dead_letter else undelivered(client("sqs"), queue)
    return ListedSubscription(
        file.name, file.team, in_short(file, stage), file.target, judged(file, stage).verdict, deployed, waiting
    )


def refused_row(client: ClientOf, stage: Stage, name: str, reason: str, rules: Mapping[str, Any]) -> ListedSubscription:
    deployed = EARLIER if f"orderwire-{stage.name}-{name}" in rules else "no"
    return ListedSubscription(
        name, None, None, None, "invalid", deployed, undelivered(client("sqs"), dead_letters(stage, name)), reason
    )


def dead_letters(stage: Stage, name: str) -> str:
    return f"orderwire-{stage.name}-{name}-dlq"


def patterns(events: Any, stage: Stage) -> dict[str, Any]:
    """Name of a rule of the stage's bus -> its pattern; none if there is no such bus."""
    found: dict[str, Any] = {}
    try:
        for page in events.get_paginator("list_rules").paginate(EventBusName=f"orders-{stage.name}"):
            found |= {
                rule["Name"]: json.loads(rule["EventPattern"]) for rule in page["Rules"] if "EventPattern" in rule
            }
    except events.exceptions.ResourceNotFoundException:
        return {}
    return found
