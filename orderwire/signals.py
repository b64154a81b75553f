"""Ctrl-C, SIGTERM and a closed terminal end a command the same way: by an exception, once."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody ended the command. No `except Exception` holds it up."""


@contextmanager
def stoppable() -> Iterator[None]:
    """Inside the block, in the main thread, the first signal raises Stopped; later ones do not disturb the clean-up."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        for number in ENDING:
            signal.signal(number, signal.SIG_IGN)
        raise Stopped

    before = {number: signal.signal(number, stop) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Parent:
    """The process that started us, as long as it lives."""

    def __init__(self) -> None:
        self._pid = os.getppid()

    @property
    def gone(self) -> bool:
        return os.getppid() != self._pid
