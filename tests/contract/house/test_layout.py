"""The house: imports point one way, and no room grows into most of it. The rooms are named in pyproject.toml."""

import ast
import json
import shutil
import subprocess
import sys
from collections import Counter
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from infrastructure.render import ROOT

PACKAGES = ("orderwire", "infrastructure", "checkout_api", "consumers", "tables", "edges", "schemas")
RULES = Path("packages/eventbridge-rules/eventbridge_rules")
LARGEST_ROOM = 0.25
"""Of the lines of all rooms."""
LONGEST_CHAIN = 14
"""Modules, each importing the next. Whoever changes the last may have to read them all."""


def lint(root):
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    found = subprocess.run(command, cwd=root, capture_output=True, text=True)
    return found.stdout + found.stderr


def imported(path):
    """The top-level names that a module imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def modules(package):
    return [path for path in (ROOT / package).rglob("*.py") if "__pycache__" not in path.parts]


def test_imports_point_one_way():
    found = lint(ROOT)
    assert "7 kept, 0 broken" in found, f"{found}\nA room that is missing is to be named in pyproject.toml."


@pytest.fixture
def house(tmp_path):
    """A copy of the code, to be spoilt."""
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package,
            tmp_path / package,
            ignore=lambda folder, names: [
                name for name in names if ("." in name and not name.endswith(".py")) or name == "__pycache__"
            ],
        )
    shutil.copytree(ROOT / RULES, tmp_path / RULES.name)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("room", "line"),
    [
        ("schemas", "import edges.log"),
        ("consumers/runner", "from checkout_api.orders import pricing"),
        ("checkout_api/http", "from consumers.runner.batch import Delivery"),
        ("edges", "def late():\n    from tables.stock import TABLE\n    return TABLE"),
        ("consumers/decisions", "import infrastructure.stages"),
        ("consumers/runner", "from consumers import orders"),
        ("checkout_api/orders", "from checkout_api.routes import books"),
        ("infrastructure/resources", "from infrastructure.stack import template"),
        ("orderwire/console", "from orderwire.workplace import home"),
        ("orderwire/release", "from orderwire.machine import run"),
        ("eventbridge_rules", "from schemas import parse"),
        ("orderwire/cloudformation", "from infrastructure.stack.template import template"),
        ("tables", "from edges.connect import Edges"),
        ("infrastructure/alarms", "from infrastructure.functions import functions"),
    ],
)
def test_an_import_that_points_the_other_way_is_found(room, line, house):
    (house / room / "wrong.py").write_text(line)
    assert f"{room.replace('/', '.')}.wrong -> " in lint(house)


def test_a_room_that_nobody_named_is_found(house):
    (house / "orderwire/utils").mkdir()
    (house / "orderwire/utils/__init__.py").touch()
    assert "utils" in lint(house)


def rooms():
    """The folders whose code belongs together, with the lines of Python in each."""
    found = Counter()
    for package in PACKAGES:
        for path in modules(package):
            inner = path.relative_to(ROOT).parts
            found["/".join(inner[: 2 if package == "orderwire" and len(inner) > 2 else 1])] += lines(path)
    for package in (ROOT / "packages").iterdir():
        found[f"packages/{package.name}"] += sum(map(lines, package.glob("*/*.py")))
    return found


def lines(path):
    return path.read_text().count("\n")


def test_no_room_holds_a_quarter_of_the_code():
    found = rooms()
    assert {room for room, size in found.items() if size > LARGEST_ROOM * found.total()} == set()


def imports(root):
    """Module -> the modules that it imports: at its top, in its functions and for the type checker alone."""
    graph = f"""
import grimp, json
graph = grimp.build_graph(*{[*PACKAGES, RULES.name]}, cache_dir=None)
found = {{module: sorted(graph.find_modules_directly_imported_by(module)) for module in sorted(graph.modules)}}
print(json.dumps(found))
"""
    found = subprocess.run([sys.executable, "-c", graph], cwd=root, capture_output=True, text=True, check=True)
    return json.loads(found.stdout)


def longest_chain(imported):
    """The modules of the longest chain, the importing one first. Raises CycleError for modules that import each
    other."""
    chains = {}
    for module in TopologicalSorter(imported).static_order():
        chains[module] = [module, *max((chains[each] for each in imported[module]), key=len, default=[])]
    return max(chains.values(), key=len)


def test_no_chain_of_imports_is_long_and_none_is_a_circle():
    chain = longest_chain(imports(ROOT))
    assert len(chain) <= LONGEST_CHAIN, " > ".join(chain)


@pytest.mark.parametrize(
    "line",
    [
        "from {} import __name__",
        "def late():\n    from {} import __name__",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from {} import __name__",
    ],
)
def test_a_longer_chain_is_found_however_it_imports(line, house):
    before = longest_chain(imports(house))
    assert before == longest_chain(imports(ROOT))
    (house / before[0].replace(".", "/")).with_name("longer.py").write_text(line.format(before[0]))
    assert longest_chain(imports(house))[1:] == before


def test_modules_that_import_each_other_are_found(house):
    importing, *_, imported = longest_chain(imports(house))
    module = (house / imported.replace(".", "/")).with_suffix(".py")
    module.write_text(f"{module.read_text()}\n\ndef late():\n    import {importing}\n")
    with pytest.raises(CycleError):
        longest_chain(imports(house))


def test_every_module_of_the_command_is_in_a_room():
    assert {path.name for path in (ROOT / "orderwire").glob("*.py")} == {"__init__.py", "__main__.py"}


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


def classes(path):
    return [node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ClassDef)]


def test_no_two_classes_have_the_same_name():
    code = [path for package in PACKAGES for path in modules(package)]
    code += [path for path in (ROOT / "packages").glob("*/*/*.py") if "contracts" not in path.parts]
    found = Counter(name for path in code for name in classes(path))
    assert [name for name, count in found.items() if count > 1] == []
