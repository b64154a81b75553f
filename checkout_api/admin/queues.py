"""The consumers' queues for admins: depths, ages, and redriving dead letters."""

from collections.abc import Mapping, Sequence

from checkout_api.http.problems import HttpProblem
from checkout_api.http.shapes import QueueDepth, Redriven
from edges.connect import Edges
from edges.dead_letters import RULES, DeadLetterQueue, Move
from edges.queues import counts, oldest_seconds

MOVING_SECONDS = 15.0
"""How long a request moves messages one by one; those that are left by then wait for another."""

NO_WAY_BACK = "What a rule for people or other teams could not deliver has no queue of ours to go back to."


def depths(edges: Edges, consumers: Sequence[str]) -> list[QueueDepth]:
    """One per consumer, and one for the rules that tell people and other teams, which have dead letters only."""
    settings = edges.settings
    queues = [settings.name(name) for consumer in consumers for name in (consumer, f"{consumer}-dlq")]
    rules = settings.name(f"{RULES}-dlq")
    ages = oldest_seconds(edges.clients.cloudwatch, [*queues, rules], edges.clock.now())
    return [*(depth(edges, consumer, ages) for consumer in consumers), depth_of_rules(edges, ages)]


def depth(edges: Edges, consumer: str, ages: Mapping[str, int]) -> QueueDepth:
    queue = edges.settings.name(consumer)
    waiting, in_flight, delayed = counts(edges.clients.sqs, queue)
    dead, oldest_dead = dead_letters(edges, queue, ages)
    return QueueDepth(
        name=consumer,
        waiting=waiting,
        in_flight=in_flight,
        delayed=delayed,
        oldest_seconds=ages.get(queue) if waiting or in_flight or delayed else None,
        dead=dead,
        oldest_dead_seconds=oldest_dead,
        redrivable=True,
    )


def depth_of_rules(edges: Edges, ages: Mapping[str, int]) -> QueueDepth:
    dead, oldest_dead = dead_letters(edges, edges.settings.name(RULES), ages)
    return QueueDepth(
        name=RULES,
        waiting=None,
        in_flight=None,
        delayed=None,
        oldest_seconds=None,
        dead=dead,
        oldest_dead_seconds=oldest_dead,
        redrivable=False,
    )


def dead_letters(edges: Edges, queue: str, ages: Mapping[str, int]) -> tuple[int, int | None]:
    """How many, and the age of the oldest."""
    dead = sum(counts(edges.clients.sqs, f"{queue}-dlq"))
    return dead, ages.get(f"{queue}-dlq") if dead else None


def redrive(edges: Edges, consumers: Sequence[str], consumer: str) -> Redriven:
    """Sends a consumer's dead letters back to its queue. Raises Problem 404, or 409 while SQS is moving them already.

    Where SQS moves them by itself, this answers at once, and `moved` is how many there were.
    """
    if consumer not in consumers:
        raise HttpProblem(
            404, "unknown-queue", NO_WAY_BACK if consumer == RULES else "There is no consumer with this name."
        )
    queue = edges.settings.name(consumer)
    dead, letters = sum(counts(edges.clients.sqs, f"{queue}-dlq")), DeadLetterQueue(edges.clients.sqs, queue)
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
