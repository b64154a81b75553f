"""A release whose smoke order fails is taken back by itself, unless it is to stay or not known to be at fault."""

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from infrastructure.stages import DEV, Stage
from orderwire.cloudformation.stack import agree_to_all
from orderwire.console.problem import Problem
from orderwire.release.history import HistoryOf, Release
from orderwire.release.release import Making
from orderwire.release.smoke.smoke import Untried
from orderwire.release.steps import take
from orderwire.release.way_back import WayBack
from tests.support.edges import NOON
from tests.support.release.repository import Commits

AT = "2026-11-21T09:30:00.000Z"
LASTING = Stage("staging", python=None)
STUCK = Problem("ord_1 is not confirmed after 600 s")
DENIED = ClientError({"Error": {"Code": "ExpiredToken", "Message": "expired"}}, "AdminCreateUser")


class Stood:
    """A stage that has had the commit `first`, and a clone in which `second` is checked out."""

    def __init__(self, root, stage=DEV):
        self.commits, self.stage, self.told, self.back = Commits(root), stage, [], []
        self.first, self.second = self.commits.commit("Take orders"), self.commits.commit("Lose orders")
        self.remember(self.first)

    @property
    def kept(self):
        return HistoryOf(boto3.client, self.stage)

    def remember(self, commit):
        self.kept.write(self.kept.read().begin(commit).finish(Release(commit, AT)))

    def way_back(self, stay=False, put_back=None):
        repository = self.commits.repository
        return WayBack(boto3.client, self.stage, self.told.append, repository, put_back or self.back.append, stay)


def making(stood):
    tell, back, repository = stood.told.append, stood.back.append, stood.commits.repository
    return Making(boto3.client, stood.stage, tell, agree_to_all, lambda: NOON, back, {}, repository=repository)


@pytest.fixture
def stood(tmp_path):
    with mock_aws():
        yield Stood(tmp_path / "clone")


@pytest.fixture
def lasting(tmp_path):
    with mock_aws():
        yield Stood(tmp_path / "lasting", LASTING)


def test_the_release_before_comes_back_and_it_is_said_why(stood):
    said = stood.way_back().take(STUCK)
    assert stood.back == [stood.first]
    assert said.splitlines() == [
        "The smoke order failed: ord_1 is not confirmed after 600 s",
        f"Stage dev has {stood.first[:12]} (Take orders) again. To look at the release in place: --stay",
    ]
    assert stood.told == ["The smoke order failed: ord_1 is not confirmed after 600 s\nthe release is taken back"]


@pytest.mark.parametrize(("failed", "stay"), [(STUCK, True), (Untried("a rule would hear it"), False), (DENIED, False)])
def test_it_stays_if_told_to_and_if_nothing_says_that_it_is_at_fault(stood, failed, stay):
    assert stood.way_back(stay).take(failed) is None
    assert (stood.back, stood.told) == ([], ["the release stays; to go back: orderwire rollback dev"])


def test_it_stays_if_it_was_there_before_or_is_the_first(stood, tmp_path):
    stood.remember(stood.second)
    assert stood.way_back().take(STUCK) is None
    stood.kept.forget()
    assert stood.way_back().take(STUCK) is None
    assert (stood.back, stood.told) == ([], ["the release stays"] * 2)


def test_what_is_not_committed_is_taken_back_to_the_commit_that_it_began_with(stood):
    stood.remember(stood.second)
    (stood.commits.root / "new.txt").write_text("3")
    assert stood.way_back().take(STUCK)
    assert stood.back == [stood.second]


def test_a_way_back_that_stops_says_both_reasons_and_how_to_go_on(stood):
    def stops(commit):
        raise Problem("The rollback stopped at deploy")

    assert stood.way_back(put_back=stops).take(STUCK).splitlines() == [
        "The smoke order failed: ord_1 is not confirmed after 600 s",
        "The release could not be taken back: The rollback stopped at deploy",
        "To go on with that: orderwire rollback dev",
    ]


def test_a_clone_that_could_not_go_back_is_refused_before_a_lasting_stage_is_changed(lasting):
    lasting.way_back().require()
    lasting.remember("f" * 40)
    with pytest.raises(Problem, match=r"could not be taken back from here\. .*\n.*git fetch --unshallow\n.*--stay"):
        lasting.way_back().require()
    lasting.way_back(stay=True).require()
    assert lasting.told == []


def test_a_release_looks_for_its_way_back_first(lasting):
    lasting.remember("f" * 40)
    [look, *_] = making(lasting).steps()
    with pytest.raises(Problem, match=r"could not be taken back from here"):
        look.run()


def test_elsewhere_it_is_told(stood):
    stood.remember("f" * 40)
    stood.way_back().require()
    assert "could not be taken back from here" in stood.told[0]


def test_a_release_goes_this_way_when_its_smoke_order_finds_no_api(stood):
    """The step as a release takes it, in an account where nothing was deployed."""
    boto3.client("events").create_event_bus(Name="orders-dev")
    steps = [step for step in making(stood).steps() if step.does in {"smoke order", "history"}]
    with pytest.raises(Problem, match=f"Stage dev has no API yet.*\nStage dev has {stood.first[:12]} "):
        take(steps, "orderwire release dev", stood.told.append)
    assert stood.back == [stood.first]
    assert stood.kept.read().good == (Release(stood.first, AT),)


def failing_with(error):
    def put_back(_commit):
        raise error

    return put_back


def test_a_full_disk_on_the_way_back_is_told_with_why_it_was_taken(stood):
    told = stood.way_back(put_back=failing_with(OSError(28, "No space left on device"))).take(STUCK)
    assert str(STUCK) in told
    assert "No space left on device" in told
    assert "To go on with that: orderwire rollback dev" in told


def test_whoever_interrupts_the_way_back_is_told_how_to_go_on(stood):
    with pytest.raises(KeyboardInterrupt):
        stood.way_back(put_back=failing_with(KeyboardInterrupt())).take(STUCK)
    assert stood.told[-1] == "the release is taken back in part; to go on with that: orderwire rollback dev"
