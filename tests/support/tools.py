"""Tools that a test needs and a laptop may lack: there it is skipped with the reason; with CI=true it fails."""

import os
import shutil
import subprocess
from fcntl import LOCK_EX, flock
from pathlib import Path

import pytest


def missing(what: str, remedy: str) -> None:
    reason = f"{what} is not installed: {remedy}"
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


CONTRACT_TOOLS = Path(__file__).parents[1] / "contract/npm"
"""Readers of our documents that others wrote: one package.json for all, and a script for each."""


def npm_packages(folder: Path, why: str) -> Path:
    """The node_modules of a folder with a package-lock.json, installed when it is not there or of an older lock."""
    modules, lock = folder / "node_modules", folder / "package-lock.json"
    with lock.open() as held:
        flock(held, LOCK_EX)  # tests run side by side
        if not is_installed(modules / ".package-lock.json", lock):
            install(folder, why)
    return modules


def is_installed(done: Path, lock: Path) -> bool:
    """`done` is what npm writes at the end."""
    return done.exists() and done.stat().st_mtime >= lock.stat().st_mtime


def install(folder: Path, why: str) -> None:
    npm = shutil.which("npm")
    if npm is None:
        missing("npm", why)
    command = [str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
