"""A child process that cannot outlive its parent.

Parent and child share a pipe, the lifeline, on which nothing is ever sent. When the parent closes its end, or dies in
any way, the child sends itself SIGTERM and stops as it would if it were asked to.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from orderwire.workplace.home import ROOT, import_path


class Child:
    """Runs `python -m module lifeline *arguments`, started at once; `lifeline` is the number of a file descriptor.

    `output` is where its output goes, None for ours. `pass_fds` are inherited besides the lifeline. Without
    `own_session` it can read the terminal. A Ctrl-C there never reaches it: it is stopped in its turn.
    `umask` is what others may not do with the files that it makes, -1 leaves ours.
    """

    def __init__(
        self,
        module: str,
        arguments: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path,
        output: IO[bytes] | None = None,
        pass_fds: Sequence[int] = (),
        own_session: bool = False,
        umask: int = -1,
    ) -> None:
        theirs, ours = os.pipe()
        self._ours: int | None = ours
        try:
            with inherited_without_ctrl_c():
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", module, str(theirs), *arguments],
                    stdin=subprocess.DEVNULL if own_session else None,
                    stdout=output,
                    stderr=subprocess.STDOUT if output else None,
                    cwd=folder,
                    env={**environment, "PYTHONPATH": import_path(ROOT), "PYTHONUNBUFFERED": "1"},
                    pass_fds=(theirs, *pass_fds),
                    start_new_session=own_session,
                    umask=umask,
                )
        except BaseException:
            os.close(ours)
            raise
        finally:
            os.close(theirs)

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    def ask_to_stop(self) -> None:
        """Cuts the lifeline; asking again does nothing."""
        if self._ours is not None:
            os.close(self._ours)
            self._ours = None

    def stop(self, seconds: float) -> int:
        """Asks it to stop, waits up to `seconds`, then kills it; returns its exit code."""
        self.ask_to_stop()
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


@contextmanager
def inherited_without_ctrl_c() -> Iterator[None]:
    """Whatever is started in the block has SIGINT blocked; one that arrives meanwhile reaches us after the block."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def stop_with_parent(lifeline: int) -> None:
    """In the child: SIGTERM to ourselves as soon as the parent is gone."""

    def wait() -> None:
        os.read(lifeline, 1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="lifeline", daemon=True).start()
