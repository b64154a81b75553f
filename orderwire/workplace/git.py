"""Which commit a checkout is at, and what is not in it."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from orderwire.console.problem import Problem
from orderwire.workplace.home import ROOT

SHORT = 12
"""Characters of a commit's id that people read."""


@dataclass(frozen=True)
class Version:
    """What a checkout would release: `subject` is the first line of the commit's message, `changed` are the files that
    differ from the commit."""

    commit: str
    subject: str
    changed: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.commit[:SHORT]} ({self.subject})"


@dataclass(frozen=True)
class Repository:
    """The git repository at `root`."""

    root: Path = ROOT

    def version(self, commit: str = "HEAD") -> Version:
        """Raises Problem if this is no repository or has no such commit."""
        found, subject = self.git("log", "-1", "--format=%H%n%s", "--end-of-options", commit, "--").splitlines()
        changed = self.git("status", "--porcelain").splitlines() if commit == "HEAD" else []
        return Version(found, subject, tuple(line[3:] for line in changed))

    def here(self, commit: str) -> Version:
        """A commit that was released. Raises Problem, with the way out, if this clone lacks it."""
        try:
            return self.version(commit)
        except Problem as missing:
            raise Problem(f"{missing}\nThis clone lacks the commit that is needed: git fetch --unshallow") from None

    def label(self) -> str:
        """What a deployment from here is remembered as: the commit's id, or something that nobody can go back to."""
        try:
            version = self.version()
        except Problem:
            return "uncommitted"
        return f"{version.commit}-changed" if version.changed else version.commit

    def between(self, older: str, newer: str) -> list[str]:
        """What came after `older` up to `newer`, newest first, a line per commit."""
        return self.git("log", "--format=%h %s", f"{older}..{newer}", "--").splitlines()

    @contextmanager
    def at(self, commit: str) -> Iterator[Path]:
        """A checkout of the commit, gone after the block."""
        with TemporaryDirectory(prefix="orderwire-") as folder:
            place = Path(folder).resolve() / "checkout"
            self.git("worktree", "add", "--quiet", "--detach", str(place), commit)
            try:
                yield place
            finally:
                self.git("worktree", "remove", "--force", str(place))

    def git(self, *arguments: str) -> str:
        """The output of a git command. Raises Problem with git's own words."""
        try:
            done = subprocess.run(["git", *arguments], cwd=self.root, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            raise Problem("There is no git on this machine; a release names the commit that it is made of.") from None
        if done.returncode:
            raise Problem(f"git {arguments[0]}: {done.stderr.strip().removeprefix('fatal: ')}")
        return done.stdout.rstrip("\n")
