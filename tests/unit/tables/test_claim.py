"""The claim protocol: one attempt at a time, and always an event that is sure to come again."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tables.claim import NOBODY, Cause, Claim, free, given_back, left_to_its_cause, own, taken_over, unfinished
from tests.support.edges import NOON
from tests.support.events import event, one_of_each

LEASE = timedelta(seconds=60)
CAUSE = one_of_each()[0]
STEPS = st.lists(st.tuples(st.sampled_from(["take", "give back"]), st.sampled_from("abc"), st.integers(0, 90)))


def made(by="a", replayed=False):
    return Claim(**dict(Cause.of(CAUSE, replayed)), at=NOON, by=by)


@given(STEPS, st.booleans())
def test_whatever_happens_to_a_claim_its_cause_stays_and_is_the_one_that_is_unfinished(steps, replayed):
    claim, now = made(replayed=replayed), NOON
    for what, by, seconds in steps:
        now += timedelta(seconds=seconds)
        if what == "take" and free(claim, now, LEASE):
            claim = taken_over(claim, by, now)
        elif what == "give back" and own(claim, by):
            claim = given_back(claim)
        assert claim.passed_on() == Cause.of(CAUSE, replayed)
        assert unfinished(claim, CAUSE.event_id)
        assert not unfinished(claim, one_of_each()[1].event_id)


@given(STEPS)
def test_nobody_takes_over_from_an_attempt_that_may_still_be_at_it(steps):
    claim, now, at_it = made(), NOON, {"a": NOON}
    for what, by, seconds in steps:
        now += timedelta(seconds=seconds)
        if what == "give back":
            claim = given_back(claim) if own(claim, by) else claim
            at_it.pop(by, None)
        elif free(claim, now, LEASE):
            assert not [other for other, since in at_it.items() if now - since <= LEASE]
            claim, at_it = taken_over(claim, by, now), {by: now}


def test_a_claim_is_free_when_it_was_given_up_and_when_its_lease_is_over():
    assert not free(made(), NOON + LEASE, LEASE)
    assert free(made(), NOON + LEASE + timedelta(seconds=1), LEASE)
    assert free(given_back(made()), NOON, LEASE)
    assert own(given_back(made()), "a") is None
    assert made(NOBODY) == given_back(made())


def test_what_follows_inherits_from_the_cause():
    cause = Cause.of(event(CAUSE.data, traceparent=f"00-{'a' * 32}-{'b' * 16}-01"), replayed=False)
    followed = cause.follow_up(one_of_each()[4].data, NOON, test=True).metadata
    assert (followed.causation_id, followed.correlation_id) == (CAUSE.event_id, CAUSE.metadata.correlation_id)
    assert (followed.traceparent, followed.test) == (cause.traceparent, True)


def test_a_claim_of_the_release_before_has_its_cause_for_a_correlation():
    followed = Claim(cause="some-event", at=NOON).follow_up(CAUSE.data, NOON, test=False)
    assert followed.metadata.correlation_id == "some-event"


def test_only_a_replay_may_leave_a_claim_that_it_failed_at_and_only_one_of_another_event():
    other = one_of_each()[1].event_id
    assert left_to_its_cause(made(), other, replayed=True)
    assert not left_to_its_cause(made(), other, replayed=False)
    assert not left_to_its_cause(made(), CAUSE.event_id, replayed=True)
