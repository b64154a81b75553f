"""`orderwire search`: questions become SQL that nothing can break out of, and answers become plain data."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.decisions.backup_lines import pseudonyms
from infrastructure.resources.backup import EVENTS_SQL
from infrastructure.stages import LOCAL
from orderwire.cli.search import cell, table_of
from orderwire.console.problem import Problem
from orderwire.operate.replay.period import beginning
from orderwire.operate.search import Backup, QueryResult, Question, pseudonym, value_of
from orderwire.operate.sql import literal, with_events
from orderwire.workplace.stage import Target
from tests.support.edges import NOON
from tests.support.embedded import embedded_aws
from tests.support.events import created, event, one_of_each
from tests.unit.consumers.test_backup import run

ADA, BOB = "cust-1", "cust-2"
DUCKDB = duckdb.connect()
EVENTS = [
    *one_of_each("ord_1"),
    event(created("ord_2", total=Decimal("100.00"), customer_id=BOB), NOON + timedelta(hours=1)),
    event(created("ord_3", total=Decimal("250.10")), NOON - timedelta(days=2)),
]


@pytest.fixture(scope="module")
def aws(tmp_path_factory):
    """The embedded AWS with EVENTS in the backup, some of them several times in different objects."""
    with embedded_aws(tmp_path_factory.mktemp("aws"), LOCAL) as embedded:
        run(embedded.edges, [EVENTS[:9], EVENTS[5:], EVENTS[::3]])
        yield embedded


@pytest.fixture
def backup(aws):
    return Backup(aws.client("athena"), "local", aws.edges.clock.sleep)


def found(backup, **options):
    return [(each["order_id"], each["type"]) for each in backup.ask(Question.of(**options).sql()).documents()]


def test_an_orders_events_are_found_once_each_however_often_they_are_in_the_backup(backup):
    types = [type_ for _, type_ in found(backup, order="ord_1")]
    assert types == [each.type for each in reversed(one_of_each())]


def test_conditions_are_combined(backup):
    assert found(backup, min_total=100) == [("ord_2", "order.created"), ("ord_3", "order.created")]
    assert found(backup, min_total=100, since=NOON) == [("ord_2", "order.created")]
    assert found(backup, sku="book-1", type="inventory.low_stock") == [("ord_1", "inventory.low_stock")]
    assert found(backup, sku="book-1", order="ord_3", min_total=250.11) == []


def test_the_newest_come_first_and_no_more_than_asked_for(backup):
    assert found(backup, type="order.created", limit=2) == [("ord_2", "order.created"), ("ord_1", "order.created")]


def test_a_customer_is_found_by_who_may_read_the_stages_key(aws, backup):
    where = Target(LOCAL, aws.edges, aws.client)
    assert pseudonym(where, BOB) == pseudonyms(aws.edges.secret("backup-hash-key"))(BOB)
    assert found(backup, customer=pseudonym(where, BOB)) == [("ord_2", "order.created")]
    assert [order for order, _ in found(backup, customer=pseudonym(where, ADA))] == ["ord_1", "ord_3"]


def test_a_persons_own_query_may_have_named_queries_of_its_own(backup):
    sql = "WITH big AS (SELECT * FROM events WHERE total >= 100) SELECT count(*) AS n, sum(total) AS total FROM big;"
    assert backup.ask(sql).documents() == [{"n": 2, "total": Decimal("350.10")}]


def test_values_come_back_as_what_they_are(backup):
    sql = (
        "SELECT occurred_at, total, skus, date, hour, total > 1 AS large, currency FROM events WHERE order_id = 'ord_2'"
    )
    assert backup.ask(sql).documents() == [
        {
            "occurred_at": NOON + timedelta(hours=1),
            "total": Decimal("100.00"),
            "skus": ["book-1"],
            "date": "2026-11-20",
            "hour": 13,
            "large": True,
            "currency": "EUR",
        }
    ]
    assert backup.ask("SELECT max(total) AS nothing FROM events WHERE order_id = 'x'").rows == [[None]]


def test_a_query_that_fails_says_why(backup):
    with pytest.raises(Problem, match=r"Athena could not answer: .*nonsense"):
        backup.ask("SELECT nonsense FROM events")


def test_a_query_can_change_nothing(aws, backup):
    for sql in ("DROP TABLE event_lines", "DELETE FROM events", "CREATE TABLE copies AS SELECT * FROM events"):
        with pytest.raises(Problem):
            backup.ask(sql)
    tables = aws.client("glue").get_tables(DatabaseName="orderwire_local")["TableList"]
    assert {each["Name"] for each in tables} == {"event_lines", "events"}


def test_an_empty_backup_answers_every_question(tmp_path):
    with embedded_aws(tmp_path, LOCAL) as empty:
        backup = Backup(empty.client("athena"), "local", empty.edges.clock.sleep)
        options = {
            "order": "o",
            "sku": "s",
            "type": "order.created",
            "min_total": 1,
            "since": NOON,
            "customer": "0" * 32,
        }
        assert found(backup, **options) == []
        run(empty.edges, [one_of_each()[5:6]])  # an event with neither total nor products
        assert found(backup, **options) == []


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_a_literal_is_the_text_that_it_was_made_of(text):
    assert DUCKDB.execute(f"SELECT {literal(text)}").fetchall() == [(text,)]


OPTIONS = ("order", "sku", "type", "customer", "since", "min_total", "limit")
NUMBERS = ("min_total", "limit")


@given(
    st.sampled_from(OPTIONS), st.text() | st.sampled_from(["1", "' OR '1'='1", "x'; DROP TABLE events --", "1 OR 1=1"])
)
def test_whatever_is_asked_for_is_refused_or_one_literal(option, value):
    asked = answer_to(option, value)
    if asked.startswith("SELECT "):
        quotes = 0 if option in NUMBERS else 2
        assert (asked.count("'"), asked.count(";"), asked.count("--")) == (quotes, 0, value.count("--"))
    else:
        assert asked.startswith(f"--{option.replace('_', '-')}: ")


def answer_to(option, value):
    try:
        return Question.of(**{option: value}).sql()
    except Problem as problem:
        return str(problem)


@pytest.mark.parametrize(("options", "told"), [
    ({"order": "a b"}, "--order: "),
    ({"sku": ""}, "--sku: "),
    ({"type": "order.lost"}, "--type: must be one of inventory.low_stock, "),
    ({"min_total": -1}, "--min-total: must be between"),
    ({"min_total": 1.005}, "--min-total: must have at most two decimals"),
    ({"limit": 0}, "--limit: "),
    ({"limit": 1001}, "--limit: "),
])  # fmt: skip
def test_a_wrong_option_is_refused_by_its_name(options, told):
    with pytest.raises(Problem, match=f"^{told}"):
        Question.of(**options)


@pytest.mark.parametrize(("text", "at"), [
    ("30m", NOON - timedelta(minutes=30)),
    ("1d12h", NOON - timedelta(hours=36)),
    ("2026-11-01T01:00:00+01:00", datetime(2026, 11, 1, tzinfo=UTC)),
])  # fmt: skip
def test_a_search_begins_some_time_ago_or_at_a_time(text, at):
    assert beginning(text, NOON) == at


@pytest.mark.parametrize("text", ["2", "h", "-2h", "2 hours", "2026-11-01"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(Problem, match="is no "):
        beginning(text, NOON)


@pytest.mark.parametrize("text", ["2026-11-20T12:00:01Z", "3000-01-01T00:00:00Z"])
def test_a_search_does_not_begin_in_the_future(text):
    with pytest.raises(Problem, match="--since lies in the future: it is 2026-11-20T12:00:00Z now"):
        beginning(text, NOON)


@pytest.mark.parametrize("text", ["1999-12-31T00:00:00Z", "2000w"])
def test_a_search_begins_when_there_may_have_been_orders(text):
    with pytest.raises(Problem, match="There were no orders in 19"):
        beginning(text, NOON)


@pytest.mark.parametrize(("own", "whole"), [
    ("SELECT 1 ;", f"WITH events AS ({EVENTS_SQL}) SELECT 1"),
    ("with a AS (b) SELECT 1", f"WITH events AS ({EVENTS_SQL}), a AS (b) SELECT 1"),
    ("WITH RECURSIVE a AS (b) SELECT 1", f"WITH RECURSIVE events AS ({EVENTS_SQL}), a AS (b) SELECT 1"),
    ("-- big; ones\n/* 'x */WITH a AS (b) SELECT 1", f"WITH events AS ({EVENTS_SQL}), a AS (b) SELECT 1"),
    ("with/**/recursive/**/a AS (b) SELECT 1", f"WITH recursive events AS ({EVENTS_SQL}), a AS (b) SELECT 1"),
    ("SELECT 1; -- done\n;", f"WITH events AS ({EVENTS_SQL}) SELECT 1"),
    ("SELECT '--;/*', \"a;\"\"b\" - 2", f"WITH events AS ({EVENTS_SQL}) SELECT '--;/*', \"a;\"\"b\" - 2"),
    ("SELECT withal FROM events", f"WITH events AS ({EVENTS_SQL}) SELECT withal FROM events"),
])  # fmt: skip
def test_every_query_has_the_events_in_front_of_it(own, whole):
    assert with_events(own) == whole


@pytest.mark.parametrize(("own", "told"), [
    ("", "no statement"),
    (" ; -- nothing\n/* at all */", "no statement"),
    ("SELECT 1; DROP TABLE events", "more than one statement"),
])  # fmt: skip
def test_a_query_is_one_statement(own, told):
    with pytest.raises(Problem, match=f"--sql has {told}"):
        with_events(own)


def test_a_persons_own_query_may_begin_with_a_comment(backup):
    assert backup.ask("-- how many\nWITH big AS (SELECT * FROM events) SELECT 1 AS n").rows == [[1]]


def test_columns_of_one_name_keep_their_values_and_json_asks_for_other_names(backup):
    found = backup.ask("SELECT 1 AS a, 'x' AS a, 3 AS b")
    assert [[*map(str, column.cells)] for column in table_of(found, found.columns).columns] == [["1"], ["x"], ["3"]]
    with pytest.raises(Problem, match="More than one column is called 'a'"):
        found.documents()


def test_a_number_that_json_has_no_form_for_is_text(backup):
    sql = "SELECT CAST('nan' AS double) AS a, CAST('-infinity' AS real) AS b, 12345678901234567890.12 AS c, 0.1 AS d"
    [found] = backup.ask(sql).documents()
    assert found == {"a": "NaN", "b": "-Infinity", "c": "12345678901234567890.12", "d": Decimal("0.1")}


def test_the_time_of_now_can_be_asked_for(aws, backup):
    [[now, today]] = backup.ask("SELECT current_timestamp, current_date").rows
    assert abs(datetime.now(UTC) - now) < timedelta(days=1)
    assert today == f"{now:%Y-%m-%d}"


@pytest.mark.parametrize(("type_", "text", "value"), [
    ("timestamp", "2026-11-20 12:00:00.000", NOON),
    ("timestamp", "2026-11-20 13:00:00+01:00", NOON),
    ("timestamp", "+12026-11-20 12:00:00", "+12026-11-20 12:00:00"),
    ("varchar", "one, two", "one, two"),
    ("array", "[one, two]", ["one", "two"]),
])  # fmt: skip
def test_a_value_is_read_by_its_columns_type(type_, text, value):
    assert value_of({"Name": "skus", "Type": type_}, {"VarCharValue": text}) == value


class PagedAthena:
    """Runs for two looks, then answers two pages."""

    def __init__(self, states):
        self.states, self.started = iter(states), None

    def start_query_execution(self, **started):
        self.started = started
        return {"QueryExecutionId": "q-1"}

    def get_query_execution(self, **_):
        return {"QueryExecution": {"Status": {"State": next(self.states)}}}

    def get_paginator(self, _):
        return self

    def paginate(self, **_):
        columns = {"ColumnInfo": [{"Name": "n", "Type": "bigint"}]}
        for values in (["n", "1"], ["2", "3"]):
            rows = [{"Data": [{"VarCharValue": value}]} for value in values]
            yield {"ResultSet": {"Rows": rows, "ResultSetMetadata": columns}}


def test_all_pages_of_an_answer_are_read_once_it_is_there_from_the_stages_own_work_group():
    athena, slept = PagedAthena(["QUEUED", "RUNNING", "SUCCEEDED"]), []
    assert Backup(athena, "dev", slept.append).ask("SELECT n FROM events") == QueryResult(("n",), [[1], [2], [3]])
    assert len(slept) == 2
    assert athena.started["WorkGroup"] == "orderwire-dev"
    assert athena.started["QueryExecutionContext"] == {"Database": "orderwire_dev"}


def test_a_query_that_somebody_stopped_is_a_problem():
    with pytest.raises(Problem, match="Athena could not answer: CANCELLED"):
        Backup(PagedAthena(["CANCELLED"]), "dev", lambda _: None).ask("SELECT 1")


def test_a_table_names_the_first_products_of_a_long_list():
    assert cell([str(number) for number in range(5)]) == "0, 1, 2 and 2 more"
    assert cell(["0", "1", "2"]) == "0, 1, 2"
    assert cell(None) == "-"
