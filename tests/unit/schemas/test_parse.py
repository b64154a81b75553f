"""Reading events back: what readers ignore, what they refuse, and how they say why."""

import json

import pytest
from hypothesis import given

from schemas.events import OrderShipped
from schemas.parse import (
    ContractError,
    is_replay,
    json_pointer,
    load_json,
    parse_detail,
    parse_entry,
    parse_stored,
    unwrap,
)
from tests.support.events import created, entry, event, one_of_each
from tests.support.schemas.strategies import any_event

CREATED = event(created())


def detail(**data):
    document = json.loads(CREATED.to_json())
    return document | {"data": {**document["data"], **data}}


def refused(detail_type, document):
    with pytest.raises(ContractError) as error:
        parse_detail(detail_type, document)
    return error.value


@given(any_event)
def test_whatever_was_published_is_read_back(each):
    assert parse_stored(each.type, each.to_json()) == each
    assert parse_entry(entry(each)) == each
    assert parse_entry(entry(each.marked_replay())) == each.marked_replay()


def test_a_reader_ignores_fields_that_it_does_not_know():
    document = detail(gift_wrap=True)
    document["metadata"]["region"] = "eu"
    document["data"]["items"][0]["isbn"] = "9780141439587"
    document["signature"] = "..."
    assert parse_detail("order.created", document) == CREATED


def test_a_reader_takes_a_later_minor_of_the_version_it_knows():
    document = detail()
    document["metadata"]["version"] = "1.7"
    assert parse_detail("order.created", document).data == CREATED.data


@pytest.mark.parametrize("version", ["2.0", "01.0", "0.1", "", ".", "x", "9" * 5000])
def test_a_version_that_nobody_declared_is_refused(version):
    document = detail()
    document["metadata"]["version"] = version
    assert refused("order.created", document).errors == [("/metadata/version", "must be of major 1")]


def test_an_event_that_nobody_declared_is_refused():
    assert refused("order.eaten", detail()).errors == [("/detail-type", "no such event")]


@pytest.mark.parametrize("document", [None, [], "text", 7, {}, {"metadata": []}, {"metadata": {"version": 1}}])
def test_what_is_no_detail_at_all_is_refused(document):
    assert refused("order.created", document).errors


def test_an_error_points_at_each_bad_field_and_repeats_no_value():
    document = detail(customer_email="ada at example.com", total=1.005)
    document["data"]["items"][0]["quantity"] = 0
    error = refused("order.created", document)
    assert [pointer for pointer, _ in error.errors] == ["/data/customer_email", "/data/items/0/quantity", "/data/total"]
    assert "/data/total: must have at most two decimals" in str(error)
    assert "ada at" not in str(error)


def test_a_pointer_escapes_what_rfc_6901_says():
    assert json_pointer(("a/b", 0, "c~d")) == "/a~1b/0/c~0d"
    assert json_pointer(()) == ""


@pytest.mark.parametrize("text", ["NaN", "Infinity", "[-Infinity]", "", "{", "{'a': 1}", "[" * 100_000, b"\xff"])
def test_what_only_python_takes_for_json_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011  (json's own errors are among them)
        load_json(text)


def test_an_event_from_another_source_is_refused():
    with pytest.raises(ContractError, match="/source: must be orderwire"):
        parse_entry({**entry(CREATED), "source": "somebody.else"})


def test_an_event_is_found_in_an_sqs_body_and_in_an_sns_notification_in_one():
    document = entry(CREATED)
    notification = {"Type": "Notification", "MessageId": "m", "Message": json.dumps(document)}
    assert unwrap(json.dumps(document)) == document
    assert unwrap(json.dumps(notification)) == document


@pytest.mark.parametrize("body", ["", "text", "[]", "null", "7", '"text"', "[" * 100_000, '{"Type": "Notification"}',
                                  '{"Type": "Notification", "Message": {}}',
                                  '{"Type": "Notification", "Message": "[]"}'])  # fmt: skip
def test_a_body_without_an_event_in_it_is_refused(body):
    with pytest.raises(ContractError, match="message: /: is not"):
        unwrap(body)


@pytest.mark.parametrize("each", one_of_each(), ids=lambda each: each.type)
def test_a_replay_is_known_by_its_name_or_by_the_mark_of_what_it_led_to(each):
    assert not is_replay(entry(each))
    assert is_replay(entry(each, **{"replay-name": "again"}))
    assert is_replay(entry(each.marked_replay()))


@pytest.mark.parametrize("document", [{}, {"detail": None}, {"detail": {"metadata": []}}])
def test_what_is_no_event_is_no_replay(document):
    assert not is_replay(document)


def test_an_event_read_back_has_the_type_of_its_class():
    shipped = event(OrderShipped(order_id="ord_1"))
    assert type(parse_stored(shipped.type, shipped.to_json()).data) is OrderShipped
