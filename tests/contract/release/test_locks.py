"""What is installed is what uv.lock says: every package, by its version and the hashes of its files."""

import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from infrastructure.render import ROOT
from orderwire.console.problem import Problem
from orderwire.release.packaging.layer import require_complete

PROJECTS = (".", "tools/checkov")
"""Folders with a pyproject.toml and a uv.lock of their own."""
EXPORTED = {"requirements.txt": "functions", "tools/uv.txt": "uv"}
"""Files that `make lock` writes from the lock -> the dependency group that they hold."""
PYPI = {"registry": "https://pypi.org/simple"}
ENTRY = re.compile(r"(?m)^(?P<pin>[^\s#][^\n\\]*?) *\\\n(?P<hashes>(?: +--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)")
UV = Path(sys.executable).with_name("uv")
MAKEFILE = (ROOT / "Makefile").read_text()

each_project = pytest.mark.parametrize("project", PROJECTS)
each_export = pytest.mark.parametrize("name", EXPORTED)


def read(path):
    return tomllib.loads((ROOT / path).read_text())


def locked(project="."):
    return read(f"{project}/uv.lock")["package"]


def asked_for():
    """What pyproject.toml asks for by a version, in a group or without."""
    asked = read("pyproject.toml")
    groups = [entry for name, group in asked["dependency-groups"].items() if name != "functions" for entry in group]
    return [Requirement(each) for each in (*asked["project"]["dependencies"], *groups) if isinstance(each, str)]


def uv(folder, *arguments):
    done = subprocess.run([UV, *arguments, "--offline"], cwd=folder, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


@each_project
def test_a_lock_is_what_its_project_asks_for(project):
    code, _, told = uv(ROOT / project, "lock", "--check")
    assert code == 0, f"{told}\nRun: make lock"


def test_a_lock_that_its_project_has_outgrown_is_found(tmp_path):
    for name in ("pyproject.toml", "uv.lock", *(str(path.relative_to(ROOT)) for path in members())):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, tmp_path / name)
    assert uv(tmp_path, "lock", "--check")[0] == 0
    project = tmp_path / "pyproject.toml"
    project.write_text(project.read_text().replace('"stripe==', '"stripe>'))
    assert uv(tmp_path, "lock", "--check")[0] != 0


def members():
    return (ROOT / "packages").glob("*/pyproject.toml")


@each_project
def test_every_package_is_locked_with_the_hashes_of_its_files(project):
    for package in locked(project):
        if package["source"] == PYPI:
            files = [*package.get("wheels", ()), *([package["sdist"]] if "sdist" in package else [])]
            assert files
            assert all(file["hash"].startswith("sha256:") for file in files)
        else:
            assert package["source"].keys() < {"editable", "virtual"}, package["name"]


def test_what_the_application_asks_for_has_one_version():
    ours = {path.parent.name for path in members()}
    loose = [
        str(each) for each in asked_for() if each.name not in ours and [s.operator for s in each.specifier] != ["=="]
    ]
    assert loose == []


def test_the_functions_need_nothing_that_the_command_does_not_need():
    asked = read("pyproject.toml")
    names = {Requirement(each).name for each in asked["project"]["dependencies"]}
    assert set(asked["dependency-groups"]["functions"]) < names


@each_export
def test_what_is_exported_is_what_is_locked(name):
    arguments = ("export", "--frozen", "--no-emit-workspace", "--only-group", EXPORTED[name])
    code, text, told = uv(ROOT, *arguments)
    assert code == 0, told
    assert entries(text) == entries((ROOT / name).read_text()), "run make lock"


def entries(text):
    return [line for line in text.splitlines() if not line.lstrip().startswith("#")]


@each_export
def test_every_line_of_an_export_is_a_version_with_its_hashes(name):
    text = (ROOT / name).read_text()
    assert [line for line in ENTRY.sub("", text).splitlines() if line and not line.lstrip().startswith("#")] == []
    for entry in ENTRY.finditer(text):
        [version] = Requirement(entry["pin"]).specifier
        assert version.operator == "=="


