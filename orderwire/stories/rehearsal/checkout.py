"""A copy of the checkout, in which a rehearsal gives the commands that a team gives, with an account's rights."""

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from botocore.loaders import Loader

from orderwire.console.problem import Problem
from orderwire.console.waiting import wait_until
from orderwire.stories.rehearsal.account import Account
from orderwire.workplace.home import ROOT, import_path

NOT_SOURCES = shutil.ignore_patterns(
    ".venv*", ".git", ".orderwire", "__pycache__", ".*_cache", ".hypothesis", "node_modules", "tests", "deploy*ed"
)
AUTHOR = ("-c", "user.name=Rehearsal", "-c", "user.email=rehearsal@orderwire.example", "-c", "commit.gpgsign=false")
TEMPORARY = "tmp"
"""Next to the checkout: what a command that was killed leaves there goes with the rehearsal."""
COMMAND_SECONDS = 600
LAST_LINES = 5
WAITERS = "lambda/2015-03-31/waiters-2.json"
BETWEEN_LOOKS = 0.1


@dataclass(frozen=True)
class Checkout:
    """`path` is where the copy lies, `log` the file that gets all that the commands print."""

    path: Path
    account: Account
    log: Path

    def orderwire(self, *arguments: str) -> str:
        """What `orderwire` printed on standard output, with these arguments. Raises Problem with its last words."""
        return self.run([sys.executable, "-P", "-m", "orderwire", *arguments], f"orderwire {' '.join(arguments)}")

    def git(self, *arguments: str) -> str:
        return self.run(["git", *arguments], f"git {' '.join(arguments)}")

    def commit(self, message: str) -> None:
        """Commits whatever has changed. Raises Problem."""
        self.git("add", "--all")
        self.git(*AUTHOR, "commit", "--quiet", "--message", message)

    def run(self, command: list[str], name: str) -> str:
        with self.log.open("ab") as log:
            log.write(f"\n$ {name}\n".encode())
        start = self.log.stat().st_size
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                command,
                cwd=self.path,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            ended = wait_until(lambda: process.poll() is not None, COMMAND_SECONDS)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        said = self.said(start)
        if not ended or process.returncode:
            why = f"exit code {process.returncode}" if ended else f"not done after {COMMAND_SECONDS} s"
            last = "\n".join(said.strip().splitlines()[-LAST_LINES:])
            raise Problem(f"`{name}` failed ({why}):\n{last}\nAll that it said is in {self.log}.")
        return said

    def said(self, since: int = 0) -> str:
        """The log from this byte on."""
        with self.log.open("rb") as log:
            log.seek(since)
            return log.read().decode(errors="replace")

    def in_(self, account: Account) -> "Checkout":
        return replace(self, account=account)

    @property
    def environment_of_account(self) -> dict[str, str]:
        """What a command needs to work in the account, and not to wait long for functions to become ready."""
        return {**self.account.environment, "AWS_DATA_PATH": str(self.path.parent / "botocore")}

    @property
    def environment(self) -> dict[str, str]:
        return {
            **{key: value for key, value in os.environ.items() if not key.startswith("AWS_")},
            **self.environment_of_account,
            "TMPDIR": str(self.path.parent / TEMPORARY),
            "PYTHONPATH": import_path(self.path),
            "PYTHONUNBUFFERED": "1",
            "COLUMNS": "150",
        }


def copy_checkout(folder: Path, account: Account, log: Path) -> Checkout:
    """A copy of this checkout in `folder`, what is not committed included, as a repository with one commit.

    Raises Problem.
    """
    copy = Checkout(folder / "checkout", account, log)
    shutil.copytree(ROOT, copy.path, symlinks=True, ignore=NOT_SOURCES)
    (folder / TEMPORARY).mkdir()
    write_impatient_waiters(folder / "botocore")
    copy.git("init", "--quiet")
    copy.commit("What is rehearsed")
    return copy


def write_impatient_waiters(folder: Path) -> None:
    """Lets Chalice look every tenth of a second whether a function is ready, not every five seconds: botocore reads the
    folder that AWS_DATA_PATH names before its own."""
    waiters = Loader().load_service_model("lambda", "waiters-2", "2015-03-31")
    for name in ("FunctionActive", "FunctionUpdated"):
        waiters["waiters"][name]["delay"] = BETWEEN_LOOKS
    path = folder / WAITERS
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(waiters))
