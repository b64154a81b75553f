"""The queue of each consumer, its dead-letter queue, and who may send to them."""

from typing import Any

from troposphere import AWSObject, GetAtt, Ref
from troposphere.sns import SubscriptionResource
from troposphere.sqs import Queue, QueuePolicy, RedrivePolicy

from consumers.declaration import Consumer
from infrastructure.access import allow_service, document, tls_only
from infrastructure.names import arn, name, title
from infrastructure.resources.bus import rule

DAYS_4, DAYS_14 = 4 * 86_400, 14 * 86_400
"""A queue keeps its messages shorter than its dead-letter queue: a message's age counts from when it was first sent."""

VISIBILITY = 6
"""Times the function's timeout, and the batching window once: what AWS asks of a queue that feeds a function."""


def consumer(consumer: Consumer) -> list[AWSObject]:
    """Everything between the bus, or the consumer's topic, and the consumer's function."""
    queue, dead_letters = title(consumer.name, "queue"), title(consumer.name, "dead-letters")
    policies = [may_send(queue, consumer), may_send(dead_letters, consumer)]
    return [
        dead_letter_queue(dead_letters, consumer),
        source_queue(queue, dead_letters, consumer),
        *policies,
        feed(consumer, depends_on=[policy.title for policy in policies]),
    ]


def feed(consumer: Consumer, depends_on: list[str]) -> AWSObject:
    return topic_feed(consumer, depends_on) if consumer.topic else rule(consumer, depends_on)


def topic_feed(consumer: Consumer, depends_on: list[str]) -> SubscriptionResource:
    """Sends the topic's messages to the queue in SNS's own envelope, which has their id and time. What the queue
    refuses goes to the same dead-letter queue."""
    return SubscriptionResource(
        title(consumer.name, "subscription"),
        DependsOn=depends_on,
        TopicArn=Ref(title(str(consumer.topic), "topic")),
        Protocol="sqs",
        Endpoint=GetAtt(title(consumer.name, "queue"), "Arn"),
        RawMessageDelivery=False,
        RedrivePolicy={"deadLetterTargetArn": GetAtt(title(consumer.name, "dead-letters"), "Arn")},
    )


def source_queue(logical_id: str, dead_letters: str, consumer: Consumer) -> Queue:
    """Encrypted by SQS's own key: EventBridge could not write under an AWS-managed KMS key."""
    return Queue(
        logical_id,
        QueueName=name(consumer.name),
        VisibilityTimeout=VISIBILITY * consumer.timeout + consumer.window,
        MessageRetentionPeriod=DAYS_4,
        SqsManagedSseEnabled=True,
        RedrivePolicy=RedrivePolicy(
            deadLetterTargetArn=GetAtt(dead_letters, "Arn"), maxReceiveCount=consumer.most_receives
        ),
        DeletionPolicy="Delete",
        UpdateReplacePolicy="Delete",
    )


def dead_letter_queue(logical_id: str, consumer: Consumer) -> Queue:
    """Holds what the rule could not deliver and what the consumer could not handle."""
    return Queue(
        logical_id,
        QueueName=name(consumer.dead_letters),
        MessageRetentionPeriod=DAYS_14,
        SqsManagedSseEnabled=True,
        RedriveAllowPolicy={
            "redrivePermission": "byQueue",
            "sourceQueueArns": [arn("sqs", f"orderwire-${{Stage}}-{consumer.name}")],
        },
        DeletionPolicy="Delete",
        UpdateReplacePolicy="Delete",
    )


def may_send(queue: str, consumer: Consumer) -> QueuePolicy:
    """Only the consumer's own rule or topic may send, and nobody without TLS."""
    arn_of_queue = GetAtt(queue, "Arn")
    service, sender = sender_to(consumer)
    return QueuePolicy(
        f"{queue}Policy",
        Queues=[Ref(queue)],
        PolicyDocument=document(
            allow_service(service, ["sqs:SendMessage"], arn_of_queue, sender), tls_only(["sqs:*"], arn_of_queue)
        ),
    )


def sender_to(consumer: Consumer) -> tuple[str, Any]:
    """The service that feeds the queue, and the ARN on whose behalf."""
    if consumer.topic:
        return "sns", Ref(title(consumer.topic, "topic"))
    return "events", arn("events", f"rule/orders-${{Stage}}/orderwire-${{Stage}}-{consumer.name}")
