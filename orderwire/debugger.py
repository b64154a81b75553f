"""breakpoint() in code that several threads run: one of them has the terminal at a time, the others wait for it."""

import os
import pdb
import sys
import threading
from types import FrameType, TracebackType
from typing import Any

TERMINAL = threading.RLock()


class Debugger(pdb.Pdb):
    """Keeps the terminal from the first prompt until it is told to continue or to quit."""

    _has_terminal = False

    def interaction(self, frame: FrameType | None, tb_or_exc: TracebackType | BaseException | None) -> None:
        if not self._has_terminal:
            TERMINAL.acquire()
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
            TERMINAL.release()


def debug_here(*_: Any, **__: Any) -> None:
    Debugger().set_trace(sys._getframe(1))


def install() -> None:
    """Makes breakpoint() use it, unless PYTHONBREAKPOINT says what to use."""
    if "PYTHONBREAKPOINT" not in os.environ:
        sys.breakpointhook = debug_here
