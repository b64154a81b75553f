"""Which release is put back, whatever was begun, finished or cut off before."""

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from infrastructure.stages import DEV
from orderwire.console.problem import Problem
from orderwire.release.history import MOST, History, HistoryOf, Release

COMMITS = [f"{letter}" * 40 for letter in "abcdef"]
A, B, C = (Release(commit, "2026-11-21T09:30:00.000Z") for commit in COMMITS[:3])


def released(*releases):
    history = History()
    for each in releases:
        history = history.begin(each.commit).finish(each)
    return history


def test_a_good_release_is_put_back_to_the_one_before():
    assert released(A, B).target() == A


def test_a_release_that_failed_half_way_is_put_back_to_the_last_good_one():
    assert released(A, B).begin(C.commit).target() == B


def test_what_was_never_committed_is_put_back_to_the_last_good_one():
    assert released(A).begin("uncommitted").target() == A


@pytest.mark.parametrize("history", [History(), released(A), History(begun="uncommitted")])
def test_with_nothing_to_go_back_to_there_is_a_reason(history):
    with pytest.raises(Problem, match="There is no release to go back to"):
        history.target()


def test_a_release_that_is_no_good_goes_back_to_what_went_well_last_unless_that_is_itself():
    assert released(A, B).before(C.commit) == B
    assert released(A, B).begin(C.commit).before(C.commit) == B
    assert released(A, B).before("uncommitted") == B
    assert released(A, B).before(f"{B.commit}-changed") == B
    assert released(A, B).before(A.commit) == B  # an older commit is tried over a newer
    assert released(A, B).before(B.commit) is None
    assert History().before(A.commit) is None


def test_going_back_twice_leads_further_back_and_not_forward_to_what_was_left():
    once = released(A, B, C)
    once = once.go_back(once.target()).went_back(once.target())
    assert (once.begun, once.target()) == (B.commit, A)


def test_a_rollback_that_was_cut_off_goes_on_to_where_it_was_going():
    history = released(A, B)
    cut_off = history.go_back(history.target()).begin(A.commit)
    assert cut_off.target() == A
    assert cut_off.went_back(cut_off.target()) == History((A,), begun=A.commit)


def test_a_release_after_a_rollback_that_was_cut_off_forgets_where_that_was_going():
    history = released(A, B)
    assert history.go_back(A).begin(C.commit).target() == B


def test_a_commit_can_be_named_by_its_first_characters_if_it_was_released_well():
    assert released(A, B, C).target("aaaa") == A
    with pytest.raises(Problem, match=r"no release ffff to go back to\. Released well were: a{12} \(2026-.*b{12}"):
        released(A, B).target("ffff")


def test_a_commit_that_is_released_again_is_one_release():
    assert released(A, B, A).good == (B, A)


moves = st.lists(
    st.tuples(st.sampled_from(["good", "failed", "back", "cut off"]), st.sampled_from(COMMITS)), max_size=12
)


@given(moves)
def test_whatever_happened_a_rollback_goes_to_a_good_release_that_is_not_there_already(moves):
    history, good = History(), set()
    for move, commit in moves:
        if move in {"good", "failed"}:
            history = history.begin(commit)
        if move == "good":
            history, good = history.finish(Release(commit, "now")), good | {commit}
        elif move != "failed" and (history.back_to or {each.commit for each in history.good} - {history.begun}):
            target = history.target()
            assert target.commit in good
            assert history.back_to in {None, target.commit}
            assert history.back_to or target.commit != history.begun
            history = history.go_back(target)
            history = history.went_back(target) if move == "back" else history
    assert len(history.good) <= MOST


@mock_aws
def test_the_history_is_kept_with_the_stage_and_forgotten_with_it():
    kept = HistoryOf(boto3.client, DEV)
    assert kept.read() == History()
    kept.write(released(*[Release(f"{number:040}", "2026-11-21T09:30:00.000Z") for number in range(MOST + 5)]))
    assert len(kept.read().good) == MOST
    assert boto3.client("ssm").get_parameter(Name="/orderwire/dev/release")
    kept.forget()
    kept.forget()
    assert kept.read() == History()
