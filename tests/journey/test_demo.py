"""The demo: every sample order comes to its end, everything balances; and what does not is not hidden."""

import json
import os
import subprocess
import sys

import pytest

from orderwire.workplace.home import ROOT
from orderwire.workplace.samples import load_orders
from tests.support.machine import command_lines

pytestmark = pytest.mark.xdist_group("demo")

ORDERS = ROOT / "samples" / "orders.jsonl"


def demo(tmp_path, *arguments):
    command = [sys.executable, "-P", "-m", "orderwire", "demo", *arguments, "--home", str(tmp_path / "home")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path), "COLUMNS": "120"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def still_running(tmp_path):
    return [line for line in command_lines().values() if str(tmp_path) in line]


def test_every_sample_order_comes_to_its_end_and_everything_balances(tmp_path):
    done = demo(tmp_path, "--json")
    outcome = json.loads(done.stdout)
    assert [each for each in [*outcome["ends"], *outcome["checks"]] if each["wrong"]] == []
    assert (done.returncode, outcome["good"]) == (0, True)
    assert len(outcome["ends"]) == len(load_orders(ORDERS)) >= 150
    assert {check["rule"][0] for check in outcome["checks"]} == set("123456")
    assert still_running(tmp_path) == []
    assert [path.name for path in tmp_path.iterdir()] == ["home"]  # its own state is gone


def test_an_order_that_ends_otherwise_than_its_line_says_fails_the_demo(tmp_path):
    lines = [json.loads(line) for line in ORDERS.read_text().splitlines()]
    good = next(line for line in lines if line["note"] == "one book" and line["expect"] == "confirmed")
    wrong = {**good, "key": "a-key-long-enough-1", "note": "said to be shipped", "expect": "http 409"}
    file = tmp_path / "orders.jsonl"
    file.write_text("\n".join(json.dumps(line) for line in (good, wrong)))
    done = demo(tmp_path, str(file))
    assert done.returncode == 1
    assert "said to be shipped" in done.stdout
    assert "POST /orders was answered 202, not 409" in done.stdout
    assert "1 orders did not end as they must, 0 checks failed." in done.stdout
    assert still_running(tmp_path) == []


def test_a_bad_line_is_named_before_anything_is_started(tmp_path):
    file = tmp_path / "orders.jsonl"
    file.write_text('{"note": "no key"}\n')
    done = demo(tmp_path, str(file))
    assert done.returncode == 2
    assert f"{file}:1: /key: Field required" in done.stderr
