"""The engine's state on disk: what a run changes counts only once the run has ended cleanly.

ministack writes its state when it is stopped, a file per service. It works on a copy, which takes the place of the
original after the last file is written, so that a crash at any moment leaves one state that was true at one time.
"""

import shutil
from pathlib import Path

from orderwire.workplace.home import OWNERS_FOLDER


class Snapshot:
    """`state` is what the last clean stop left; `work` belongs to the run that is going on."""

    def __init__(self, home: Path) -> None:
        self._state, self._old, self.work = home / "state", home / "state.old", home / "state.work"

    def open(self) -> bool:
        """Makes the copy to work on; returns whether the last run was cut off, so that what it did is forgotten."""
        cut_off = self.work.exists()
        shutil.rmtree(self.work, ignore_errors=True)
        if self._old.exists() and not self._state.exists():
            self._old.rename(self._state)
        shutil.rmtree(self._old, ignore_errors=True)
        if self._state.exists():
            shutil.copytree(self._state, self.work)
        else:
            self.work.mkdir(mode=OWNERS_FOLDER, parents=True)
        return cut_off

    def discard(self) -> None:
        """Forgets the copy of a run that never began."""
        shutil.rmtree(self.work, ignore_errors=True)

    def commit(self) -> None:
        """Makes the worked-on copy the state."""
        if self._state.exists():
            self._state.rename(self._old)
        self.work.rename(self._state)
        shutil.rmtree(self._old, ignore_errors=True)
