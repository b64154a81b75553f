"""Imports point one way, as the layout says."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from infrastructure.render import ROOT

CONTRACTS = """
[importlinter]
root_packages =
    orderwire
    infrastructure
    checkout_api
    consumers
    tables
    edges
    schemas

[importlinter:contract:layers]
name = Imports point one way
type = layers
layers =
    orderwire
    infrastructure
    consumers | checkout_api
    tables
    edges
    schemas
"""


def lint(root, tmp_path):
    config = tmp_path / "contracts.ini"
    config.write_text(CONTRACTS)
    command = [Path(sys.executable).with_name("lint-imports"), "--config", config, "--no-cache"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True)


def imported(path):
    """The top-level names that a module imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def modules(package):
    return [path for path in (ROOT / package).rglob("*.py") if "__pycache__" not in path.parts]


def test_imports_point_one_way(tmp_path):
    result = lint(ROOT, tmp_path)
    assert "1 kept, 0 broken" in result.stdout, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("package", "line"),
    [
        ("schemas", "import edges.log"),
        ("consumers", "from checkout_api import pricing"),
        ("checkout_api", "from consumers.batch import Delivery"),
        ("edges", "def late():\n    from tables.stock import TABLE\n    return TABLE"),
        ("consumers", "import infrastructure.stages"),
    ],
)
def test_an_import_that_points_the_other_way_is_found(package, line, tmp_path):
    for name in ("orderwire", "infrastructure", "checkout_api", "consumers", "tables", "edges", "schemas"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
    for target in ("edges/log", "checkout_api/pricing", "consumers/batch", "tables/stock", "infrastructure/stages"):
        (tmp_path / f"{target}.py").touch()
    (tmp_path / package / "wrong.py").write_text(line)
    result = lint(tmp_path, tmp_path)
    assert "0 kept, 1 broken" in result.stdout, result.stdout + result.stderr


def test_schemas_import_pydantic_and_nothing_else():
    known = set(sys.stdlib_module_names) | {"schemas", "pydantic", "pydantic_core"}
    assert {name for path in modules("schemas") for name in imported(path)} <= known


def test_chalice_packages_every_package_that_functions_use_and_no_other():
    ours = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    used = {name for path in [ROOT / "app.py"] for name in imported(path)} & ours
    while True:
        more = {name for package in used for path in modules(package) for name in imported(path)} & ours
        if more <= used:
            break
        used |= more
    assert {link.name for link in (ROOT / "vendor").iterdir()} == used


def patching(path):
    """What in a file of tests could put something else in the place of code: a library for it, or pytest's fixture."""
    for node in ast.walk(ast.parse(path.read_text())):
        names = [
            getattr(node, "module", None),
            *(each.name for each in getattr(node, "names", ()) if hasattr(each, "name")),
        ]
        yield from (name for name in names if name and set(name.split(".")) & {"mock", "pytest_mock", "MonkeyPatch"})
        if isinstance(node, ast.arg) and node.arg in ("monkeypatch", "mocker"):
            yield node.arg


def test_tests_patch_nothing():
    assert {path.name: list(patching(path)) for path in modules("tests") if any(patching(path))} == {}


@pytest.mark.parametrize(
    "line",
    [
        "import unittest.mock",
        "from unittest import mock",
        "def test(monkeypatch): ...",
        "from pytest import MonkeyPatch",
    ],
)
def test_a_test_that_patches_is_found(line, tmp_path):
    (tmp_path / "wrong.py").write_text(line)
    assert list(patching(tmp_path / "wrong.py"))
