"""Tools that a test needs and a laptop may lack: there it is skipped with the reason; with CI=true it fails."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest


def missing(what: str, remedy: str) -> None:
    reason = f"{what} is not installed: {remedy}"
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def npm_packages(folder: Path, why: str) -> Path:
    """The node_modules of a folder with a package-lock.json, installed when it is not there."""
    modules = folder / "node_modules"
    if not modules.exists():
        npm = shutil.which("npm")
        if npm is None:
            missing("npm", why)
        command = [str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    return modules
