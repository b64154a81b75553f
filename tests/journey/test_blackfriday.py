"""The story that the system was made for, with a small rush."""

import json
import subprocess
import sys

import pytest

from orderwire.stories.blackfriday.size import BAD
from orderwire.workplace.home import ROOT
from tests.support.machine import command_lines

pytestmark = [pytest.mark.xdist_group("blackfriday")]


def test_twelve_bad_orders_and_a_slow_analytics_hold_up_nobody_and_nothing_is_lost(tmp_path):
    command = [sys.executable, "-P", "-m", "orderwire", "blackfriday", "--orders", "48", "--json"]
    done = subprocess.run([*command, "--home", str(tmp_path / "home")], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode < 2, done.stderr
    story = json.loads(done.stdout)
    assert [each for each in story["checks"] if each["wrong"]] == []
    assert (done.returncode, story["good"]) == (0, True)
    assert len({letter["order_id"] for letter in story["dead_letters"]}) == BAD
    for letter in story["dead_letters"]:
        assert letter["reason"] == "hopeless"
        assert "authorise refused: the payment is for 1.00 EUR, not" in letter["error"]
    assert [line for line in command_lines().values() if "orderwire-blackfriday-" in line] == []
