"""Waiting until consumers have dealt with all that there is for them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edges.connect import Edges
from edges.queues import depth
from orderwire.console.signals import check


@dataclass(frozen=True)
class Looks:
    """Seconds between two looks at queues, and seconds for which they must stay empty to count as empty."""

    between: float
    stillness: float


HERE = Looks(between=0.2, stillness=1.0)
"""For the embedded AWS, which counts exactly; the events that follow from one are published well within a second."""
IN_AWS = Looks(between=5.0, stillness=90.0)
"""For AWS: SQS's counts are right only a minute or more after the last message was sent."""


def settle(
    edges: Edges, queues: Sequence[str], patience: float, told: Callable[[int], None], looks: Looks = HERE
) -> int:
    """Waits until nothing is in these queues, and stays so; returns how many messages still are after `patience`
    seconds. The stillness comes on top of these.

    `told` gets how many there are at each look. Raises Stopped if we are to stop.
    """
    clock = edges.clock
    deadline, empty_since = clock.monotonic() + patience, None
    while True:
        check()
        told(left := messages(edges, queues))
        now = clock.monotonic()
        if left:
            if now >= deadline:
                return left
            empty_since = None
        elif empty_since is None:
            empty_since = now
        elif now - empty_since >= looks.stillness:
            return 0
        clock.sleep(looks.between)


def messages(edges: Edges, queues: Sequence[str]) -> int:
    """In all of these queues, whether waiting, in flight or delayed. Names are without the stage."""
    return sum(depth(edges.clients.sqs, edges.settings.name(name)).total for name in queues)
