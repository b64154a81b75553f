"""What a machine remembers between commands, in `.orderwire/`: state, logs, the local admin's login, who is running."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from orderwire.console.problem import Problem

ROOT = Path(__file__).resolve().parents[2]
"""The checkout that this code belongs to."""

OWNERS_FOLDER, OWNERS_FILE = 0o700, 0o600
"""What the machine's other users may do with the home, its folders and its files: nothing."""

USUAL = ROOT / ".orderwire"
KEPT_HERE = ("admin.json", "running.json", "*.log", "lock", "paused", "state", "state.old", "state.work", "tmp")
"""What of a home is ours: it may be a folder that somebody uses for other things, too."""

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

    path: Path = USUAL

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
        self._keep(self._admin, asdict(login))

    def make(self) -> None:
        """Makes the folder, closed to all others on this machine. One that is there already and was named by somebody
        may hold other things: it stays as open as it is, and what is kept in it is closed one by one."""
        self.path.mkdir(mode=OWNERS_FOLDER, parents=True, exist_ok=True)
        if self.path.name == USUAL.name:
            self.path.chmod(OWNERS_FOLDER)

    def _close_what_is_there(self) -> None:
        """Closes what earlier runs have left, from a time when it was open to read."""
        for each in (path for name in KEPT_HERE for path in self.path.glob(name)):
            for path in (each, *each.rglob("*")):
                if not path.is_symlink():
                    path.chmod(OWNERS_FOLDER if path.is_dir() else OWNERS_FILE)

    def log(self, name: str) -> Path:
        return self.path / f"{name}.log"

    def open_log(self, name: str) -> IO[bytes]:
        """Begins the log anew, in the folder, which it makes if need be."""
        self.make()
        return open_private(self.log(name))

    def _keep(self, path: Path, document: Mapping[str, Any]) -> None:
        """Puts the file in its place when it is whole."""
        part = path.with_suffix(".part")
        part.unlink(missing_ok=True)
        with open_private(part) as file:
            file.write(json.dumps(document).encode())
        part.replace(path)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keeps other runs out. The operating system lets go of the lock whatever becomes of this process."""
        self.make()
        with open_private(self.path / "lock") as lock:
            if not _locked(lock.fileno()):
                running = self._read()
                raise Problem(f"Orderwire is running here already{f', as process {running.pid}' if running else ''}.")
            self._running.unlink(missing_ok=True)  # of a run that was killed
            self._close_what_is_there()
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
        self._keep(self._running, asdict(running))

    def running(self) -> Running | None:
        """The system that runs in this home, or None; what a crash left behind does not count."""
        if not self._running.exists():
            return None
        with (self.path / "lock").open("r") as lock:
            return None if _locked(lock.fileno()) else self._read()

    def _read(self) -> Running | None:
        return Running(**json.loads(self._running.read_text())) if self._running.exists() else None


def open_private(path: Path) -> IO[bytes]:
    """Opens a file to write it from its start; nobody but its owner may read it, however it was made."""
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, OWNERS_FILE)
    os.fchmod(descriptor, OWNERS_FILE)
    return os.fdopen(descriptor, "wb")


def _locked(descriptor: int) -> bool:
    """Takes the lock if nobody has it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
