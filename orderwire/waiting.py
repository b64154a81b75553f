"""Waiting for something outside this process."""

import time
from collections.abc import Callable

from orderwire.signals import check


def wait_until(true: Callable[[], bool], seconds: float, pause: float = 0.05) -> bool:
    """Asks until it is true; answers whether it was within `seconds`. Raises Stopped if we are to stop."""
    deadline = time.monotonic() + seconds
    while not true():
        check()
        if time.monotonic() >= deadline:
            return False
        time.sleep(pause)
    return True
