"""The consumers' queues for admins: depths, ages, and redriving dead letters."""

from collections.abc import Mapping, Sequence
from functools import partial

from checkout_api.http.problems import HttpProblem
from checkout_api.http.shapes import QueueDepth, Redriven
from edges.connect import Edges
from edges.dead_letters import RULES, DeadLetterQueue, Move
from edges.queues import Depth, depth, depths, oldest_seconds

MOVING_SECONDS = 15.0
"""How long a request moves messages one by one; those that are left by then wait for another."""

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


def redrive(edges: Edges, consumers: Sequence[str], consumer: str) -> Redriven:
    """Sends a consumer's dead letters back to its queue. Raises Problem 404, or 409 while SQS is moving them already.

    Where SQS moves them by itself, this answers at once, and `moved` is how many there were.
    """
    if consumer not in consumers:
        raise HttpProblem(
            404, "unknown-queue", NO_WAY_BACK if consumer == RULES else "There is no consumer with this name."
        )
    queue = edges.settings.name(consumer)
    dead, letters = depth(edges.clients.sqs, f"{queue}-dlq").total, DeadLetterQueue(edges.clients.sqs, queue)
    match letters.start_move():
        case Move.STARTED:
            return Redriven(moved=dead, done=False)
        case Move.UNDER_WAY:
            raise HttpProblem(
                409, "move-under-way", "These dead letters are on their way back already.", retry_after=10
            )
        case Move.UNKNOWN:
            return move_one_by_one(edges, letters, dead)


def move_one_by_one(edges: Edges, letters: DeadLetterQueue, most: int) -> Redriven:
    """Moves up to `most` messages, as many as there were at first: those that fail again at once come back, and without
    this limit would be moved for ever."""
    moved, deadline = 0, edges.clock.monotonic() + MOVING_SECONDS
    while moved < most and edges.clock.monotonic() < deadline:
        messages = letters.receive(most - moved)
        for message in messages:
            letters.send_back(message)
        moved += len(messages)
        if not messages:
            return Redriven(moved=moved, done=True)
    return Redriven(moved=moved, done=moved >= most)
