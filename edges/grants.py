"""What a function may do: an IAM action on one resource, written where the resource is declared."""

from collections.abc import Iterable
from dataclasses import dataclass

from schemas.envelope import EventData


@dataclass(frozen=True)
class OnlyIf:
    """A condition of IAM: what the request says under `key` is one of `values`; a value may name a setting, as in
    `OnlyIf("ses:FromAddress", ("{mail_sender}",))`.

    `each` is for a key under which a request may say several things: each of them is one of `values`, and there is one.
    """

    key: str
    values: tuple[str, ...]
    each: bool = False


@dataclass(frozen=True)
class Grant:
    """`service:Action` for each action on `resource`, an ARN without partition, region and account.

    `resource` holds `{stage}`, for example
    `Grant("dynamodb", ("GetItem",), "table/orderwire-{stage}-orders")`. With EACH_CONSUMER in it, it stands for one
    resource per consumer.
    All conditions of `only_if` must hold.
    """

    service: str
    actions: tuple[str, ...]
    resource: str
    only_if: tuple[OnlyIf, ...] = ()


ANYTHING = "*"
"""The resource of the few actions for which AWS knows no narrower one."""

EACH_CONSUMER = "{consumer}"
"""Stands for the name of each consumer, in declarations of packages that do not know the consumers."""


def publish(*events: type[EventData]) -> tuple[Grant, ...]:
    """May put these events on the stage's bus and none that somebody else publishes: a grant for each source.

    A call of PutEvents has several entries; EventBridge refuses those that may not be, each with its own error.
    """
    sources = sorted({event.SOURCE for event in events})
    return tuple(published(source, (event for event in events if source == event.SOURCE)) for source in sources)


def published(source: str, events: Iterable[type[EventData]]) -> Grant:
    named = tuple(sorted({event.DETAIL_TYPE for event in events}))
    only_if = (OnlyIf("events:source", (source,), each=True), OnlyIf("events:detail-type", named, each=True))
    return Grant("events", ("PutEvents",), "event-bus/orders-{stage}", only_if)


def secret(name: str) -> Grant:
    """May read a Secrets Manager secret of the stage; AWS appends six characters to a secret's ARN."""
    return Grant("secretsmanager", ("GetSecretValue",), f"secret:/orderwire/{{stage}}/{name}-??????")


def parameter(name: str) -> Grant:
    """May read an SSM parameter of the stage."""
    return Grant("ssm", ("GetParameter",), f"parameter/orderwire/{{stage}}/{name}")
