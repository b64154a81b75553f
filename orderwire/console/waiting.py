"""Waiting for something outside this process."""

from collections.abc import Callable

from edges.clock import Clock
from orderwire.console.signals import check

LONGEST_PAUSE = 2.0
CLOCK = Clock()


def wait_until(
    true: Callable[[], bool], seconds: float, pause: float = 0.05, growth: float = 1.0, clock: Clock = CLOCK
) -> bool:
    """Asks until it is true; returns whether it was within `seconds`. Raises Stopped if we are to stop.

    Each pause is `growth` times as long as the one before, up to two seconds.
    """
    deadline = clock.monotonic() + seconds
    while not true():
        check()
        if clock.monotonic() >= deadline:
            return False
        clock.sleep(pause)
        pause = min(LONGEST_PAUSE, pause * growth)
    return True
