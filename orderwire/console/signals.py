"""Ctrl-C, SIGTERM and a closed terminal end a command the same way.

A handler only notes the signal. `check`, called wherever something is waited for, raises Stopped, so that it is raised
where it does no harm: an exception out of a handler could come in the middle of a clean-up, or be lost in a destructor.
"""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody ended the command. No `except Exception` holds it up."""


class _Noted:
    asked = False


def _note(_signal: int, _frame: FrameType | None) -> None:
    _Noted.asked = True


@contextmanager
def ended_at_once() -> Iterator[None]:
    """Inside the block Ctrl-C ends the process: an exception amid an import could get lost."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Python lets no other thread say what a signal does, and interrupts none
        return
    before = signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def stoppable() -> Iterator[None]:
    """Inside the block, in the main thread, a signal makes `check` raise; without it, it ends the process as usual."""
    _Noted.asked = False
    before = {number: signal.signal(number, _note) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        _Noted.asked = False


def check() -> None:
    """Raises Stopped if the process was asked to stop; from any thread."""
    if _Noted.asked:
        raise Stopped


class Parent:
    """The process that started us, as long as it lives."""

    def __init__(self) -> None:
        self._pid = os.getppid()

    @property
    def gone(self) -> bool:
        return os.getppid() != self._pid
