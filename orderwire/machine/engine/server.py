"""The process in which ministack runs. `orderwire.machine.engine.process` starts it with the home folder as
its argument.

It commits its state when it stops cleanly, also if that is because its parent was killed.
"""

import logging
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from orderwire.machine.child import stop_with_parent
from orderwire.machine.engine.door import closed_to_web_pages
from orderwire.machine.engine.mends import mend
from orderwire.machine.engine.snapshot import Snapshot

STATE_FAILED = 3
"""Exit code: state could not be read or written. What the last clean stop left is untouched."""

PROGRAMS = frozenset(
    {"os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system", "pty.spawn", "subprocess.Popen"}
)
"""The audit events of whatever starts a program."""


class StateErrors(logging.Handler):
    """Ends the process where ministack would log the loss of state and carry on."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.ERROR and "persist" in record.getMessage().lower():
            sys.stderr.write(f"state is not safe: {record.getMessage()}\n")
            sys.stderr.flush()
            os._exit(STATE_FAILED)


def run_no_programs() -> None:
    """Keeps the engine from starting any other program, be it a Lambda function, a build or a container: who reaches
    it on loopback, another user of the machine included, would run code as who started it."""

    def refuse(event: str, _: Any) -> None:
        if event in PROGRAMS:
            raise PermissionError("the embedded AWS of this machine starts no programs")

    sys.addaudithook(refuse)


def main(lifeline: str, home: str) -> None:
    stop_with_parent(int(lifeline))
    sys.argv[1:] = []  # ministack would read them
    from ministack import app as engine  # it reads the environment and sets up logging at import

    for name in ("ministack", "persistence"):
        logging.getLogger(name).addHandler(StateErrors())
    mend(Path(tempfile.gettempdir()))
    run_no_programs()
    engine.app = closed_to_web_pages(engine.app)
    engine.main()
    Snapshot(Path(home)).commit()


if __name__ == "__main__":
    main(*sys.argv[1:])
