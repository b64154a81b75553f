"""breakpoint() in code that several threads run: one of them has the terminal at a time, the others wait for it.

What the functions log meanwhile is kept back until the debugger goes on, so that it does not run through the prompt.
"""

import logging
import os
import pdb
import sys
import threading
from types import FrameType, TracebackType
from typing import Any, TextIO


class Terminal:
    """Which thread has the terminal. The same thread may take it again."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._owner: int | None = None
        self.waiting: list[PatientHandler] = []

    @property
    def taken(self) -> bool:
        """Whether another thread has it."""
        return self._owner not in (None, threading.get_ident())

    def take(self) -> None:
        self._lock.acquire()
        self._owner = threading.get_ident()

    def give_back(self) -> None:
        self._owner = None
        self._lock.release()
        for handler in self.waiting:
            handler.say_what_was_kept()


TERMINAL = Terminal()


class Debugger(pdb.Pdb):
    """Keeps the terminal from the first prompt until it is told to continue or to quit."""

    _has_terminal = False

    def interaction(self, frame: FrameType | None, tb_or_exc: TracebackType | BaseException | None) -> None:
        if not self._has_terminal:
            TERMINAL.take()
            self._has_terminal = True
        super().interaction(frame, tb_or_exc)  # type: ignore[arg-type]  # its name and type differ between versions

    def set_continue(self) -> None:
        super().set_continue()
        self._give_back()

    def set_quit(self) -> None:
        super().set_quit()
        self._give_back()

    def _give_back(self) -> None:
        if self._has_terminal:
            self._has_terminal = False
            TERMINAL.give_back()


class PatientHandler(logging.StreamHandler[TextIO]):
    """A handler that keeps records back while a debugger has the terminal."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._kept: list[logging.LogRecord] = []
        TERMINAL.waiting.append(self)

    def emit(self, record: logging.LogRecord) -> None:
        self._kept.append(record)
        if not TERMINAL.taken:
            self.say_what_was_kept()

    def say_what_was_kept(self) -> None:
        while self._kept:
            super().emit(self._kept.pop(0))


def debug_here(*_: Any, **__: Any) -> None:
    Debugger().set_trace(sys._getframe(1))


def install() -> None:
    """Makes breakpoint() use it, unless PYTHONBREAKPOINT says what to use."""
    if "PYTHONBREAKPOINT" not in os.environ:
        sys.breakpointhook = debug_here
