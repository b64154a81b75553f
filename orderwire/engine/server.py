"""The process in which ministack runs. Started by `orderwire.engine.process` with the home folder as its argument.

It commits its state when it stops cleanly, also if that is because its parent was killed.
"""

import logging
import os
import sys
from pathlib import Path
from typing import Any

from orderwire.child import stop_with_parent
from orderwire.engine.snapshot import Snapshot

STATE_FAILED = 3
"""Exit code: state could not be read or written. What the last clean stop left is untouched."""


class StateErrors(logging.Handler):
    """Ends the process where ministack would log the loss of state and carry on."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.ERROR and "persist" in record.getMessage().lower():
            sys.stderr.write(f"state is not safe: {record.getMessage()}\n")
            sys.stderr.flush()
            os._exit(STATE_FAILED)


def forget_queries() -> None:
    """Keeps the answers to past queries out of the saved state: ministack cannot write all of their types, and would
    not save the rest of Athena's state then."""
    from ministack.services import athena

    whole = athena.get_state

    def without_answers() -> Any:
        state = whole()  # a copy
        state["_executions"].clear()
        return state

    athena.get_state = without_answers


def main(lifeline: str, home: str) -> None:
    stop_with_parent(int(lifeline))
    sys.argv[1:] = []  # ministack would read them
    from ministack.app import main as serve  # it reads the environment and sets up logging at import

    for name in ("ministack", "persistence"):
        logging.getLogger(name).addHandler(StateErrors())
    forget_queries()
    serve()
    Snapshot(Path(home)).commit()


if __name__ == "__main__":
    main(*sys.argv[1:])
