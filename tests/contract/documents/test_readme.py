"""The README is true: its links lead somewhere, its commands exist, its example is a consumer."""

import re
import subprocess
from operator import attrgetter

import pytest

from consumers.declaration import Consumer
from consumers.registry import consumers
from consumers.runner.entry import LambdaEntry
from infrastructure.render import ROOT
from infrastructure.resources.topics import TOPICS
from orderwire.__main__ import main

README = (ROOT / "README.md").read_text()
CALLS = sorted(set(re.findall(r"(?:`|\$ )(?:\.venv/bin/)?orderwire ([a-z][^`\n]*)", README)))


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\]\((?!https?:)([^)#]+)\)", README))))
def test_a_link_of_the_readme_leads_to_a_file(path):
    assert (ROOT / path).exists()


@pytest.mark.parametrize("target", sorted(set(re.findall(r"(?:`|\$ )make ([a-z-]+)", README))))
def test_a_make_target_of_the_readme_exists_and_is_listed_by_make_help(target):
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert re.search(rf"^\s+{target}\s", listed, re.MULTILINE) or target == "help"


@pytest.mark.parametrize("call", CALLS)
def test_a_command_of_the_readme_exists_and_has_its_options(call, capsys):
    words, options = call.split(" --")[0].split(), set(re.findall(r" (--[a-z-]+)", call))
    with pytest.raises(SystemExit) as ended:
        main([*words, "--help"])
    told = capsys.readouterr()
    assert (ended.value.code, told.err) == (0, "")
    assert options <= set(re.findall(r"--[a-z-]+", told.out))


def test_every_box_of_the_picture_is_shown_with_a_command_or_an_image():
    table = README.partition("| box | where it is seen |")[2].partition("\n\n")[0]
    shown = {row.split(" | ")[0].strip("| "): row for row in table.splitlines()[2:]}
    boxes = {*map(attrgetter("name"), consumers()), *TOPICS, "checkout_api", "archive", "bus", "other teams' rules"}
    missing = {box for box in boxes if not any(box in name for name in shown)}
    assert missing == set()
    assert {name for name, row in shown.items() if "`orderwire " not in row and "docs/images/" not in row} == set()


def test_the_readmes_consumer_is_one():
    [source] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    module: dict[str, object] = {"__name__": "consumers.greetings"}
    exec(source, module)
    assert isinstance(module["CONSUMER"], Consumer)
    assert isinstance(module["on_records"], LambdaEntry)
    assert callable(module["Greetings"])


def test_every_folder_of_ours_is_in_the_readmes_list():
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert folders <= set(re.findall(r"`([a-z_]+)/`", README))
