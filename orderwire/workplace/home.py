"""What a machine remembers between commands, in `.orderwire/`: state, logs, the local admin's login, who is running."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from orderwire.console.problem import Problem

ROOT = Path(__file__).resolve().parents[2]
"""The checkout that this code belongs to."""

PACKAGES = ("packages/eventbridge-rules",)
"""Folders of a checkout besides itself that the command imports from."""


def import_path(checkout: Path) -> str:
    """Returns the PYTHONPATH with which a process imports the code of `checkout`, wherever the installed one lies."""
    return os.pathsep.join(str(checkout / name) for name in (".", *PACKAGES))


@dataclass(frozen=True)
class Running:
    """What a running system tells other commands: two URLs and the process that stops it all."""

    endpoint: str
    api: str
    pid: int


@dataclass(frozen=True)
class Login:
    """The local admin's. It is worth nothing anywhere else."""

    username: str
    password: str


@dataclass(frozen=True)
class Home:
    """The folder; it is made when first needed. `make clean` removes it and with it every order."""

    path: Path = ROOT / ".orderwire"

    @property
    def paused(self) -> Path:
        """Holds an empty file for each consumer that is paused."""
        return self.path / "paused"

    @property
    def _running(self) -> Path:
        return self.path / "running.json"

    @property
    def _admin(self) -> Path:
        return self.path / "admin.json"

    def admin(self) -> Login | None:
        return Login(**json.loads(self._admin.read_text())) if self._admin.exists() else None

    def keep_admin(self, login: Login) -> None:
        """Keeps the login in a file that only its owner may read."""
        part = self._admin.with_suffix(".part")
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(json.dumps(asdict(login)))
        part.replace(self._admin)

    def log(self, name: str) -> Path:
        return self.path / f"{name}.log"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keeps other runs out. The operating system lets go of the lock whatever becomes of this process."""
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / "lock").open("w") as lock:
            if not _locked(lock.fileno()):
                running = self._read()
                raise Problem(f"Orderwire is running here already{f', as process {running.pid}' if running else ''}.")
            self._running.unlink(missing_ok=True)  # of a run that was killed
            try:
                yield
            finally:
                self._running.unlink(missing_ok=True)

    def forget(self) -> None:
        """Removes everything. Raises Problem if it is in use."""
        if self.path.exists():
            with self.held():
                shutil.rmtree(self.path)

    def announce(self, running: Running) -> None:
        """Tells other commands where everything is. Only for who holds the home."""
        part = self._running.with_suffix(".part")
        part.write_text(json.dumps(asdict(running)))
        part.replace(self._running)

    def running(self) -> Running | None:
        """The system that runs in this home, or None; what a crash left behind does not count."""
        if not self._running.exists():
            return None
        with (self.path / "lock").open("r") as lock:
            return None if _locked(lock.fileno()) else self._read()

    def _read(self) -> Running | None:
        return Running(**json.loads(self._running.read_text())) if self._running.exists() else None


def _locked(descriptor: int) -> bool:
    """Takes the lock if nobody has it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
