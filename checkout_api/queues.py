"""The consumers' queues, as an admin sees them and helps them: depths, ages, and the way back for dead letters."""

from collections.abc import Sequence

from checkout_api.problems import Problem
from checkout_api.shapes import QueueDepth, Redriven
from edges.connect import Edges
from edges.dead_letters import DeadLetterQueue
from edges.queues import counts, oldest_seconds

MOVING_SECONDS = 15.0
"""How long a request moves messages one by one; those that are left by then wait for another."""


def depths(edges: Edges, consumers: Sequence[str]) -> list[QueueDepth]:
    """One per consumer. The age is null for an empty queue, and where CloudWatch knows nothing of it."""
    queues = [edges.settings.name(consumer) for consumer in consumers]
    ages = oldest_seconds(edges.clients.cloudwatch, queues, edges.clock.now()) if queues else {}
    return [depth(edges, consumer, ages.get(queue)) for consumer, queue in zip(consumers, queues, strict=True)]


def depth(edges: Edges, consumer: str, age: int | None) -> QueueDepth:
    sqs, queue = edges.clients.sqs, edges.settings.name(consumer)
    waiting, in_flight, delayed = counts(sqs, queue)
    return QueueDepth(
        name=consumer,
        waiting=waiting,
        in_flight=in_flight,
        delayed=delayed,
        oldest_seconds=age if waiting or in_flight or delayed else None,
        dead=sum(counts(sqs, f"{queue}-dlq")),
    )


def redrive(edges: Edges, consumers: Sequence[str], consumer: str) -> Redriven:
    """Sends a consumer's dead letters back to it. Raises Problem 404.

    Where SQS moves them by itself, the answer comes at once and `moved` is how many there were.
    """
    if consumer not in consumers:
        raise Problem(404, "unknown-queue", "There is no consumer with this name.")
    queue = edges.settings.name(consumer)
    dead, letters = sum(counts(edges.clients.sqs, f"{queue}-dlq")), DeadLetterQueue(edges.clients.sqs, queue)
    if letters.start_move():
        return Redriven(moved=dead, done=False)
    return move_one_by_one(edges, letters, dead)


def move_one_by_one(edges: Edges, letters: DeadLetterQueue, most: int) -> Redriven:
    """As many as there were: what fails again meanwhile would come round for ever."""
    moved, deadline = 0, edges.clock.monotonic() + MOVING_SECONDS
    while moved < most and edges.clock.monotonic() < deadline:
        messages = letters.receive(most - moved)
        for message in messages:
            letters.send_back(message)
        moved += len(messages)
        if not messages:
            return Redriven(moved=moved, done=True)
    return Redriven(moved=moved, done=moved >= most)
