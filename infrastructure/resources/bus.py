"""The event bus, its archive, and the rule of each consumer."""

import json
from typing import Any

from troposphere import GetAtt, Ref, Sub
from troposphere.events import Archive, DeadLetterConfig, EventBus, RetryPolicy, Rule, Target

from consumers.declaration import Consumer
from infrastructure.names import arn, name, title

LONGEST_PATTERN = 2048
"""Characters that EventBridge takes as a rule's event pattern."""

NO_REPLAYS: dict[str, Any] = {
    "replay-name": [{"exists": False}],
    "detail": {"metadata": {"replay": [{"exists": False}]}},
}
"""Keeps out what an archive replays and what follows from that; the archive would grow with every replay otherwise."""

VERIFYING = "orderwire-verify"
"""The source of the test event of `orderwire subscriptions verify`. No other rule hears it, nor does the archive."""

ARCHIVED: dict[str, Any] = {**NO_REPLAYS, "source": [{"anything-but": VERIFYING}]}

ARCHIVE_DAYS = 90
"""Long enough to find a quarter's mistake and repair it by a replay; older history is the backup's. What guards an
effect against a replay (the rows of tables/) never expires."""

HOURS_24, MOST_ATTEMPTS = 86_400, 185
"""The longest that EventBridge tries to reach a queue: only then is the dead-letter queue the better place."""


class PatternTooLong(ValueError):
    """EventBridge would refuse the rule of this consumer."""


def bus() -> EventBus:
    return EventBus("Bus", Name=Sub("orders-${Stage}"), Description=Sub("Orderwire's order events, stage ${Stage}"))


def archive() -> Archive:
    """Every event of the bus but replays and the test events of `subscriptions verify`. The emulator's CloudFormation
    has no such type: see `emulator_gaps`."""
    return Archive(
        "Archive",
        Condition="OnAws",
        DependsOn="Bus",
        ArchiveName=Sub("orders-${Stage}"),
        SourceArn=arn("events", "event-bus/orders-${Stage}"),
        EventPattern=ARCHIVED,
        RetentionDays=ARCHIVE_DAYS,
        DeletionPolicy="Delete",
        UpdateReplacePolicy="Retain",
    )


def rule(consumer: Consumer, depends_on: list[str]) -> Rule:
    """Sends what the consumer hears to its queue. Both queues' policies must be there first: what a queue refuses is
    not tried again, and what its dead-letter queue refuses too is gone."""
    queue, dead_letters = title(consumer.name, "queue"), title(consumer.name, "dead-letters")
    target = Target(
        Id=consumer.name,
        Arn=GetAtt(queue, "Arn"),
        DeadLetterConfig=DeadLetterConfig(Arn=GetAtt(dead_letters, "Arn")),
        RetryPolicy=RetryPolicy(MaximumEventAgeInSeconds=HOURS_24, MaximumRetryAttempts=MOST_ATTEMPTS),
    )
    return Rule(
        title(consumer.name, "rule"),
        DependsOn=depends_on,
        Name=name(consumer.name),
        Description=f"What the {consumer.name} consumer hears",
        EventBusName=Ref("Bus"),
        EventPattern=fitting_pattern(consumer),
        State="ENABLED",
        Targets=[target],
    )


def fitting_pattern(consumer: Consumer) -> dict[str, Any]:
    """The consumer's event pattern. Raises PatternTooLong."""
    pattern = consumer.pattern()
    length = len(json.dumps(pattern))
    if length > LONGEST_PATTERN:
        raise PatternTooLong(f"{consumer.name}: the event pattern has {length} of {LONGEST_PATTERN} characters")
    return pattern
