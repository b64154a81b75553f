"""The SNS topics at which rules and alarms reach people."""

from troposphere import AWSHelperFn, AWSObject, Equals, Not, Parameter, Ref
from troposphere.kms import Alias, Key
from troposphere.sns import SubscriptionResource, Topic, TopicPolicy

from infrastructure.access import allow_account, allow_service, document, tls_only
from infrastructure.names import arn, name, title

TOPICS = ("admin-alerts", "fulfilment")
"""Of rules: how much they bring is up to who orders."""

ALARM_TOPIC = "alarms"
"""Of alarms alone. SNS suspends who is mailed more than ten messages a second, so an alarm that shared its way with new
orders would reach nobody just when there are too many of them."""

EVERY_TOPIC = (*TOPICS, ALARM_TOPIC)

ALARMS = arn("cloudwatch", "alarm:orderwire-${Stage}-*")
USE_KEY = ("kms:Decrypt", "kms:GenerateDataKey*")


def topics() -> list[AWSObject]:
    return [key(), alias(), *map(topic, EVERY_TOPIC), *map(policy, EVERY_TOPIC), *map(reader, EVERY_TOPIC)]


def addresses() -> list[Parameter]:
    """Who reads a topic's messages. More people subscribe themselves."""
    return [
        Parameter(
            title(topic_name, "email"), Type="String", Default="", Description=f"Reads {topic_name}; empty for nobody"
        )
        for topic_name in EVERY_TOPIC
    ]


def conditions() -> dict[str, AWSHelperFn]:
    return {has_reader(topic_name): Not(Equals(Ref(title(topic_name, "email")), "")) for topic_name in EVERY_TOPIC}


def has_reader(topic_name: str) -> str:
    return title(topic_name, "has reader")


def reader(topic_name: str) -> SubscriptionResource:
    """SNS asks the reader first, by a mail with a link."""
    return SubscriptionResource(
        title(topic_name, "reader"),
        Condition=has_reader(topic_name),
        TopicArn=Ref(title(topic_name, "topic")),
        Protocol="email",
        Endpoint=Ref(title(topic_name, "email")),
    )


def key() -> Key:
    """Encrypts the topics. It is ours because neither EventBridge nor CloudWatch may use the one that AWS manages.

    EventBridge's statement has no condition: AWS does not support aws:SourceArn or aws:SourceAccount when EventBridge
    writes to an encrypted topic, and would drop every message without a word.
    """
    return Key(
        "TopicKey",
        Description="Orderwire's SNS topics",
        EnableKeyRotation=True,
        PendingWindowInDays=7,
        KeyPolicy=document(
            allow_account(["kms:*"], "*"),
            allow_service("events", USE_KEY, "*"),
            allow_service("cloudwatch", USE_KEY, "*", ALARMS),
        ),
        DeletionPolicy="Delete",
        UpdateReplacePolicy="Delete",
    )


def alias() -> Alias:
    return Alias("TopicKeyAlias", AliasName=name("topics", "alias/"), TargetKeyId=Ref("TopicKey"))


def topic(topic_name: str) -> Topic:
    return Topic(title(topic_name, "topic"), TopicName=name(topic_name), KmsMasterKeyId=Ref("TopicKey"))


def policy(topic_name: str) -> TopicPolicy:
    """This stage's alarms may publish, and rules but where alarms go. A condition for rules is not supported here
    either; see `key`. Alarms of another team's stack that is older than their topic go to admin-alerts."""
    topic_ = Ref(title(topic_name, "topic"))
    return TopicPolicy(
        title(topic_name, "topic policy"),
        Topics=[topic_],
        PolicyDocument=document(
            *([] if topic_name == ALARM_TOPIC else [allow_service("events", ["sns:Publish"], topic_)]),
            allow_service("cloudwatch", ["sns:Publish"], topic_, ALARMS),
            tls_only(["sns:Publish"], topic_),
        ),
    )
