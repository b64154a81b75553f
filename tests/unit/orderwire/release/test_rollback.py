"""The previous release is put back by its own commit's code, and nothing is done before somebody agrees."""

import sys
from dataclasses import replace

import boto3
import pytest
from moto import mock_aws

from infrastructure.stages import DEV
from orderwire.console.problem import Problem
from orderwire.release.history import History, HistoryOf, Release
from orderwire.release.rollback import CHANGES, LEFT, Rollback, run_orderwire
from tests.support.repository import Commits

AT = "2026-11-21T09:30:00.000Z"
FAILED = 2
SHOW, APPLY = ["infra", "dev", "--show", "--or-leave"], ["infra", "dev", "--yes", "--or-leave"]
ALL = [SHOW, APPLY, ["deploy", "dev"], ["api-settings", "dev"], ["smoke", "dev"]]


class Team:
    """Somebody with a clone who has released `first` and `second`, and rolls back. `codes` are the exit codes of
    commands, by their first words, `locked` is what the first release locks (None: it has no uv.lock)."""

    def __init__(self, root, locked="b", **codes):
        self.commits, self.codes, self.ran, self.told, self.asked = Commits(root), codes, [], [], []
        if locked is not None:
            (root / "uv.lock").write_text(locked)
        self.first = self.commits.commit("Take orders", app="1")
        (root / "uv.lock").write_text("b")
        self.second = self.commits.commit("Lose orders", app="2")
        for commit in (self.first, self.second):
            self.kept.write(self.kept.read().begin(commit).finish(Release(commit, AT)))

    @property
    def kept(self):
        return HistoryOf(boto3.client, DEV)

    def run(self, checkout, arguments):
        self.ran.append((list(arguments), (checkout / "app.txt").read_text()))
        return self.codes.get("show" if "--show" in arguments else arguments[0].replace("-", "_"), CHANGES)

    def ask(self, question):
        self.asked.append((question, len(self.ran)))

    def rollback(self, wanted=None, ask=None, stage=DEV):
        Rollback(boto3.client, stage, self.told.append, ask or self.ask, self.commits.repository, self.run).go(wanted)


@pytest.fixture
def team(tmp_path):
    with mock_aws():
        yield lambda **codes: Team(tmp_path / "clone", **codes)


def commands(team):
    return [arguments for arguments, _ in team.ran]


def test_the_commit_before_takes_its_own_steps_and_schemas_are_not_among_them(team):
    team = team()
    team.rollback()
    assert commands(team) == ALL
    assert {app for _, app in team.ran} == {"1"}
    assert team.kept.read() == History((Release(team.first, AT),), begun=team.first)
    assert team.told[-1] == f"stage dev has {team.first[:12]} (Take orders) again"


def test_it_is_said_what_will_be_done_before_it_is_asked_and_asked_before_it_is_done(team):
    team = team()
    team.rollback()
    assert team.asked == [(f"Put stage dev back to {team.first[:12]}?", 1)]
    assert team.told[0] == f"stage dev goes back to {team.first[:12]} (Take orders), released {AT}"
    assert any(line.endswith("Lose orders") and line.startswith("  without ") for line in team.told)


@pytest.mark.parametrize(("locked", "other"), [("a", True), (None, True), ("b", False)])
def test_tools_of_another_version_than_the_release_was_packaged_with_are_told_of(team, locked, other):
    team = team(locked=locked)
    team.rollback()
    assert ("packaged with the tools of this checkout: uv.lock has changed since" in team.told) is other


def test_nothing_is_done_if_nobody_agrees(team):
    team = team()

    def refuse(question):
        raise Problem("Nothing was changed.")

    with pytest.raises(Problem, match="Nothing was changed"):
        team.rollback(ask=refuse)
    assert commands(team) == [SHOW]
    assert team.kept.read().begun == team.second


def test_a_stack_that_would_lose_data_stays_and_functions_go_back_all_the_same(team):
    team = team(show=LEFT, infra=LEFT)
    team.rollback()
    assert commands(team) == ALL
    assert "the stack stays as it is: it must not lose data" in team.told
    assert team.kept.read().begun == team.first


@pytest.mark.parametrize(("step", "taken"), [("infra", 2), ("deploy", 3), ("api_settings", 4), ("smoke", 5)])
def test_a_rollback_that_stops_says_where_and_goes_on_from_there(team, step, taken):
    team = team(**{step: FAILED})
    with pytest.raises(Problem, match=f"stopped at {step.replace('_', '-')}; .* go on with: orderwire rollback dev"):
        team.rollback()
    assert len(team.ran) == taken
    team.codes.clear()
    team.ran.clear()
    team.rollback()
    assert {app for _, app in team.ran} == {"1"}
    assert team.kept.read() == History((Release(team.first, AT),), begun=team.first)


def test_a_stack_that_cannot_be_looked_at_stops_it_before_anything_is_done(team):
    team = team(show=FAILED)
    with pytest.raises(Problem, match="Nothing was changed"):
        team.rollback()
    assert team.asked == []


def test_a_commit_that_this_clone_lacks_is_named_with_the_way_to_get_it(team):
    team = team()
    team.kept.write(team.kept.read().begin("f" * 40).finish(Release("f" * 40, AT)).begin(team.second))
    with pytest.raises(Problem, match="git fetch --unshallow"):
        team.rollback()
    assert team.ran == []


def test_another_python_than_the_stages_is_refused_before_anything_is_looked_at(team):
    team = team()
    with pytest.raises(Problem, match=r"Stage dev runs with Python 2\.7"):
        team.rollback(stage=replace(DEV, python="2.7"))
    assert team.ran == []


def test_no_worktree_is_left(team):
    team = team(deploy=FAILED)
    with pytest.raises(Problem):
        team.rollback()
    assert len(team.commits.git("worktree", "list").splitlines()) == 1


def test_another_checkouts_command_runs_with_this_ones_python(tmp_path):
    (tmp_path / "orderwire").mkdir()
    (tmp_path / "orderwire/__init__.py").touch()
    says = "import sys; sys.exit(int(sys.argv[1]) if sys.executable == sys.argv[2] else 9)"
    (tmp_path / "orderwire/__main__.py").write_text(says)
    assert run_orderwire(tmp_path, ["7", sys.executable]) == 7
