"""Waiting for something outside this process."""

import time
from collections.abc import Callable


def wait_until(true: Callable[[], bool], seconds: float, pause: float = 0.05) -> bool:
    """Asks until it is true; answers whether it was within `seconds`."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() >= deadline:
            return False
        time.sleep(pause)
    return True
