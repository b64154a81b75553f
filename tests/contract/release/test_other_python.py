"""A commit that wants another Python than the one that runs is packaged for it, in an environment that it makes."""

import json
import re
import shutil
import subprocess
import sys
from zipfile import ZipFile

import pytest

from infrastructure.render import ROOT
from infrastructure.stages import PROD
from orderwire.release.environment import prepare
from orderwire.release.rollback import require_packable

[OTHER, *_] = [each for each in ("3.11", "3.13") if each != ".".join(map(str, sys.version_info[:2]))]
NOT_COMMITTED = shutil.ignore_patterns(".git", ".venv*", ".uv", ".orderwire", "__pycache__", ".*_cache", "deploy*ed")


def runs(command):
    return shutil.which(command) and subprocess.run([command, "--version"], capture_output=True).returncode == 0


@pytest.mark.xdist_group("packaging")
@pytest.mark.skipif(not runs(f"python{OTHER}"), reason=f"there is no second Python here: python{OTHER}")
def test_a_commit_of_another_python_is_packaged_with_that_one_and_its_own_tools(tmp_path):
    checkout, told = tmp_path / "checkout", []
    shutil.copytree(ROOT, checkout, symlinks=True, ignore=NOT_COMMITTED)
    stages = checkout / "infrastructure/stages.py"
    stages.write_text(f"{stages.read_text()}\nSTAGES[{PROD.name!r}].__dict__['python'] = {OTHER!r}\n")

    runner = prepare(checkout, PROD, told.append)
    assert runner.own
    assert OTHER in told[0]
    require_packable(runner.run, PROD)

    assert runner.run(["package", PROD.name, str(tmp_path / "packed")]) == 0
    functions = json.loads((tmp_path / "packed/sam.json").read_text())["Resources"].values()
    assert {each["Properties"].get("Runtime") for each in functions} - {None} == {f"python{OTHER}"}
    with ZipFile(tmp_path / "packed/layer-deployment.zip") as layer:
        names = layer.namelist()
    [compiled] = {found[1] for name in names if (found := re.search(r"\.cpython-(\d+)-\S+\.so$", name))}
    assert compiled == OTHER.replace(".", "")
    assert {name.split("/")[2] for name in names} == {f"python{OTHER}"}
