"""The consumers' queues for admins: depths, ages, and redriving dead letters."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from checkout_api.http.problems import HttpProblem
from checkout_api.http.shapes import QueueDepth, Redriven
from edges.connect import Edges
from edges.dead_letters import RULES
from edges.functions import REDRIVE, name_in_lambda
from edges.queues import Depth, depths, oldest_seconds

Redriver = Callable[[Mapping[str, str]], Redriven | None]
"""`{"consumer": name}` -> how many of its dead letters are on their way back; None while SQS is moving them already."""

NO_WAY_BACK = "What a rule for people or other teams could not deliver has no queue of ours to go back to."


def queues(edges: Edges, consumers: Sequence[str]) -> list[QueueDepth]:
    """One per consumer, and one for the rules that tell people and other teams, which have dead letters only."""
    name = edges.settings.name
    asked = [name(queue) for consumer in consumers for queue in (consumer, f"{consumer}-dlq")]
    found = depths(edges.clients.sqs, [*asked, name(f"{RULES}-dlq")], partial(oldest, edges))
    own = (shown(each, found[name(each)], found[name(f"{each}-dlq")]) for each in consumers)
    return [*own, shown(RULES, None, found[name(f"{RULES}-dlq")])]


def oldest(edges: Edges, asked: Sequence[str]) -> Mapping[str, int]:
    return oldest_seconds(edges.clients.cloudwatch, asked, edges.clock.now())


def shown(name: str, own: Depth | None, dead: Depth) -> QueueDepth:
    """What has no queue of its own has nothing that its dead letters could go back to."""
    return QueueDepth(
        name=name,
        waiting=own.waiting if own else None,
        in_flight=own.in_flight if own else None,
        delayed=own.delayed if own else None,
        oldest_seconds=own.oldest_seconds if own else None,
        dead=dead.total,
        oldest_dead_seconds=dead.oldest_seconds,
        redrivable=own is not None,
    )


def redrive(redriver: Redriver, consumers: Sequence[str], consumer: str) -> Redriven:
    """Has a consumer's dead letters sent back. Raises Problem 404, or 409 while SQS is moving them already."""
    if consumer not in consumers:
        raise HttpProblem(
            404, "unknown-queue", NO_WAY_BACK if consumer == RULES else "There is no consumer with this name."
        )
    redriven = redriver({"consumer": consumer})
    if redriven is None:
        raise HttpProblem(409, "move-under-way", "These dead letters are on their way back already.", retry_after=10)
    return redriven


class RedriveFunction:
    """`checkout_api.redrive`, called in Lambda, with the function's rights and not the API's."""

    def __init__(self, edges: Edges) -> None:
        self._edges = edges

    def __call__(self, asked: Mapping[str, str]) -> Redriven | None:
        """Raises Problem 503 if the function fails, which says why in its own log."""
        name = name_in_lambda(REDRIVE, self._edges.settings.stage)
        answer = self._edges.clients.functions.invoke(FunctionName=name, Payload=json.dumps(asked).encode())
        told = answer["Payload"].read()
        if "FunctionError" in answer:
            raise HttpProblem(503, "unavailable", "The dead letters could not be sent back. Try again.", retry_after=5)
        found: Redriven | None = json.loads(told)
        return found
