"""docs/architecture.md shows every room and every consumer. That its names of code exist is in test_documents.py."""

import re
import tomllib
from itertools import pairwise

import pytest

from infrastructure.documents import NoSuchPart, architecture, with_part
from infrastructure.render import ROOT

PAGE = (ROOT / "docs/architecture.md").read_text()
LINTER = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]


def layers(name):
    """The layers of the contract of this name, the highest first, each as the names of its rooms."""
    [contract] = [each for each in LINTER["contracts"] if each["name"] == name]
    return [layer.split(" | ") for layer in contract["layers"]]


def arrows():
    """What the picture draws between two rooms."""
    [picture] = re.findall(r"(?s)```mermaid\n(.*?)```", PAGE)
    return set(re.findall(r'(?m)^        (\w+)(?:\["[^"]+"\])? --> (\w+)', picture))


def between(rows):
    """An arrow from each room of a layer to each of the next."""
    return {(upper, lower) for above, below in pairwise(rows) for upper in above for lower in below}


def test_the_picture_shows_the_rooms_as_the_import_contracts_have_them():
    inside = [layer for layer in layers("Rooms of orderwire/") if layer != ["__main__"]]
    assert arrows() == between(inside) | between(layers("Folders follow the data's way")[1:])


def test_every_folder_of_code_is_named():
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and any(path.rglob("*.py"))}
    hidden = {name for name in folders if name.startswith(".")} | {"build", "dist", "node_modules", "tools"}
    named = set(re.findall(r"`?\b([a-z_]+)(?:/|:)", PAGE))
    assert folders - hidden - named == set()


def test_the_table_of_consumers_is_the_declarations():
    assert architecture(PAGE) == PAGE, "stale: run `make render`"
    assert "| orders | folds every event of an order into the row that the API reads | order.created, " in PAGE
    assert "| order-log | stores every message that the fulfilment topic sends" in PAGE


@pytest.mark.parametrize("page", ["no marks", "<!-- end of it -->\n<!-- it: written by `make render` -->"])
def test_a_page_without_the_marks_of_a_part_is_refused(page):
    with pytest.raises(NoSuchPart, match="<!-- it: written by"):
        with_part(page, "it", "text")


def test_a_part_is_replaced_and_the_rest_of_the_page_stays():
    page = "above\n<!-- it: written by `make render` -->\nold\n<!-- end of it -->\nbelow\n"
    once = with_part(page, "it", "| new |")
    assert with_part(once, "it", "| new |") == once
    assert once.splitlines() == [
        "above",
        "<!-- it: written by `make render` -->",
        "",
        "| new |",
        "",
        "<!-- end of it -->",
        "below",
    ]
