"""A small git repository."""

import subprocess
from pathlib import Path

from orderwire.workplace.git import Repository


class Commits:
    """A repository in which `commit` writes files and commits them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("config", "user.email", "ada@example.com")
        self.git("config", "user.name", "Ada")

    @property
    def repository(self) -> Repository:
        return Repository(self.root)

    def commit(self, subject: str, **files: str) -> str:
        """Returns the commit's id. A file `a_b` is called `a-b.txt`."""
        for name, text in files.items():
            (self.root / f"{name.replace('_', '-')}.txt").write_text(text)
        self.git("add", ".")
        self.git("commit", "--quiet", "--allow-empty", "-m", subject)
        return self.git("rev-parse", "HEAD")

    def git(self, *arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=self.root, check=True, capture_output=True, text=True)
        return done.stdout.strip()
