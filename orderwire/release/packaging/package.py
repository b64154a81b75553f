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
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from infrastructure.stages import Stage
from orderwire.cloudformation.template_bucket import ClientOf
from orderwire.console.problem import Problem
from orderwire.console.tell import Tell
from orderwire.release.api.updates import in_its_time, was_at_work
from orderwire.release.deployed import deployed, stack_status
from orderwire.release.history import HistoryOf
from orderwire.release.packaging.layer import require_complete
from orderwire.release.packaging.layer_cache import cached_layer
from orderwire.workplace.git import Repository
from orderwire.workplace.home import ROOT

CHALICE = Path(sys.executable).with_name("chalice")
DEPLOYED = ".chalice/deployed"
"""Where Chalice writes what it has deployed, a file per stage."""
REQUIREMENTS, LAYER = "requirements.txt", "layer-deployment.zip"
FILES = ("app.py", REQUIREMENTS, ".chalice/config.json")
NOT_PACKED = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")
GOOD = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"})
"""What a stack is that functions can work with."""

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


def package(
    stage: Stage, out: Path, architecture: str | None = None, merge: Mapping[str, Any] | None = None
) -> Package:
    """Writes the package of a stage to `out`; `architecture` replaces the stage's own, `merge` is a template that is
    merged into Chalice's. Raises Problem."""
    with clean_copy(stage, architecture) as copy:
        arguments = ["package", "--stage", stage.name]
        if merge is not None:
            (copy / "merge.json").write_text(json.dumps(merge))
            arguments += ["--merge-template", "merge.json"]
        chalice(copy, [*arguments, str(out.absolute())])
        require_complete(out / LAYER, copy / REQUIREMENTS)
    return Package(out / LAYER, out / "deployment.zip", out / "sam.json")


def deploy(client: ClientOf, stage: Stage, tell: Tell, architecture: str | None = None, root: Path = ROOT) -> None:
    """Deploys the checkout `root` to a stage, as `chalice deploy` in it would, whoever deployed it last from wherever.

    Raises Problem.
    """
    require_stack(client, stage)
    HistoryOf(client, stage).begin(Repository(root).label())
    run_chalice("deploy", client, stage, tell, architecture, root)


def delete(client: ClientOf, stage: Stage, tell: Tell, root: Path = ROOT) -> None:
    """Deletes the stage's functions, their roles and layer, and the API. Raises Problem if something of it remains."""
    run_chalice("delete", client, stage, tell, None, root)
    left = deployed(client, stage)
    if left:
        names = ", ".join(function.name for function in left.functions) or "roles or layers"
        raise Problem(f"Chalice has left something of stage {stage.name}: {names}. Run it again.")


def run_chalice(command: str, client: ClientOf, stage: Stage, tell: Tell, architecture: str | None, root: Path) -> None:
    def known() -> dict[str, Any]:
        return deployed(client, stage).record()

    with clean_copy(stage, architecture, root) as copy:
        record = f"{DEPLOYED}/{stage.name}.json"

        def run() -> None:
            with remembered(known, copy / record, root / record):
                chalice(copy, [command, "--stage", stage.name])

        if command == "deploy":  # the layer that is packed here is the one that Chalice deploys
            chalice(copy, ["package", "--stage", stage.name, "packed"])
            require_complete(copy / "packed" / LAYER, copy / REQUIREMENTS)
        in_its_time(run, lambda: was_at_work(client, stage, tell))


def require_stack(client: ClientOf, stage: Stage) -> None:
    """Raises Problem if the stage's stack is not there: functions would have neither queue nor table."""
    status = stack_status(client, stage)
    if status not in GOOD:
        first = f"First: orderwire infra {stage.name}"
        raise Problem(f"The stack orderwire-{stage.name} is {status or 'not there'}. {first}")


@contextmanager
def remembered(known: Callable[[], dict[str, Any]], inside: Path, kept: Path) -> Iterator[None]:
    """Writes what is deployed to the file `inside`, where Chalice looks for it; after the block also to `kept`, even if
    Chalice has failed.

    `known` reads that from the account: Chalice itself writes its record only after a success.
    """
    write_record(inside, known())
    try:
        yield
    finally:
        write_record(kept, known())


def write_record(file: Path, record: dict[str, Any]) -> None:
    """Without resources there is no file, as with Chalice."""
    if record["resources"]:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(record, indent=2) + "\n")
    else:
        file.unlink(missing_ok=True)


@contextmanager
def clean_copy(stage: Stage, architecture: str | None = None, root: Path = ROOT) -> Iterator[Path]:
    """A folder with what Chalice needs of the checkout, gone after the block."""
    with TemporaryDirectory(prefix="orderwire-") as folder:
        copy = Path(folder)
        copy_sources(root, copy)
        set_architecture(copy / ".chalice/config.json", stage.name, architecture or stage.architecture)
        with cached_layer(copy, root):
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
        "PIP_CONSTRAINT": str(folder / REQUIREMENTS),  # the hashes, also for wheels fetched for another machine
        "PYTHONDONTWRITEBYTECODE": "1",  # importing app.py would put __pycache__ next to what is packed
    }
    done = subprocess.run([CHALICE, *arguments], cwd=folder, env=environment, check=False)
    if done.returncode:
        raise Problem(f"chalice {arguments[0]} failed (exit code {done.returncode}); the reason is above.")
