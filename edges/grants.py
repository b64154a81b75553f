"""What a function may do: an IAM action on one resource, written where the resource is declared."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Grant:
    """`service:Action` for each action on `resource`, an ARN without partition, region and account.

    `resource` holds `{stage}`, for example
    `Grant("dynamodb", ("GetItem",), "table/orderwire-{stage}-orders")`. With EACH_CONSUMER in it, it stands for one
    resource per consumer.
    `only_if` pairs IAM's condition keys with what they must equal; a value may name a setting, as in
    `("ses:FromAddress", "{mail_sender}")`.
    """

    service: str
    actions: tuple[str, ...]
    resource: str
    only_if: tuple[tuple[str, str], ...] = ()


ANYTHING = "*"
"""The resource of the few actions for which AWS knows no narrower one."""

EACH_CONSUMER = "{consumer}"
"""Stands for the name of each consumer, in declarations of packages that do not know the consumers."""

PUBLISH = Grant("events", ("PutEvents",), "event-bus/orders-{stage}")


def secret(name: str) -> Grant:
    """May read a Secrets Manager secret of the stage; AWS appends six characters to a secret's ARN."""
    return Grant("secretsmanager", ("GetSecretValue",), f"secret:/orderwire/{{stage}}/{name}-??????")


def parameter(name: str) -> Grant:
    """May read an SSM parameter of the stage."""
    return Grant("ssm", ("GetParameter",), f"parameter/orderwire/{{stage}}/{name}")
