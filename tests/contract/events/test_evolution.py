"""The contracts of this checkout against those of the last release: within a major, nobody is let down."""

import json
import subprocess
import sys

import pytest

from infrastructure.stages import STAGES
from orderwire.contracts.check import compared, require_safe
from orderwire.contracts.sources import RELEASED, current, from_folder
from tests.support.machine import copy_of_checkout


@pytest.mark.parametrize("stage", STAGES.values(), ids=lambda stage: stage.name)
def test_the_schemas_go_on_from_the_last_release(stage):
    require_safe(compared(from_folder(RELEASED), current(), stage), "the last release")


def diff(checkout, *arguments):
    command = [sys.executable, "-P", "-m", "orderwire", "schemas", "diff", *arguments]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(checkout), "COLUMNS": "200", "HOME": str(checkout)}
    return subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)


def test_renaming_a_field_fails_and_names_the_subscriptions_that_would_have_gone_silent(tmp_path):
    """As soon as the class has another name for the order's total."""
    checkout = copy_of_checkout(tmp_path)
    path = checkout / "schemas/events.py"
    path.write_text(path.read_text().replace("    total: Money", "    sum: Money"))
    told = diff(checkout)
    assert told.returncode == 1, told.stderr
    assert "total seems to be called sum now" in " ".join(told.stdout.split())
    for name, contact in (("admins-high-value-order", "admins@orderwire"), ("loyalty-orders", "loyalty@orderwire")):
        assert any(line.startswith(name) and contact in line for line in told.stdout.splitlines())
    assert "admins-high-value-order goes silent, for example:" in told.stdout
    said = json.loads(diff(checkout, "--json").stdout)
    assert said["verdict"] == "breaking"
    effects = {each["name"]: each["effect"] for each in said["notices"]}
    assert effects["admins-high-value-order"] == "goes silent"
    assert effects["admins-new-order"] == effects["loyalty-orders"] == "reads what changed"


def test_a_contract_that_gained_a_field_and_kept_its_version_is_told_the_number_to_write(tmp_path):
    checkout = copy_of_checkout(tmp_path)
    path = checkout / "schemas/events.py"
    path.write_text(
        path.read_text().replace("    placed_at: Time", "    note: Reason | None = None\n    placed_at: Time")
    )
    told = diff(checkout)
    assert told.returncode == 1, told.stderr
    words = " ".join(told.stdout.split())
    assert "kept its version" in words
    assert 'say version="1.1" in its class statement' in words
