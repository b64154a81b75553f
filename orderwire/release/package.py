"""Packages and deploys the functions of a stage with Chalice, from a clean copy of the checkout.

Chalice packs whatever lies in the folders that vendor/ links to. The copy holds what the functions need and nothing
else, so the same sources always give the same layer; and it can say for which architecture, which Chalice takes from
the configuration only. It costs a second copy of some hundred small files.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from infrastructure.stages import Stage
from orderwire.home import ROOT
from orderwire.problem import Problem

CHALICE = Path(sys.executable).with_name("chalice")
DEPLOYED = ".chalice/deployed"
"""Where Chalice writes what it has deployed, a file per stage."""
FILES = ("app.py", "requirements.txt", ".chalice/config.json")
NOT_PACKED = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")
ANY_REGION = "eu-central-1"
"""Chalice wants a region even to package; the package is the same for all."""

ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
"""What platforms call a machine -> what Lambda calls it."""


@dataclass(frozen=True)
class Package:
    """What Chalice packed: `layer` and `code` are zip files, `template` is the SAM template that names them."""

    layer: Path
    code: Path
    template: Path


def machine_architecture(machine: str | None = None) -> str:
    """Lambda's name of a machine's architecture, this one's by default. Raises Problem if Lambda has none like it."""
    machine = machine or platform.machine()
    if machine.lower() not in ARCHITECTURES:
        raise Problem(f"Lambda has no architecture like this machine's ({machine}).")
    return ARCHITECTURES[machine.lower()]


def package(stage: Stage, out: Path, architecture: str | None = None) -> Package:
    """Writes the package of a stage to `out`; `architecture` replaces the stage's own. Raises Problem."""
    with clean_copy(stage, architecture) as copy:
        chalice(copy, ["package", "--stage", stage.name, str(out.absolute())])
    return Package(out / "layer-deployment.zip", out / "deployment.zip", out / "sam.json")


def deploy(stage: Stage, architecture: str | None = None) -> None:
    """Deploys a stage, as `chalice deploy` in the checkout would. Raises Problem."""
    with clean_copy(stage, architecture) as copy, remembered(copy / DEPLOYED, ROOT / DEPLOYED):
        chalice(copy, ["deploy", "--stage", stage.name])


@contextmanager
def remembered(inside: Path, kept: Path) -> Iterator[None]:
    """Lets Chalice find in the folder `inside` what it deployed before, and keeps in `kept` what it writes there."""
    if kept.exists():
        shutil.copytree(kept, inside)
    try:
        yield
    finally:  # what was deployed before a failure is deployed
        if inside.exists():
            shutil.copytree(inside, kept, dirs_exist_ok=True)


@contextmanager
def clean_copy(stage: Stage, architecture: str | None = None, root: Path = ROOT) -> Iterator[Path]:
    """A folder with what Chalice needs of the checkout, gone after the block."""
    with TemporaryDirectory(prefix="orderwire-") as folder:
        copy = Path(folder)
        copy_sources(root, copy)
        set_architecture(copy / ".chalice/config.json", stage.name, architecture or stage.architecture)
        yield copy


def copy_sources(root: Path, target: Path) -> None:
    """Copies app.py, the configuration, and the packages that vendor/ links to, as real folders."""
    (target / ".chalice").mkdir()
    for name in [*FILES, *(f".chalice/{path.name}" for path in root.glob(".chalice/policy-*.json"))]:
        shutil.copyfile(root / name, target / name)
    for link in (root / "vendor").iterdir():
        shutil.copytree(link.resolve(), target / "vendor" / link.name, ignore=NOT_PACKED)


def set_architecture(config: Path, stage: str, architecture: str | None) -> None:
    document = json.loads(config.read_text())
    document["stages"][stage]["lambda_architecture"] = architecture or machine_architecture()
    config.write_text(json.dumps(document))


def chalice(folder: Path, arguments: Sequence[str]) -> None:
    """Runs Chalice's own command in `folder`, its output on ours. Raises Problem if it fails."""
    environment = {
        "AWS_DEFAULT_REGION": ANY_REGION,
        **os.environ,
        "PYTHONPATH": str(folder / "vendor"),  # before the checkout that .venv belongs to
        "PYTHONDONTWRITEBYTECODE": "1",  # importing app.py would put __pycache__ next to what is packed
    }
    done = subprocess.run([CHALICE, *arguments], cwd=folder, env=environment, check=False)
    if done.returncode:
        raise Problem(f"chalice {arguments[0]} failed (exit code {done.returncode}); the reason is above.")
