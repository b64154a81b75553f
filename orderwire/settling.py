"""Waiting until consumers have dealt with all that there is for them."""

from collections.abc import Callable, Sequence

from edges.connect import Edges
from edges.queues import counts
from orderwire.waiting import wait_until

STILL_SECONDS = 1.0
"""Queues that are empty twice, this far apart, stay so: what follows from an event is on its way sooner."""
BETWEEN_LOOKS = 0.2


def settle(edges: Edges, queues: Sequence[str], patience: float, told: Callable[[int], None]) -> int:
    """Waits until nothing is in these queues; answers how many messages still are after `patience` seconds.

    `told` gets how many there are at each look.
    """

    def empty() -> bool:
        left = messages(edges, queues)
        told(left)
        return not left

    def twice() -> bool:
        if not empty():
            return False
        edges.clock.sleep(STILL_SECONDS)
        return empty()

    return 0 if wait_until(twice, patience, BETWEEN_LOOKS) else messages(edges, queues)


def messages(edges: Edges, queues: Sequence[str]) -> int:
    """In all of these queues, whether waiting, in flight or delayed. Names are without the stage."""
    return sum(sum(counts(edges.clients.sqs, edges.settings.name(name))) for name in queues)
