"""Where an order got stuck: what has not happened to it, who would have done that, and what waits or is dead there."""

from collections.abc import Sequence

from botocore.exceptions import BotoCoreError, ClientError

from consumers.declaration import Consumer
from consumers.registry import consumers
from edges.connect import Edges
from edges.queues import depth
from orderwire.operate.dlq import DeadLetters

TELLER = "orders"
"""The consumer without which nobody sees what the others have done."""


def stuck(edges: Edges, order_id: str, wanted: str, seconds: float, missing: Sequence[str]) -> str:
    """The whole of it as a sentence or more."""
    late = f"{order_id} is not {wanted} after {seconds:g} s"
    told = f"{late}: there is no {', no '.join(missing)}." if missing else f"{late}."
    return " ".join([told, *(state(edges, each.name, order_id) for each in concerned(missing))])


def concerned(missing: Sequence[str]) -> list[Consumer]:
    """The consumers that publish what is missing, and the one that shows it."""
    return [
        each for each in consumers() if each.name == TELLER or {of.DETAIL_TYPE for of in each.publishes} & set(missing)
    ]


def state(edges: Edges, consumer: str, order_id: str) -> str:
    """What waits for a consumer, and why the order's message is among its dead letters, if it is.

    What cannot be looked at is no reason to keep quiet about where the order is.
    """
    try:
        return found(edges, consumer, order_id)
    except (BotoCoreError, ClientError) as error:
        return f"{consumer}: its queues could not be looked at: {error}"


def found(edges: Edges, consumer: str, order_id: str) -> str:
    sqs, settings = edges.clients.sqs, edges.settings
    own = depth(sqs, settings.name(consumer))
    said = f"{consumer}: {own.waiting} waiting, {own.in_flight} in flight, {own.delayed} delayed"
    dead = [each for each in DeadLetters(sqs, settings, consumer).show() if each.order_id == order_id]
    reasons = "".join(f"; dead letter: {each.reason}, {each.error or 'no error given'}" for each in dead)
    return f"{said}{reasons}."
