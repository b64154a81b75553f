"""A newcomer subscribes with nothing but docs/subscribing.md, and sees an event arrive."""

import json
import re
import shlex

import pytest
from typer.testing import CliRunner

from infrastructure.render import ROOT
from orderwire.__main__ import app
from orderwire.console.waiting import wait_until
from tests.support.machine import PATIENCE, copy_of_checkout, machine

pytestmark = pytest.mark.xdist_group("machine")

PAGE = (ROOT / "docs/subscribing.md").read_text()
[FILE] = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
[PATH] = re.findall(r"Write\s+`(subscriptions/[a-z-]+\.yaml)`", PAGE)
NAME = PATH.rpartition("/")[2].removesuffix(".yaml")
OWN = f"{NAME}-tried"
"""Somebody may have followed the page already, so the tests' file has a name of its own."""
TYPED = [shlex.split(line) for line in re.findall(r"^\$ \.venv/bin/orderwire (.*)$", PAGE, re.MULTILINE)]
"""The words of every command, in order."""
ASIDE = {"match", "preview"}
"""What the page shows of a rule besides the way of this one."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("machine")
    with machine(folder / "home", copy_of_checkout(folder)) as made:
        made.start()
        yield made


@pytest.fixture(scope="module")
def mine(tmp_path_factory):
    path = tmp_path_factory.mktemp("mine") / f"{OWN}.yaml"
    path.write_text(FILE)
    return str(path)


def test_the_story_of_the_page_goes_as_it_is_told(shop, mine):
    story = [words for words in TYPED if words[1] not in ASIDE]
    commands = [[{PATH: mine, NAME: OWN}.get(word, word) for word in words] for words in story]
    assert [" ".join(words[:2]) for words in commands] == [
        *(f"subscriptions {each}" for each in ("check", "deploy", "verify")),
        *["order place"] * 3,
        f"delivered {OWN}",
    ]
    check, deploy, verify, *places, delivered = commands
    checked = CliRunner().invoke(app, check)
    assert (checked.exit_code, checked.stdout.split()[0]) == (0, "sometimes")
    done = shop.orderwire(*deploy)
    assert done.code == 0, done.err
    assert f"What arrives there: orderwire delivered {OWN}" in done.out
    assert "is not in subscriptions/" in done.out
    assert "\narrived: " in shop.orderwire(*verify).out
    placed = [shop.orderwire(*place).out.partition(":")[0] for place in places]
    assert all(shop.settles(order_id, "confirmed") for order_id in placed)
    assert wait_until(lambda: json.loads(shop.orderwire(*delivered).out) != [], PATIENCE)
    [event] = [each["content"] for each in json.loads(shop.orderwire(*delivered).out)]
    assert event["detail"]["data"]["order_id"] == placed[0]
    assert "ada@example.com" not in json.dumps(event)


def test_what_is_deployed_is_listed_and_can_be_removed(shop, mine):
    assert shop.orderwire("subscriptions", "deploy", mine).code == 0
    rows = {row["name"]: row for row in shop.json("subscriptions", "list")}
    assert rows[OWN]["deployed"] == "without a file"
    assert rows["loyalty-orders"]["deployed"] == "yes"
    assert shop.orderwire("subscriptions", "remove", OWN).code == 0
    gone = shop.orderwire("subscriptions", "remove", OWN)
    assert (gone.code, "has no stack in stage local" in gone.err) == (2, True)
    assert "Nobody gets messages as" in shop.orderwire("delivered", OWN).err


def test_all_brings_every_file_and_takes_what_has_none(shop, mine):
    assert shop.orderwire("subscriptions", "deploy", mine).code == 0
    found = shop.json("subscriptions", "deploy", "--all")
    assert found["changed"] == [OWN]
    assert found["statements"]["finance-ledger"]["Action"] == "events:PutEvents"


@pytest.mark.parametrize(("words", "told"), [
    (("deploy",), "Name one file, or say --all."),
    (("deploy", "nowhere.yaml"), "nowhere.yaml: cannot be read: No such file or directory"),
    (("verify", "subscriptions/admins-low-stock.yaml"), "ends at our own topic admin-alerts"),
    (("verify", "MINE"), f"{OWN} is not deployed"),
    (("deploy", "MINE", "--stage", "moon"), "There is no stage 'moon'"),
])  # fmt: skip
def test_what_cannot_be_done_is_said(shop, mine, words, told):
    words = [
        mine if word == "MINE" else str(ROOT / word) if word.startswith("subscriptions/") else word for word in words
    ]
    done = shop.orderwire("subscriptions", *words)
    assert (done.code, told in done.err) == (2, True), done.err
