"""Which time is replayed, to whom, how a replay ends, and what it changed."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.registry import consumers
from orderwire.__main__ import main
from orderwire.console.problem import Problem
from orderwire.operate.replay.changes import TableChange, changes, owned, prints
from orderwire.operate.replay.command import Replayed
from orderwire.operate.replay.period import Period, period
from orderwire.operate.replay.replays import follow, hearers, part_done, start
from orderwire.workplace.settling import HERE, IN_AWS, settle
from tables.order_row import fold
from tables.orders import Orders
from tests.support.edges import NOON, FakeTime, moto_edges
from tests.support.events import ORDER, created, event, one_of_each
from tests.support.services.dynamodb import fake_edges

HEARING = [row.name for row in consumers() if row.hears_replays]


@pytest.mark.parametrize(
    ("age", "back"),
    [
        ("90s", timedelta(seconds=90)),
        ("45m", timedelta(minutes=45)),
        ("2h", timedelta(hours=2)),
        ("3d", timedelta(days=3)),
        ("1w", timedelta(weeks=1)),
        ("1d12h", timedelta(hours=36)),
        ("0h5m", timedelta(minutes=5)),
    ],
)
def test_since_reaches_back_from_now(age, back):
    assert period(age, None, None, NOON) == Period(NOON - back, NOON)


@pytest.mark.parametrize("age", ["", "2", "h", "2 h", "-2h", "2h1d", "2.5h", "2y", "2H", "٢h", "2h\n", "two hours"])
def test_what_is_no_length_of_time_is_refused_with_an_example(age):
    with pytest.raises(Problem, match="is no length of time: write for example 90s"):
        period(age, None, None, NOON)


def test_no_time_and_more_time_than_there_is_are_refused():
    with pytest.raises(Problem, match="'0h' is no time at all"):
        period("0h", None, None, NOON)
    for age in ("999999w", "9" * 30 + "d", "9" * 5000 + "s"):
        with pytest.raises(Problem, match="nothing reaches back that far"):
            period(age, None, None, NOON)


@given(st.integers(1, 10**6), st.sampled_from("smhd"))
def test_any_number_of_any_unit_is_that_long(count, unit):
    seconds = {"s": 1, "m": 60, "h": 3600, "d": 86400}[unit]
    if count * seconds < 60 * 10**9:
        covered = period(f"{count}{unit}", None, None, NOON)
        assert (covered.end - covered.start).total_seconds() == count * seconds


zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
past = st.datetimes(datetime(2000, 1, 2), datetime(2026, 11, 19), timezones=zones)


@given(past)
def test_every_time_of_rfc_3339_is_understood_in_every_zone(at):
    for text in (at.isoformat(), at.isoformat(sep=" "), at.isoformat().replace("+00:00", "z")):
        covered = period(None, text, None, NOON)
        assert (covered.start, covered.start.tzinfo, covered.end) == (at, UTC, NOON)


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "2026-11-20",
        "2026-11-20T09:30:00",
        "2026-11-20T09:30Z",
        "20261120T093000Z",
        "2026-W47-5T09:30:00Z",
        "2026-02-30T09:30:00Z",
        "2026-11-20T24:30:00Z",
        "2026-11-20T09:30:00+1",
        "0001-01-01T00:00:00+01:00",
        "",
    ],
)
def test_what_is_no_time_is_refused_with_an_example_and_its_option(text):
    with pytest.raises(Problem, match=r"--from .* is no time: write it as 2026-11-20T09:30:00Z"):
        period(None, text, None, NOON)
    with pytest.raises(Problem, match=r"--until .* is no time"):
        period(None, "2026-11-20T00:00:00Z", text, NOON)


def test_a_time_span_that_cannot_be_is_refused():
    early, late = "2026-11-20T09:00:00Z", "2026-11-20T10:00:00Z"
    assert period(None, early, late, NOON).end == NOON - timedelta(hours=2)
    for from_, until, told in (
        (late, early, "--from must be earlier than --until"),
        (early, early, "--from must be earlier than --until"),
        ("2026-11-21T00:00:00Z", None, "--from lies in the future: it is 2026-11-20T12:00:00Z now"),
        (early, "2026-11-21T00:00:00Z", "--until lies in the future"),
    ):
        with pytest.raises(Problem, match=told):
            period(None, from_, until, NOON)


@pytest.mark.parametrize(
    "options", [(None, None, None), ("2h", "2026-11-20T09:30:00Z", None), (None, None, "2026-11-20T09:30:00Z")]
)
def test_either_an_age_or_a_beginning_must_be_said(options):
    with pytest.raises(Problem, match="either --since, for example --since 2h, or --from"):
        period(*options, NOON)
    with pytest.raises(Problem, match="--until goes with --from"):
        period("2h", None, "2026-11-20T09:30:00Z", NOON)


def test_all_stands_for_everybody_who_hears_replays_and_names_come_once():
    assert hearers(["all"], consumers()) == HEARING
    assert hearers(["payment", "all"], consumers()) == HEARING
    assert hearers(["inventory", "orders", "inventory"], consumers()) == ["orders", "inventory"]


@pytest.mark.parametrize("name", ["analytics", "backup", "order-log"])
def test_who_hears_no_replays_is_refused_with_the_reason(name):
    with pytest.raises(Problem, match=f"{name} hears no replays: it counts, keeps or tells .*: orders, payment"):
        hearers(["orders", name], consumers())


def test_an_unknown_consumer_is_refused_with_the_names_that_there_are():
    with pytest.raises(Problem, match=r"There is no consumer .nobody.\. Replays are heard by: orders, payment, inven"):
        hearers(["nobody"], consumers())


class FakeEvents:
    """EventBridge, answering one description of the replay after the other."""

    def __init__(self, *replays):
        self.replays, self.started = list(replays), None

    def describe_archive(self, ArchiveName):  # noqa: N803  (boto3's names)
        return {"ArchiveArn": f"arn:archive/{ArchiveName}", "EventSourceArn": "arn:bus"}

    def describe_rule(self, Name, EventBusName):  # noqa: N803
        return {"Arn": f"arn:rule/{EventBusName}/{Name}"}

    def start_replay(self, **asked):
        self.started = asked

    def describe_replay(self, ReplayName):  # noqa: N803
        return self.replays.pop(0)


@contextmanager
def replaying(*replays):
    with moto_edges() as edges:
        edges.clients.events = fake = FakeEvents(*replays)
        yield edges, fake


def test_a_replay_enters_at_the_rules_of_the_named_consumers_only():
    with replaying() as (edges, events):
        start(edges, "again", Period(NOON - timedelta(hours=2), NOON), ["payment", "orders"])
    rules = ["arn:rule/orders-test/orderwire-test-payment", "arn:rule/orders-test/orderwire-test-orders"]
    assert events.started == {
        "ReplayName": "again",
        "EventSourceArn": "arn:archive/orders-test",
        "EventStartTime": NOON - timedelta(hours=2),
        "EventEndTime": NOON,
        "Destination": {"Arn": "arn:bus", "FilterArns": rules},
    }


def replay_at(state, seconds=None, **more):
    times = {"EventStartTime": NOON, "EventEndTime": NOON + timedelta(seconds=100)}
    last = {} if seconds is None else {"EventLastReplayedTime": NOON + timedelta(seconds=seconds)}
    return {"State": state, **times, **last, **more}


def test_a_replay_is_followed_through_its_states_to_its_end():
    told = []
    states = [replay_at("STARTING"), replay_at("RUNNING", 25), replay_at("COMPLETED", 70)]
    with replaying(*states) as (edges, _):
        follow(edges, "again", lambda *progress: told.append(progress), between_looks=0)
    assert told == [("STARTING", 0.0), ("RUNNING", 0.25), ("COMPLETED", 1.0)]


def test_progress_never_leaves_its_scale():
    parts = [part_done(replay_at("RUNNING", seconds)) for seconds in (-10, 0, 100, 1000)]
    assert parts == [0.0, 0.0, 1.0, 1.0]


def test_a_replay_that_fails_or_is_cancelled_says_so_with_the_reason():
    for state in ("FAILED", "CANCELLED"):
        with (
            replaying(replay_at(state, StateReason="the archive is gone")) as (edges, _),
            pytest.raises(Problem, match=f"again ended as {state}: the archive is gone"),
        ):
            follow(edges, "again", lambda *_: None)


def test_a_replay_that_does_not_end_in_time_says_so():
    with (
        replaying(replay_at("RUNNING")) as (edges, _),
        pytest.raises(Problem, match="again is not done after 0 s"),
    ):
        follow(edges, "again", lambda *_: None, seconds=0)


def test_the_tables_of_a_consumer_are_those_whose_rows_it_creates():
    assert {table.name for table in owned(["payment", "notification"])} == {"payments", "sandbox-ledger", "mails"}
    assert [table.name for table in owned(["order-log"])] == ["order-log"]


def test_rows_that_came_went_or_say_something_else_are_told_apart():
    before = {"orders": {"a": b"1", "b": b"1", "c": b"1"}, "stock": {"x": b"1"}}
    after = {"orders": {"b": b"1", "c": b"2", "d": b"1", "e": b"1"}, "stock": {"x": b"1"}}
    assert changes(before, after) == [TableChange("orders", 4, 2, 1, 1), TableChange("stock", 1, 0, 0, 0)]


def test_a_row_that_was_written_again_with_the_same_words_has_not_changed():
    row = fold(None, event(created()))
    with moto_edges() as edges:
        table, orders = owned(["orders"]), Orders(edges)
        stored = orders.put(row)
        first = prints(edges, table)
        orders.put(stored)
        assert prints(edges, table) == first
        orders.change(ORDER, lambda known: fold(known, one_of_each()[1]))
        assert changes(first, prints(edges, table)) == [TableChange("orders", 1, 0, 1, 0)]


def test_messages_that_are_not_dealt_with_in_time_are_counted():
    told = []
    with moto_edges() as edges:
        sqs = edges.clients.sqs
        urls = [sqs.create_queue(QueueName=edges.settings.name(name))["QueueUrl"] for name in ("a", "b")]
        assert settle(edges, ["a", "b"], 0, told.append) == 0
        assert set(told) == {0}
        for url in (*urls, urls[0]):
            sqs.send_message(QueueUrl=url, MessageBody="x")
        assert settle(edges, ["a", "b"], 0, told.append) == 3
    assert set(told) == {0, 3}


class Counting:
    """SQS that tells one number of messages after the other, the last for ever."""

    def __init__(self, *numbers):
        self.numbers = list(numbers)

    def get_queue_url(self, QueueName):  # noqa: N803  (boto3's names)
        return {"QueueUrl": QueueName}

    def get_queue_attributes(self, QueueUrl, AttributeNames):  # noqa: N803
        number = self.numbers.pop(0) if len(self.numbers) > 1 else self.numbers[0]
        return {"Attributes": {name: str(number) if name == AttributeNames[0] else "0" for name in AttributeNames}}


def settled(looks, *numbers, patience=120):
    """(what is left, how many looks it took, seconds that passed)"""
    told, time = [], FakeTime()
    edges = fake_edges(time=time, sqs=Counting(*numbers))
    began = edges.clock.monotonic()
    left = settle(edges, ["a"], patience, told.append, looks)
    return left, len(told), edges.clock.monotonic() - began


def test_counts_of_aws_are_believed_only_after_longer_than_they_may_lag():
    left, _, seconds = settled(IN_AWS, 0)
    assert (left, seconds >= 90) == (0, True)
    assert settled(HERE, 0)[2] < 2


@pytest.mark.parametrize("late", [2, 10, 17])
def test_a_message_that_is_counted_late_is_waited_for(late):
    """SQS tells zero at first, though something is there; then it is handled."""
    left, looks, seconds = settled(IN_AWS, *[0] * late, 4, 1, 0)
    assert (left, looks > late + 2) == (0, True)
    assert seconds >= late * IN_AWS.between + IN_AWS.stillness


def test_what_comes_back_for_ever_is_not_waited_for_longer_than_patience():
    left, _, seconds = settled(IN_AWS, *[0, 0, 3] * 50, patience=60)
    assert left == 3
    assert seconds <= 60 + 3 * IN_AWS.between


def test_a_replay_that_left_messages_or_made_dead_letters_is_not_good():
    def done(waiting, dead, *found):
        return Replayed("again", ["orders"], NOON, NOON, list(found), waiting, dead)

    assert [done(0, 0).good, done(1, 0).good, done(0, 1).good] == [True, False, False]
    assert done(0, 0, TableChange("orders", 5, 0, 0, 0)).nothing_changed
    for numbers in ((1, 0, 0), (0, 1, 0), (0, 0, 1)):
        assert not done(0, 0, TableChange("orders", 5, *numbers)).nothing_changed


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("--since 2h", "Missing option '--to'"),
        ("--since 2x --to payment", "'2x' is no length of time"),
        ("--to payment", "Say either --since"),
        ("--since 2h --to analytics", "analytics hears no replays"),
        ("--since 2h --to nobody", "There is no consumer 'nobody'"),
        ("--from 2026-11-20 --to all", "'2026-11-20' is no time"),
        ("--since 2h --to all", "Orderwire is not running on this machine"),
        ("--since 2h --to all --stage nowhere", "There is no stage 'nowhere'"),
    ],
)
def test_the_command_tells_bad_input_and_ends_with_code_2(arguments, told, capsys, tmp_path):
    with pytest.raises(SystemExit) as ended:
        main(["replay", *arguments.split(), "--home", str(tmp_path)])
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert told in " ".join(said.err.split())
    assert (said.out, "Traceback" in said.err) == ("", False)
