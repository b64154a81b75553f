"""Verdicts with their reasons, cautions and witnesses, on types of events of nobody's."""

import pytest
from eventbridge_rules import first_miss, matches, parse, read_json, verdict
from eventbridge_rules.validity import fault
from example_types import SHAPES

SENT = {"source": ["acme.parcels"], "detail-type": ["parcel.sent"]}
ORDINARY = {"replay-name": [{"exists": False}]}


def sent(**fields):
    return {**SENT, **ORDINARY, "detail": {"drill": [{"exists": False}], **fields}}


@pytest.mark.parametrize(
    ("document", "state"),
    [
        (sent(), "always"),
        (sent(carrier=["dhl", "ups"]), "always"),
        (sent(lines={"count": [{"numeric": [">", 0]}]}), "always"),
        (sent(carrier=["ups"]), "sometimes"),
        (sent(id=[{"prefix": 'p-1"'}]), "sometimes"),
        (sent(id=[{"equals-ignore-case": "\U0001f600"}]), "sometimes"),
        (sent(carrier=["fedex"]), "never"),
        (sent(carrier=[{"prefix": 'dhl"'}, "ups"]), "always"),
        (sent(weight=[0.25]), "never"),
        (sent(note=["a"]), "unknown"),
        (sent(weight=[{"cidr": "10.0.0.0/8"}]), "unknown"),
        (sent(weight=[{"numeric": [">=", 0]}]), "unknown"),
        ({"detail": {"$or": {"id": [1]}}}, "never"),
        ({"a": [{"x": 1}]}, "invalid"),
    ],
)
def test_a_rule_gets_its_verdict_with_witnesses_that_hold(document, state):
    found = verdict(document, SHAPES)
    assert found.verdict == state, found.reason
    for event, heard in ((found.witness, True), (found.unheard, False)):
        if event is not None and state != "never":
            assert fault(event, SHAPES) is None
            assert matches(parse(document), event) == heard


def test_a_rule_that_hears_marked_events_only_is_told_what_the_house_calls_them():
    found = verdict({**SENT, "detail": {"drill": [True]}}, SHAPES)
    assert (found.verdict, found.witness["detail"]["drill"]) == ("sometimes", True)
    assert "hears replays or drills of parcel.sent only" in found.reason


def test_a_house_without_versions_gets_no_caution_about_them():
    texts = [warning.text for warning in verdict(SENT, SHAPES).warnings]
    assert [text.partition(";")[0] for text in texts] == ["hears replays of the archive too", "hears drills too"]


BRANCHES = {"$or": [{"carrier": ["dhl"], "id": ["a", "b"]}, {"carrier": ["dhl", "ups"], "id": ["a", "c"]}]}
NO_A = {"anything-but": {"wildcard": "a*"}}
FAULTS = [
    (sent(**BRANCHES), "another branch of $or asks for the same fields"),
    (sent(**{"$or": [{"id": ["a", "b"]}, {"id": ["a", "c"]}]}), "another branch of $or asks for the same fields"),
    (sent(weight=[1, {"numeric": ["=", 2]}, 3]), "a numeric condition stands between two plain ones"),
    (sent(id=[{"wildcard": "a*"}, {"equals-ignore-case": "b"}]), "with a wildcard and with equals-ignore-case"),
    (sent(**{"$or": [{"id": [NO_A]}, {"id": [{"prefix": {"equals-ignore-case": "b"}}]}]}),
     "with a wildcard and with equals-ignore-case"),
    (sent(host=[{"cidr": "10.0.0.0/8"}]), "addresses of the other kind"),
    (sent(weight=[1, {"cidr": "10.0.0.0/8"}]), "hears numbers that begin like these"),
    (sent(weight=[1, {"numeric": ["<", 0.1234567]}]), "more than six decimals"),
    (sent(weight=[{"numeric": ["<", 9]}]), "may be beyond 5000000000"),
]  # fmt: skip


@pytest.mark.parametrize(("document", "caution"), FAULTS)
def test_a_rule_that_the_engine_hears_by_chance_gets_a_caution(document, caution):
    found = verdict(document, SHAPES)
    assert any(caution in warning.text for warning in found.warnings), (found.verdict, found.reason, found.warnings)


@pytest.mark.parametrize(
    "document",
    [
        sent(**{"$or": [{"id": ["a"]}, {"id": ["c"]}]}),
        sent(**{"$or": [{"id": ["a"]}, {"carrier": ["dhl"]}]}),
        sent(weight=[1, 3, {"numeric": ["=", 2]}], id=[{"wildcard": "a*"}], carrier=[{"equals-ignore-case": "DHL"}]),
        sent(lines={"count": [{"numeric": ["<", 9]}]}),
    ],
)
def test_a_rule_that_the_engine_is_sure_about_gets_none(document):
    texts = [warning.text for warning in verdict(document, SHAPES).warnings]
    assert [text for text in texts if "engine" in text or "EventBridge" in text] == [
        text for text in texts if "beyond 5000000000" in text
    ]


def test_a_miss_shows_numbers_as_they_are_written():
    miss = first_miss(parse(read_json('{"a":[0.10000000000000001]}')), read_json('{"a":1e999999999}'))
    assert [str(value) for value in (*miss.wanted, *miss.found)] == ["0.10000000000000001", "1E+999999999"]


def test_an_event_with_a_number_that_no_double_has_is_held_against_its_schema():
    event = {"detail-type": "parcel.sent", "detail": read_json('{"id": "a", "weight": 1e400, "weight": 1e401}')}
    assert "/detail" in fault(event, SHAPES)
    assert fault({"detail-type": "x"}, SHAPES) == "this event is of no type that is published"
