"""The previous release is put back by its own commit's code, and nothing is done before somebody agrees."""

import boto3
import pytest
from moto import mock_aws

from infrastructure.stages import DEV
from orderwire.console.problem import Problem
from orderwire.release.environment import Runner
from orderwire.release.history import History, HistoryOf, Release
from orderwire.release.rollback import CHANGES, LEFT, Rollback
from tests.support.release.repository import Commits

AT = "2026-11-21T09:30:00.000Z"
FAILED = 2
SHOW, APPLY = ["infra", "dev", "--show", "--or-leave"], ["infra", "dev", "--yes", "--or-leave"]
PACKAGE = ["package", "dev"]
ALL = [PACKAGE, SHOW, APPLY, ["deploy", "dev"], ["api-settings", "dev"], ["smoke", "dev"]]


class Team:
    """Somebody with a clone who has released `first` and `second`, and rolls back. `codes` are the exit codes of
    commands, by their first words, `locked` is what the first release locks (None: it has no uv.lock). `own` says
    whether it runs in an environment of its own, or why there can be none."""

    def __init__(self, root, locked="b", own=False, **codes):
        self.own = own
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
        self.ran.append((without_folder(arguments), (checkout / "app.txt").read_text()))
        return self.codes.get("show" if "--show" in arguments else arguments[0].replace("-", "_"), CHANGES)

    def prepare(self, checkout, stage, tell):
        if isinstance(self.own, str):
            raise Problem(self.own)
        return Runner(lambda arguments: self.run(checkout, arguments), self.own)

    def ask(self, question):
        self.asked.append((question, len(self.ran)))

    def rollback(self, wanted=None, ask=None):
        repository = self.commits.repository
        Rollback(boto3.client, DEV, self.told.append, ask or self.ask, repository, self.prepare).go(wanted)


def without_folder(arguments):
    """The command without the folder that a package is written to."""
    return [word for word in arguments if not word.startswith("/")]


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
    assert team.asked == [(f"Put stage dev back to {team.first[:12]}?", 2)]
    assert team.told[0] == f"stage dev goes back to {team.first[:12]} (Take orders), released {AT}"
    assert any(line.endswith("Lose orders") and line.startswith("  without ") for line in team.told)


@pytest.mark.parametrize(
    ("locked", "own", "other"), [("a", False, True), (None, False, True), ("b", False, False), ("a", True, False)]
)
def test_tools_of_another_version_than_the_release_was_packaged_with_are_told_of(team, locked, own, other):
    team = team(locked=locked, own=own)
    team.rollback()
    assert ("packaged with the tools of this checkout: uv.lock has changed since" in team.told) is other


def test_nothing_is_done_if_nobody_agrees(team):
    team = team()

    def refuse(question):
        raise Problem("Nothing was changed.")

    with pytest.raises(Problem, match="Nothing was changed"):
        team.rollback(ask=refuse)
    assert commands(team) == [PACKAGE, SHOW]
    assert team.kept.read().begun == team.second


def test_a_stack_that_would_lose_data_stays_and_functions_go_back_all_the_same(team):
    team = team(show=LEFT, infra=LEFT)
    team.rollback()
    assert commands(team) == ALL
    assert "the stack stays as it is: it must not lose data" in team.told
    assert team.kept.read().begun == team.first


@pytest.mark.parametrize(("step", "taken"), [("infra", 3), ("deploy", 4), ("api_settings", 5), ("smoke", 6)])
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


@pytest.mark.parametrize(
    ("step", "why"), [("package", "cannot be packaged here; .*"), ("show", "stack could not be looked at; .*")]
)
def test_what_would_stop_it_half_way_is_found_out_before_anything_is_asked_or_written(team, step, why):
    team = team(**{step: FAILED})
    with pytest.raises(Problem, match=f"{why}Nothing was changed"):
        team.rollback()
    assert (team.asked, team.kept.read().begun) == ([], team.second)


def test_a_commit_that_this_clone_lacks_is_named_with_the_way_to_get_it(team):
    team = team()
    team.kept.write(team.kept.read().begin("f" * 40).finish(Release("f" * 40, AT)).begin(team.second))
    with pytest.raises(Problem, match="git fetch --unshallow"):
        team.rollback()
    assert team.ran == []


def test_without_the_python_of_that_commit_nothing_is_asked_and_nothing_written(team):
    team = team(own="There is no Python 2.7 on this machine")
    with pytest.raises(Problem, match=r"no Python 2\.7"):
        team.rollback()
    assert (team.ran, team.asked) == ([], [])
    assert team.kept.read().begun == team.second


def test_no_worktree_is_left(team):
    team = team(deploy=FAILED)
    with pytest.raises(Problem):
        team.rollback()
    assert len(team.commits.git("worktree", "list").splitlines()) == 1
