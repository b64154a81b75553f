"""Redriving: sends a consumer's dead letters back to its queue, in a function of its own.

Whoever may do that may put anything into any consumer's queue, so the API may not: it calls this function, by
`checkout_api.admin.queues.RedriveFunction`.

Why: docs/decisions/security.md
"""

from collections.abc import Mapping
from typing import Any

from checkout_api.http.shapes import Redriven
from edges.connect import Connected, Edges
from edges.dead_letters import DeadLetterQueue, Move
from edges.functions import REDRIVE
from edges.queues import depth

MOVING_SECONDS = 15.0
"""How long messages are moved one by one; those that are left by then wait for another call."""


def redrive_letters(edges: Edges, consumer: str) -> Redriven | None:
    """Sends a consumer's dead letters back to its queue; None if SQS is moving them already.

    Where SQS moves them by itself, this returns at once, and `moved` is how many there were. Raises the client's
    QueueDoesNotExist if there is no such consumer.
    """
    queue = edges.settings.name(consumer)
    dead, letters = depth(edges.clients.sqs, f"{queue}-dlq").total, DeadLetterQueue(edges.clients.sqs, queue)
    match letters.start_move():
        case Move.STARTED:
            return Redriven(moved=dead, done=False)
        case Move.UNDER_WAY:
            return None
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


class Redrive(Connected):
    """The Lambda function. It is called with `{"consumer": name}` and returns what `redrive_letters` does."""

    __name__ = REDRIVE

    def __call__(self, asked: Mapping[str, str], context: Any = None) -> Redriven | None:  # noqa: ARG002
        return redrive_letters(self._edges, asked["consumer"])


redrive = Redrive()
