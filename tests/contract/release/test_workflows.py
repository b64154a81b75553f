"""The workflows of GitHub: pinned, with as few rights as they need, and without a stored key."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from cfn_flip import load_yaml

from infrastructure.render import OLDEST_PYTHON, PYTHON, ROOT, rendered
from infrastructure.stages import LOCAL, STAGES
from orderwire.release.smoke.smoke import PATIENCE

WORKFLOWS = {path.name: path.read_text() for path in sorted((ROOT / ".github/workflows").glob("*.yml"))}
each_workflow = pytest.mark.parametrize("name", WORKFLOWS)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
MAKEFILE = (ROOT / "Makefile").read_text()
PINNED = re.compile(r"^[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")


def parsed(name):
    return yaml.safe_load(WORKFLOWS[name].replace("\non:\n", "\n'on':\n"))  # YAML 1.1 reads `on` as true


def steps(name):
    return [step for job in parsed(name)["jobs"].values() for step in job["steps"]]


def test_there_is_a_workflow_for_changes_and_one_for_releases():
    assert set(WORKFLOWS) == {"ci.yml", "release.yml"}


def test_zizmor_finds_nothing_and_ignores_nothing():
    command = [
        Path(sys.executable).with_name("zizmor"),
        "--offline",
        "--quiet",
        "--color",
        "never",
        "--persona",
        "pedantic",
        ".github",
    ]
    found = subprocess.run([*command], cwd=ROOT, capture_output=True, text=True)
    assert (found.returncode, found.stdout) == (0, "No findings to report. Good job!\n"), found.stdout + found.stderr
    assert not list(ROOT.glob("zizmor.y*ml")) + list((ROOT / ".github").glob("zizmor.y*ml"))
    assert not [name for name, text in WORKFLOWS.items() if "zizmor:" in text]


@each_workflow
def test_every_action_is_pinned_to_a_commit_that_names_its_version(name):
    used = re.findall(r"uses: (.*)", WORKFLOWS[name])
    assert used
    assert [action for action in used if not PINNED.match(action)] == []


@each_workflow
def test_a_workflow_may_read_the_repository_and_nothing_else(name):
    workflow = parsed(name)
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        allowed = job.get("permissions", {"contents": "read"})
        assert {right for right, level in allowed.items() if level == "write"} <= {"id-token"}
        assert "timeout-minutes" in job
    checkouts = [step for step in steps(name) if step.get("uses", "").startswith("actions/checkout@")]
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@each_workflow
def test_no_workflow_names_a_key_or_runs_what_somebody_types(name):
    assert "secrets." not in WORKFLOWS[name]
    assert not re.search(r"AKIA|aws-(secret-)?access-key|AWS_SECRET", WORKFLOWS[name])
    assert [step["run"] for step in steps(name) if "${{" in step.get("run", "")] == []


def test_a_change_is_held_by_everything_that_make_test_holds():
    workflow = parsed("ci.yml")
    assert workflow["on"].keys() >= {"push", "pull_request", "schedule"}
    assert [step["run"] for step in workflow["jobs"]["test"]["steps"] if "run" in step] == [".ci/run"]
    assert [step["run"] for step in workflow["jobs"]["audit"]["steps"] if "run" in step] == ["make audit"]


def test_a_release_waits_for_the_environment_of_its_stage_and_takes_its_role():
    workflow = parsed("release.yml")
    assert set(workflow["on"]) == {"workflow_dispatch"}
    options = workflow["on"]["workflow_dispatch"]["inputs"]["stage"]["options"]
    assert set(options) == STAGES.keys() - {LOCAL.name}
    job = workflow["jobs"]["release"]
    assert job["environment"] == "${{ inputs.stage }}"
    assert job["permissions"] == {"contents": "read", "id-token": "write"}
    [credentials] = [step for step in job["steps"] if "configure-aws-credentials" in step.get("uses", "")]
    assert credentials["with"].keys() == {"role-to-assume", "aws-region", "role-duration-seconds"}
    assert job["steps"][-1]["run"] == 'make "$WHAT" STAGE="$STAGE" WITH=--yes'
    assert workflow["concurrency"]["cancel-in-progress"] is False


def test_neither_the_workflow_nor_its_role_ends_within_a_release_and_its_way_back():
    """Each of the two waits for a smoke order's three ends; the rest of it is as long again."""
    job = parsed("release.yml")["jobs"]["release"]
    [credentials] = [step for step in job["steps"] if "configure-aws-credentials" in step.get("uses", "")]
    seconds = credentials["with"]["role-duration-seconds"]
    role = load_yaml((ROOT / "infrastructure/release-role.yaml").read_text())["Resources"]["Role"]["Properties"]
    assert seconds == job["timeout-minutes"] * 60 == role["MaxSessionDuration"]
    assert 2 * 2 * 3 * PATIENCE <= seconds <= 12 * 3600  # the longest that IAM allows


def test_what_was_released_by_a_workflow_is_put_back_by_it_too():
    workflow = parsed("release.yml")
    what = workflow["on"]["workflow_dispatch"]["inputs"]["what"]
    assert (what["type"], what["default"], what["options"]) == (
        "choice",
        "release",
        ["release", "rollback", "redeploy"],
    )
    [recipe] = re.findall(
        r"^((?:\w+ )+\w+): \$\(READY\)\n\t@test .*\n\t@exec .* \$@ \$\(STAGE\) \$\(WITH\)", MAKEFILE, re.M
    )
    assert set(what["options"]) < set(recipe.split())
    steps = workflow["jobs"]["release"]["steps"]
    assert steps[-1]["env"] == {"WHAT": "${{ inputs.what }}", "STAGE": "${{ inputs.stage }}"}
    [checkout] = [step for step in steps if step.get("uses", "").startswith("actions/checkout@")]
    assert checkout["with"]["fetch-depth"] == 0


def pythons(name):
    """Job -> the files that say which Pythons it runs with."""
    found = {}
    for job, declared in parsed(name)["jobs"].items():
        [setup] = [step["with"] for step in declared["steps"] if "setup-python" in step.get("uses", "")]
        assert setup.keys() == {"python-version-file"}
        file, matrix = setup["python-version-file"], declared.get("strategy", {}).get("matrix", {})
        values = matrix.get("python", [None])
        found[job] = [file.replace("${{ matrix.python }}", value) if value else file for value in values]
    return found


def test_a_release_runs_with_the_python_that_its_stage_wants():
    """Changes are checked with that one, and with the oldest that a laptop may have."""
    assert pythons("release.yml") == {"release": [PYTHON]}
    assert pythons("ci.yml") == {"test": [OLDEST_PYTHON, PYTHON], "soundness": [PYTHON], "audit": [PYTHON]}
    assert parsed("ci.yml")["jobs"]["test"]["strategy"]["fail-fast"] is False
    assert {rendered()[PYTHON].strip()} == {stage.python for stage in STAGES.values() if stage.lasting}
    assert f">={rendered()[OLDEST_PYTHON].strip()}" == PROJECT["project"]["requires-python"]


def test_no_workflow_and_no_action_names_a_version_of_python_itself():
    assert [name for name, text in WORKFLOWS.items() if re.search(r"python-version:|3\.\d\d", text)] == []
