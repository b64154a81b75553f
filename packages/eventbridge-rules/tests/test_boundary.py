"""The library stands alone: it imports nothing but what it declares, and knows no house."""

import ast
import sys
import tomllib
from pathlib import Path

import eventbridge_rules

HOME = Path(eventbridge_rules.__file__).parent
PROJECT = HOME.parent / "pyproject.toml"


def imported(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


def test_it_imports_what_it_declares_and_nothing_else():
    declared = tomllib.loads(PROJECT.read_text())["project"]["dependencies"]
    names = {each.partition(">")[0].replace("-", "_") for each in declared}
    found = {name for path in HOME.rglob("*.py") for name in imported(path)} - set(sys.stdlib_module_names)
    assert found - {"eventbridge_rules"} == names


def test_what_is_public_is_there_and_described():
    assert sorted(eventbridge_rules.__all__) == sorted(set(eventbridge_rules.__all__))
    for name in eventbridge_rules.__all__:
        assert getattr(eventbridge_rules, name).__doc__
    assert (HOME / "py.typed").exists()


def test_it_names_no_house():
    texts = {path: path.read_text().lower() for path in (*HOME.rglob("*.py"), HOME.parent / "README.md")}
    assert [path.name for path, text in texts.items() if "order" + "wire" in text] == []
