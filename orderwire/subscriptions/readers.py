"""Queues in place of the people who read a topic's messages: the embedded AWS sends no e-mail for SNS.

They belong to the engine, not to the stack: an account has people instead.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from edges.connect import Edges
from infrastructure.resources.queues import DAYS_4
from infrastructure.resources.topics import TOPICS
from orderwire.workplace.embedded import Inside, Message


def reader(topic: str) -> str:
    """The queue that reads a topic, without its stage."""
    return f"{topic}-reader"


def subscribe_readers(edges: Edges, sns: Any) -> None:
    """One for each topic; what is there already stays."""
    arns = [topic["TopicArn"] for page in sns.get_paginator("list_topics").paginate() for topic in page["Topics"]]
    for topic in TOPICS:
        (arn,) = [each for each in arns if each.rsplit(":", 1)[-1] == edges.settings.name(topic)]
        sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue_for(edges, topic))


def queue_for(edges: Edges, topic: str) -> str:
    """The ARN of the topic's reader, which is made if there is none."""
    sqs, attributes = edges.clients.sqs, {"MessageRetentionPeriod": str(DAYS_4)}
    url = sqs.create_queue(QueueName=edges.settings.name(reader(topic)), Attributes=attributes)["QueueUrl"]
    return str(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"])


@dataclass(frozen=True)
class Delivered:
    """A message that a rule of subscriptions/ brought to people or to another team. `to` is a topic or the team's
    queue, `message` what people read, `content` all of it."""

    at: datetime
    to: str
    message: str
    content: Any


def receivers(subscriptions: Iterable[str]) -> list[str]:
    """Who gets messages: our topics, and the targets of these other teams' rules, by their names."""
    return [*TOPICS, *sorted(subscriptions)]


def delivered(edges: Edges, inside: Inside, chosen: Iterable[str]) -> list[Delivered]:
    """Everything of the last days that has reached these receivers, newest first."""
    found = [each for receiver in chosen for each in read(edges, inside, receiver)]
    return sorted(found, key=lambda each: each.at, reverse=True)


def read(edges: Edges, inside: Inside, receiver: str) -> Iterator[Delivered]:
    queue = edges.settings.name(reader(receiver)) if receiver in TOPICS else target_of(edges, receiver)
    for message in inside.queue(queue):
        yield delivery(receiver, message)


def target_of(edges: Edges, subscription: str) -> str:
    """The queue where another team's rule ends here: the team's, or the one that stands in for it."""
    rule, bus = edges.settings.name(subscription), edges.settings.bus
    [target] = edges.clients.events.list_targets_by_rule(Rule=rule, EventBusName=bus)["Targets"]
    return str(target["Arn"].rsplit(":", 1)[-1])


def delivery(receiver: str, message: Message) -> Delivered:
    """SNS's envelope has the text that people get; a team's queue gets the text itself."""
    text = json.loads(message["Body"])["Message"] if receiver in TOPICS else message["Body"]
    content = decoded(text)
    return Delivered(datetime.fromtimestamp(message["SentTimestamp"], UTC), receiver, words(content), content)


def decoded(text: str) -> Any:
    """What the text holds as JSON, or the text: whoever may publish to a topic may write in plain words."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def words(content: Any) -> str:
    """What people read of it: the sentence, if it is one or has one beside the event, or else all of it."""
    if isinstance(content, dict) and isinstance(content.get("message"), str):
        content = content["message"]
    return content if isinstance(content, str) else json.dumps(content)