def test_nothing_but_what_is_exported_is_a_file_of_requirements():
    assert {path.name for path in ROOT.glob("requirements*")} == {"requirements.txt"}
    assert dict(re.findall(r"--only-group (\w+) --output-file (\S+)", MAKEFILE)) == {
        group: name for name, group in EXPORTED.items()
    }


def test_what_is_installed_here_is_what_is_locked():
    def installed(name):
        try:
            return distribution(name).version
        except PackageNotFoundError:
            return None

    asked = {canonicalize_name(each.name) for each in asked_for()} - {"pip-audit"}  # it runs on its own
    versions = {package["name"]: package["version"] for package in locked()}
    found = {name: installed(name) for name in asked}
    assert found == {name: versions[name] for name in asked}, "run make check, which installs what is locked"


def test_what_is_compiled_is_locked_for_both_architectures_and_not_for_one_machine():
    """A universal lock lists every file of a release: the wheels of a compiled package are many."""
    lock = (ROOT / "requirements.txt").read_text()
    hashes = {Requirement(each["pin"]).name: each["hashes"].count("--hash") for each in ENTRY.finditer(lock)}
    assert min(hashes[name] for name in ("pydantic-core", "cryptography", "cffi")) > 20


def test_every_lock_is_looked_up_by_make_audit_and_whole():
    [audited] = re.findall(r"for project in (.*); do", MAKEFILE.replace("$(CHECKOV)", "tools/checkov"))
    assert tuple(audited.split()) == PROJECTS
    found = {path.parent.relative_to(ROOT) for path in ROOT.glob("**/uv.lock") if ".venv" not in path.parts}
    assert found == set(map(Path, PROJECTS))
    assert "--all-packages --all-groups --all-extras" in MAKEFILE
    assert "--strict" in MAKEFILE  # without it pip-audit calls it a success when it could look nothing up


def test_make_installs_nothing_without_its_hash():
    """pip takes what has its hash in the command's file; uv what its lock names, and writes no lock on its way."""
    lines = MAKEFILE.splitlines()
    [pip] = [line for line in lines if re.search(r"\bpip\b.*\binstall\b", line)]
    assert "--require-hashes" in pip
    uvs = [line for line in lines if re.search(r"\$\(UV\) (sync|run|export|tool|pip)\b", line)]
    assert uvs
    assert [line for line in uvs if "--frozen" not in line] == []


def layer(folder, *names):
    with ZipFile(folder / "layer.zip", "w") as file:
        for name in names:
            file.writestr(f"python/lib/python3.11/site-packages/{name}.dist-info/METADATA", "")
    return folder / "layer.zip"


@pytest.mark.parametrize(
    ("packed", "missing"),
    [
        (["one-1.0", "two_halves-2.1"], None),
        (["one-1.0"], "two-halves 2.1"),
        (["one-1.1", "two_halves-2.1"], "one 1.0"),
        ([], "one 1.0, two-halves 2.1"),
    ],
)
def test_a_layer_that_lacks_what_is_locked_is_refused(packed, missing, tmp_path):
    requirements = tmp_path / "requirements.txt"
    never = "other==1 ; sys_platform == 'nowhere' \\\n    --hash=sha256:00\n"
    requirements.write_text(
        f"# a lock\none==1.0 \\\n    --hash=sha256:00\n    # via two\n{never}Two_Halves==2.1 \\\n    --hash=sha256:00\n"
    )
    made = layer(tmp_path, *packed)
    if missing is None:
        require_complete(made, requirements)
        return
    with pytest.raises(Problem, match=f"could not pack {missing}:"):
        require_complete(made, requirements)


def test_the_locks_are_made_for_the_oldest_python_that_is_taken():
    for project in PROJECTS:
        asked = read(f"{project}/pyproject.toml")["project"]["requires-python"]
        assert asked == read(f"{project}/uv.lock")["requires-python"] == ">=3.11"
