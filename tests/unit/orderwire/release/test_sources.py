"""A stage that lasts gets commits, by its own Python, and a single step only of the commit that is there."""

import boto3
import pytest
from moto import mock_aws

from infrastructure.stages import DEV, Stage
from orderwire.console.problem import Problem
from orderwire.release.environment import Runner
from orderwire.release.history import HistoryOf, Release
from orderwire.release.redeploy import Redeploy
from orderwire.release.sources import require_begun, require_commit
from tests.support.release.repository import Commits

AT = "2026-11-21T09:30:00.000Z"
LASTING = Stage("staging", python=None)
FAILED = 2


@pytest.fixture
def commits(tmp_path):
    with mock_aws():
        yield Commits(tmp_path / "clone")


def kept(stage=LASTING):
    return HistoryOf(boto3.client, stage)


def test_what_is_not_committed_comes_to_no_stage_that_lasts(commits):
    commits.commit("Take orders", app="1")
    assert require_commit(LASTING, commits.repository).subject == "Take orders"
    (commits.root / "app.txt").write_text("2")
    with pytest.raises(Problem, match=r"Not committed: app\.txt"):
        require_commit(LASTING, commits.repository)
    with pytest.raises(Problem, match=r"Not committed: app\.txt"):
        require_begun(boto3.client, LASTING, commits.repository)
    assert require_commit(DEV, commits.repository) is None
    require_begun(boto3.client, DEV, commits.repository)


def test_another_python_comes_to_no_stage_that_names_its_own(commits):
    commits.commit("Take orders")
    with pytest.raises(Problem, match=r"Stage staging runs with Python 2\.7"):
        require_commit(Stage("staging", python="2.7"), commits.repository)


def test_a_step_alone_is_taken_with_the_commit_that_was_brought_last(commits):
    first, second = commits.commit("Take orders"), commits.commit("Take more orders")
    require_begun(boto3.client, LASTING, commits.repository)
    kept().begin(second)
    require_begun(boto3.client, LASTING, commits.repository)
    kept().begin(first)
    why = f"Stage staging has {first[:12]}; this checkout is {second[:12]}.* orderwire redeploy staging"
    with pytest.raises(Problem, match=why):
        require_begun(boto3.client, LASTING, commits.repository)


def redeploy(commits, ran, failing=(), agreed=()):
    def prepare(checkout, stage, tell):
        def run(arguments):
            ran.append(([word for word in arguments if not word.startswith("/")], (checkout / "app.txt").read_text()))
            return FAILED if arguments[0] in failing else 0

        return Runner(run, own=False)

    Redeploy(boto3.client, LASTING, lambda line: None, commits.repository, prepare, agreed).go()


def test_what_is_released_is_brought_again_by_its_own_commit_whatever_is_checked_out(commits):
    released, ran = commits.commit("Take orders", app="1"), []
    commits.commit("Take more orders", app="2")
    kept().write(kept().read().begin(released).finish(Release(released, AT)))
    (commits.root / "app.txt").write_text("3")
    redeploy(commits, ran, agreed=["--yes"])
    assert ran == [
        (["package", "staging"], "1"),
        (["infra", "staging", "--repair", "--yes"], "1"),
        (["deploy", "staging"], "1"),
        (["api-settings", "staging"], "1"),
        (["smoke", "staging"], "1"),
    ]
    assert len(commits.git("worktree", "list").splitlines()) == 1


@pytest.mark.parametrize(
    ("step", "taken", "why"),
    [
        ("package", 1, "packaged here; .* Nothing was changed"),
        ("infra", 2, "Stopped at infra; .* orderwire redeploy staging"),
    ],
)
def test_a_step_that_fails_ends_it(commits, step, taken, why):
    released, ran = commits.commit("Take orders", app="1"), []
    kept().write(kept().read().begin(released).finish(Release(released, AT)))
    with pytest.raises(Problem, match=why):
        redeploy(commits, ran, {step})
    assert len(ran) == taken


def test_between_two_releases_there_is_nothing_that_could_be_brought_again(commits):
    released, begun, ran = commits.commit("Take orders", app="1"), commits.commit("More", app="2"), []
    with pytest.raises(Problem, match="Nothing was released to stage staging yet"):
        redeploy(commits, ran)
    kept().write(kept().read().begin(released).finish(Release(released, AT)).begin(begun))
    with pytest.raises(Problem, match=f"{begun[:12]} was begun and not finished.* orderwire rollback staging"):
        redeploy(commits, ran)
    assert ran == []
