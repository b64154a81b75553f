"""The process in which ministack runs. `orderwire.machine.engine.process` starts it with the home folder as
its argument.

It commits its state when it stops cleanly, also if that is because its parent was killed.
"""

import logging
import os
import sys
from pathlib import Path
from typing import Any

from orderwire.machine.child import stop_with_parent
from orderwire.machine.engine.snapshot import Snapshot

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


def honour_filters() -> None:
    """Lets a replay enter at the rules that it names only, as EventBridge does: ministack keeps their list, and hands
    the events to every rule of the bus. What a rule passes on to another bus is for all rules there."""
    from ministack.services import eventbridge

    invoke = eventbridge._invoke_target

    def at_named_rules(target: Any, event: Any, rule: Any, view: Any = None) -> None:
        replay = eventbridge._replays.get(event.get("ReplayName")) or {}
        named = replay.get("Destination", {}).get("FilterArns")
        if not named or "_DispatchPath" in event or rule["Arn"] in named:
            invoke(target, event, rule, view)

    eventbridge._invoke_target = at_named_rules


def main(lifeline: str, home: str) -> None:
    stop_with_parent(int(lifeline))
    sys.argv[1:] = []  # ministack would read them
    from ministack.app import main as serve  # it reads the environment and sets up logging at import

    for name in ("ministack", "persistence"):
        logging.getLogger(name).addHandler(StateErrors())
    forget_queries()
    honour_filters()
    serve()
    Snapshot(Path(home)).commit()


if __name__ == "__main__":
    main(*sys.argv[1:])
