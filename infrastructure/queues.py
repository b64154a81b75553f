"""The queue of each consumer, its dead-letter queue, and who may send to them."""

from troposphere import AWSObject, GetAtt, Ref
from troposphere.sqs import Queue, QueuePolicy, RedrivePolicy

from consumers.subscription import Subscription
from infrastructure.access import allow_service, document, tls_only
from infrastructure.bus import rule
from infrastructure.names import arn, name, title

DAYS_4, DAYS_14 = 4 * 86_400, 14 * 86_400
"""A queue keeps its messages shorter than its dead-letter queue: a message's age counts from when it was first sent."""

VISIBILITY = 6
"""Times the function's timeout: what AWS asks of a queue that feeds a function."""


def consumer(subscription: Subscription) -> list[AWSObject]:
    """Everything between the bus and the consumer's function."""
    queue, dead_letters = title(subscription.name, "queue"), title(subscription.name, "dead-letters")
    policies = [may_send(queue, subscription), may_send(dead_letters, subscription)]
    return [
        dead_letter_queue(dead_letters, subscription),
        source_queue(queue, dead_letters, subscription),
        *policies,
        rule(subscription, depends_on=[policy.title for policy in policies]),
    ]


def source_queue(logical_id: str, dead_letters: str, subscription: Subscription) -> Queue:
    """Encrypted by SQS's own key: EventBridge could not write under an AWS-managed KMS key."""
    return Queue(
        logical_id,
        QueueName=name(subscription.name),
        VisibilityTimeout=VISIBILITY * subscription.timeout,
        MessageRetentionPeriod=DAYS_4,
        SqsManagedSseEnabled=True,
        RedrivePolicy=RedrivePolicy(
            deadLetterTargetArn=GetAtt(dead_letters, "Arn"), maxReceiveCount=subscription.receives
        ),
        DeletionPolicy="Delete",
        UpdateReplacePolicy="Delete",
    )


def dead_letter_queue(logical_id: str, subscription: Subscription) -> Queue:
    """Holds what the rule could not deliver and what the consumer could not handle."""
    return Queue(
        logical_id,
        QueueName=name(subscription.dead_letters),
        MessageRetentionPeriod=DAYS_14,
        SqsManagedSseEnabled=True,
        RedriveAllowPolicy={
            "redrivePermission": "byQueue",
            "sourceQueueArns": [arn("sqs", f"orderwire-${{Stage}}-{subscription.name}")],
        },
        DeletionPolicy="Delete",
        UpdateReplacePolicy="Delete",
    )


def may_send(queue: str, subscription: Subscription) -> QueuePolicy:
    """Only the consumer's own rule may send, and nobody without TLS."""
    arn_of_queue = GetAtt(queue, "Arn")
    own_rule = arn("events", f"rule/orders-${{Stage}}/orderwire-${{Stage}}-{subscription.name}")
    return QueuePolicy(
        f"{queue}Policy",
        Queues=[Ref(queue)],
        PolicyDocument=document(
            allow_service("events", ["sqs:SendMessage"], arn_of_queue, own_rule), tls_only(["sqs:*"], arn_of_queue)
        ),
    )
