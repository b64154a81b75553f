"""What the code of another commit runs with: this checkout's Python and libraries, or where it wants another Python an
environment of its own, which is made as that commit makes it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from infrastructure.stages import Stage
from orderwire.console.problem import Problem
from orderwire.console.tell import Tell
from orderwire.workplace.home import ROOT, import_path

Run = Callable[[Sequence[str]], int]
"""Runs `orderwire` of a checkout with these arguments, its output on ours; returns the exit code."""

READY = ".venv/.ready-run"
"""The target of every commit's Makefile that makes the environment of its command."""

ASK = "import sys; from infrastructure.stages import STAGES; print(STAGES[sys.argv[1]].python or '')"


@dataclass(frozen=True)
class Runner:
    """`own` says whether the checkout runs with the tools that it locks itself, not with those of this one."""

    run: Run
    own: bool


Prepare = Callable[[Path, Stage, Tell], Runner]
"""Makes ready to run the command of a checkout for a stage. Raises Problem; changes nothing in the account."""


def prepare(checkout: Path, stage: Stage, tell: Tell, running: Path = Path(sys.executable)) -> Runner:
    """See `Prepare`; `running` is the interpreter of this process."""
    wanted = None if stage.emulated else python_of(checkout, stage, running)  # the embedded AWS has this one
    own = wanted not in {None, version_of(running)}
    python = environment(checkout, str(wanted), tell) if own else running
    return Runner(lambda arguments: run_orderwire(checkout, arguments, python), own)


def python_of(checkout: Path, stage: Stage, python: Path) -> str | None:
    """The version, say 3.11, that the checkout's own code names for the stage; None if any will do. Raises Problem."""
    done = _quietly([python, "-P", "-c", ASK, stage.name], checkout, _for_code_of(checkout))
    if done.returncode:
        raise Problem(f"That commit does not say which Python stage {stage.name} runs with: {last_line(done.stderr)}")
    return done.stdout.strip() or None


def version_of(python: Path) -> str:
    """The interpreter's version, say 3.11."""
    if python == Path(sys.executable):
        return ".".join(map(str, sys.version_info[:2]))
    return _quietly([python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], ROOT).stdout.strip()


def environment(checkout: Path, version: str, tell: Tell) -> Path:
    """Makes the environment in the checkout and returns its interpreter. Raises Problem."""
    python = interpreter(version)
    tell(f"that commit runs with Python {version}: an environment of its own is made, with the tools that it locks")
    done = _quietly(["make", f"PYTHON={python}", READY], checkout, _clean())
    if done.returncode:
        raise Problem(f"The environment of that commit cannot be made: {last_line(done.stderr or done.stdout)}")
    return checkout / ".venv/bin/python"


def interpreter(version: str) -> Path:
    """One of this version on this machine; where there is none, uv fetches it. Raises Problem."""
    uv = shutil.which("uv", path=os.pathsep.join([str(ROOT / ".uv/bin"), str(Path(sys.executable).parent), os.defpath]))
    if uv is None:
        raise Problem("There is no uv here to find another Python with: make .uv/bin/uv")
    find = [uv, "python", "find", "--system", "--no-project", "--no-config", version]
    found = _quietly(find, ROOT, _clean())
    if found.returncode:
        fetched = _quietly([uv, "python", "install", "--no-config", "--no-progress", version], ROOT, _clean())
        found = _quietly(find, ROOT, _clean())
        if found.returncode:
            raise Problem(
                f"There is no Python {version} on this machine, and uv cannot fetch it"
                f" ({last_line(fetched.stderr or found.stderr)}). Put it on the PATH as python{version}."
            )
    return Path(found.stdout.strip())


def run_orderwire(checkout: Path, arguments: Sequence[str], python: Path) -> int:
    """Runs the command of another checkout with an interpreter and the libraries that this one has."""
    command: list[str | Path] = [python, "-P", "-m", "orderwire", *arguments]
    return subprocess.run(command, cwd=checkout, env=_for_code_of(checkout), check=False).returncode


def last_line(text: str) -> str:
    """Of what a command said, but for make's own line that something has failed."""
    said = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("make: ***")]
    return said[-1] if said else "it says nothing."


def _clean() -> dict[str, str]:
    """Our environment, without what says which Python this process runs in."""
    ours = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "UV_PYTHON", "UV_PROJECT_ENVIRONMENT", "MAKEFLAGS", "MAKELEVEL"}
    return {name: value for name, value in os.environ.items() if name not in ours}


def _for_code_of(checkout: Path) -> dict[str, str]:
    return {**_clean(), "PYTHONPATH": import_path(checkout), "PYTHONDONTWRITEBYTECODE": "1"}


def _quietly(
    command: Sequence[str | Path], where: Path, environment_: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=where, env=environment_, capture_output=True, text=True, check=False)
