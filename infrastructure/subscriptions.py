"""The rules that end at people and at other teams, from the files of subscriptions/.

All of them share one dead-letter queue, for what could not be delivered to a topic or to another team's queue.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from troposphere import AWSObject, GetAtt, Ref, Sub
from troposphere.events import DeadLetterConfig, InputTransformer, RetryPolicy, Rule
from troposphere.events import Target as RuleTarget
from troposphere.sqs import Queue, QueuePolicy

from infrastructure.access import allow_service, document, tls_only
from infrastructure.bus import HOURS_24, LONGEST_PATTERN, MOST_ATTEMPTS, PatternTooLong
from infrastructure.names import arn, name, title
from infrastructure.queues import DAYS_4, DAYS_14
from infrastructure.subscription_files import SubscriptionFile, SubscriptionRefused

UNDELIVERED = "subscriptions-dlq"
ON_EMULATOR = "OnEmulator"

PARAMETERS = frozenset({"HighValueTotal"})
"""The stack's numeric parameters that a pattern may name."""

ABSENT = [{"exists": False}]


def subscriptions(files: Iterable[SubscriptionFile], consumers: Iterable[str]) -> list[AWSObject]:
    """`consumers` are the names that rules have already. Raises SubscriptionRefused, PatternTooLong."""
    declared, taken = list(files), set(consumers)
    for file in declared:
        if file.name in taken:
            raise SubscriptionRefused(f"{file.name}: a consumer has this name")
    return [undelivered(), may_be_undelivered(), *(each for file in declared for each in subscription(file))]


def undelivered() -> Queue:
    return Queue(
        "UndeliveredQueue",
        QueueName=name(UNDELIVERED),
        MessageRetentionPeriod=DAYS_14,
        SqsManagedSseEnabled=True,
        DeletionPolicy="Delete",
        UpdateReplacePolicy="Delete",
    )


def may_be_undelivered() -> QueuePolicy:
    return queue_policy("UndeliveredQueue", arn("events", "rule/orders-${Stage}/orderwire-${Stage}-*"))


def queue_policy(queue: str, rules: Sub, **attributes: Any) -> QueuePolicy:
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


def subscription(file: SubscriptionFile) -> Iterator[AWSObject]:
    stand_in = file.target.emulated_queue
    attributes: dict[str, Any] = {"Condition": ON_EMULATOR} if stand_in else {}
    policies = ["UndeliveredQueuePolicy"]
    if stand_in:
        queue = title(stand_in, "queue")
        policies.append(f"{queue}Policy")
        yield Queue(
            queue,
            QueueName=name(stand_in),
            MessageRetentionPeriod=DAYS_4,
            SqsManagedSseEnabled=True,
            DeletionPolicy="Delete",
            UpdateReplacePolicy="Delete",
            **attributes,
        )
        yield queue_policy(
            queue, arn("events", f"rule/orders-${{Stage}}/orderwire-${{Stage}}-{file.name}"), **attributes
        )
    elif file.target.topic:
        policies.append(title(file.target.topic, "topic policy"))
    yield rule(file, DependsOn=policies, **attributes)


def rule(file: SubscriptionFile, **attributes: Any) -> Rule:
    target = RuleTarget(
        Id=file.name,
        Arn=target_arn(file),
        InputTransformer=InputTransformer(InputPathsMap=file.input.paths, InputTemplate=file.input.template.strip()),
        DeadLetterConfig=DeadLetterConfig(Arn=GetAtt("UndeliveredQueue", "Arn")),
        RetryPolicy=RetryPolicy(MaximumEventAgeInSeconds=HOURS_24, MaximumRetryAttempts=MOST_ATTEMPTS),
    )
    return Rule(
        title(file.name, "rule"),
        Name=name(file.name),
        Description=f"{file.description} ({file.team}, {file.contact})",
        EventBusName=Ref("Bus"),
        EventPattern=event_pattern(file),
        State="ENABLED",
        Targets=[target],
        **attributes,
    )


def target_arn(file: SubscriptionFile) -> Any:
    target = file.target
    if target.topic:
        return Ref(title(target.topic, "topic"))
    return Sub(target.queue_arn) if target.queue_arn else GetAtt(title(str(target.emulated_queue), "queue"), "Arn")


def event_pattern(file: SubscriptionFile) -> dict[str, Any] | Sub:
    """The file's pattern without replays and smoke orders, of one version of its events. Raises PatternTooLong.

    With a stack parameter in it, it is the pattern's JSON as text: only there does CloudFormation put a number in as a
    number. A Ref within an object becomes a string, which `numeric` does not take.
    """
    text = json.dumps(whole_pattern(file))
    if len(text) > LONGEST_PATTERN:
        raise PatternTooLong(f"{file.name}: the event pattern has {len(text)} of {LONGEST_PATTERN} characters")
    for parameter in PARAMETERS:
        text = text.replace(f'"{parameter}"', f"${{{parameter}}}")
    return Sub(text) if "${" in text else json.loads(text)


def whole_pattern(file: SubscriptionFile) -> dict[str, Any]:
    detail = file.pattern.get("detail", {})
    majors = sorted({contract.major() for contract in file.contracts})
    version = {"version": [{"prefix": f"{major}."} for major in majors]}
    metadata = {**version, **detail.get("metadata", {}), "replay": ABSENT, "test": ABSENT}
    return {**file.pattern, "replay-name": ABSENT, "detail": {**detail, "metadata": metadata}}
