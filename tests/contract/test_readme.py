"""The README is true: its links lead somewhere, its commands exist, its example is a consumer."""

import re
import subprocess
from operator import attrgetter

import pytest

from consumers.entry import LambdaEntry
from consumers.registry import subscriptions
from consumers.subscription import Subscription
from infrastructure.render import ROOT
from infrastructure.topics import TOPICS
from orderwire.cli import main

README = (ROOT / "README.md").read_text()
COMMANDS = sorted(set(re.findall(r"`orderwire ([a-z-]+)(?: ([a-z][a-z-]*))?", README)))


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\]\((?!https?:)([^)#]+)\)", README))))
def test_a_link_of_the_readme_leads_to_a_file(path):
    assert (ROOT / path).exists()


@pytest.mark.parametrize("target", sorted(set(re.findall(r"(?:`|\$ )make ([a-z-]+)", README))))
def test_a_make_target_of_the_readme_exists_and_is_listed_by_make_help(target):
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert re.search(rf"^\s+{target}\s", listed, re.MULTILINE) or target == "help"


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_command_of_the_readme_exists(words, capsys):
    with pytest.raises(SystemExit) as ended:
        main([*filter(None, words), "--help"])
    assert (ended.value.code, capsys.readouterr().err) == (0, "")


def test_every_box_of_the_picture_is_shown_with_a_command_or_an_image():
    table = README.partition("| box | where it is seen |")[2].partition("\n\n")[0]
    shown = {row.split(" | ")[0].strip("| "): row for row in table.splitlines()[2:]}
    boxes = {*map(attrgetter("name"), subscriptions()), *TOPICS, "checkout_api", "archive", "bus", "other teams' rules"}
    missing = {box for box in boxes if not any(box in name for name in shown)}
    assert missing == set()
    assert {name for name, row in shown.items() if "`orderwire " not in row and "docs/images/" not in row} == set()


def test_the_readmes_consumer_is_one():
    [source] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    module: dict[str, object] = {"__name__": "consumers.greetings"}
    exec(source, module)
    assert isinstance(module["SUBSCRIPTION"], Subscription)
    assert isinstance(module["on_records"], LambdaEntry)
    assert callable(module["Greetings"])


def test_every_folder_of_ours_is_in_the_readmes_list():
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert folders <= set(re.findall(r"`([a-z_]+)/`", README))
