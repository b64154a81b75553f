"""The rules of subscriptions/: those that end at the stage's own topics, and what all of them have in common.

Those share one dead-letter queue. A rule that ends elsewhere has a stack of its own: see `subscription_stack`.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from troposphere import AWSObject, GetAtt, Ref, Sub
from troposphere.events import DeadLetterConfig, InputTransformer, RetryPolicy, Rule
from troposphere.events import Target as RuleTarget
from troposphere.sqs import Queue, QueuePolicy

from edges.dead_letters import UNDELIVERED
from infrastructure.access import allow_service, document, tls_only
from infrastructure.names import arn, name, title
from infrastructure.resources.bus import LONGEST_PATTERN, PatternTooLong
from infrastructure.resources.queues import DAYS_14
from infrastructure.stages import Stage
from infrastructure.subscriptions.model import SubscriptionFile, SubscriptionRefused
from infrastructure.subscriptions.pattern_form import pattern_with

PARAMETERS = frozenset({"HighValueTotal"})
"""The stack's numeric parameters that may take the place of a number in a pattern."""


def values_of(stage: Stage) -> dict[str, int]:
    """What these parameters are in a stage."""
    return {name: int(stage.parameters[name]) for name in PARAMETERS}


ABSENT = [{"exists": False}]


def subscriptions(files: Iterable[SubscriptionFile], consumers: Iterable[str]) -> list[AWSObject]:
    """The rules of files that end at the stage's own topics. `consumers` are the names that rules have already. Raises
    SubscriptionRefused, PatternTooLong."""
    declared, taken = list(files), set(consumers)
    for file in declared:
        if file.name in taken:
            raise SubscriptionRefused(f"{file.name}: a consumer has this name")
    rules = [rule_to_topic(file) for file in declared if file.topic]
    return [dead_letter_queue("UndeliveredQueue", UNDELIVERED), may_be_undelivered(), *rules]


def dead_letter_queue(logical_id: str, queue: str) -> Queue:
    return Queue(
        logical_id,
        QueueName=name(queue),
        MessageRetentionPeriod=DAYS_14,
        SqsManagedSseEnabled=True,
        DeletionPolicy="Delete",
        UpdateReplacePolicy="Delete",
    )


def may_be_undelivered() -> QueuePolicy:
    return queue_policy("UndeliveredQueue", arn("events", "rule/orders-${Stage}/orderwire-${Stage}-*"))


def queue_policy(queue: str, rules: Any, **attributes: Any) -> QueuePolicy:
    """Only these rules may send to the queue, and nobody without TLS."""
    arn_of_queue = GetAtt(queue, "Arn")
    return QueuePolicy(
        f"{queue}Policy",
        Queues=[Ref(queue)],
        PolicyDocument=document(
            allow_service("events", ["sqs:SendMessage"], arn_of_queue, rules), tls_only(["sqs:*"], arn_of_queue)
        ),
        **attributes,
    )


def rule_to_topic(file: SubscriptionFile) -> Rule:
    topic = title(str(file.topic), "topic")
    found = target(file, Ref(topic), GetAtt("UndeliveredQueue", "Arn"))
    return rule(file, Ref("Bus"), found, DependsOn=["UndeliveredQueuePolicy", f"{topic}Policy"])


def rule(file: SubscriptionFile, bus: Any, to: RuleTarget, **attributes: Any) -> Rule:
    return Rule(
        title(file.name, "rule"),
        Name=name(file.name),
        Description=file.rule_description,
        EventBusName=bus,
        EventPattern=event_pattern(file),
        State="ENABLED",
        Targets=[to],
        **attributes,
    )


def target(file: SubscriptionFile, arn_: Any, dead_letters: Any, **more: Any) -> RuleTarget:
    """The rule's target at `arn_`; what cannot be delivered goes to the queue with the ARN `dead_letters`."""
    if file.told:
        more["InputTransformer"] = InputTransformer(
            InputPathsMap=file.told.paths, InputTemplate=file.told.template.strip()
        )
    return RuleTarget(
        Id=file.name,
        Arn=arn_,
        DeadLetterConfig=DeadLetterConfig(Arn=dead_letters),
        RetryPolicy=RetryPolicy(
            MaximumEventAgeInSeconds=file.retry.maximum_age_seconds,
            MaximumRetryAttempts=file.retry.maximum_attempts,
        ),
        **more,
    )


def event_pattern(file: SubscriptionFile) -> dict[str, Any] | Sub:
    """The file's pattern without replays and smoke orders, of one version of its events. Raises PatternTooLong.

    With a stage's value in it, it is the pattern's JSON as text: only there does CloudFormation put a number in as a
    number. A Ref within an object becomes a string, which `numeric` does not take.
    """
    length = len(compact(whole_pattern(file, dict.fromkeys(PARAMETERS, 0))))
    if length > LONGEST_PATTERN:
        raise PatternTooLong(f"{file.name}: the event pattern has {length} of {LONGEST_PATTERN} characters")
    if not file.stage_values:
        return whole_pattern(file, {})
    places = {parameter: f"<{parameter}>" for parameter in PARAMETERS}
    text = compact(whole_pattern(file, places)).replace("${", "${!")  # what the file says is no placeholder
    for parameter, place in places.items():
        text = text.replace(json.dumps(place), f"${{{parameter}}}")
    return Sub(text)


def compact(pattern: dict[str, Any]) -> str:
    """As EventBridge counts its characters."""
    return json.dumps(pattern, separators=(",", ":"), ensure_ascii=False)


def whole_pattern(file: SubscriptionFile, values: Mapping[str, Any]) -> dict[str, Any]:
    """The pattern as its rule has it, with the values of a stage's parameters."""
    pattern = pattern_with(file.pattern, file.stage_values, values)
    detail = pattern.get("detail", {})
    majors = sorted({contract.major() for contract in file.contracts})
    version = {"version": [{"prefix": f"{major}."} for major in majors]}
    metadata = {**version, **detail.get("metadata", {}), "replay": ABSENT, "test": ABSENT}
    return {**pattern, "replay-name": ABSENT, "detail": {**detail, "metadata": metadata}}
