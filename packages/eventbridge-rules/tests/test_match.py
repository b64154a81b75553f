"""Matching, operator by operator, against what AWS documents."""

import pytest
from documented_cases import ABSENT, EVENTS, VALUES
from eventbridge_rules.grammar import parse
from eventbridge_rules.match import match, matches


@pytest.mark.parametrize("name", VALUES)
def test_a_condition_accepts_what_aws_says(name):
    conditions, accepted, refused = VALUES[name]
    rule = {"detail": {"field": conditions}}
    for heard, values in ((True, accepted), (False, refused)):
        for value in values:
            event = {"detail": {} if value is ABSENT else {"field": value}}
            assert matches(parse(rule), event) == heard, value


@pytest.mark.parametrize(("rule", "event", "heard"), EVENTS)
def test_a_rule_hears_what_aws_says(rule, event, heard):
    assert matches(parse(rule), event) == heard


MISSES = [
    (
        {"source": ["a"], "detail": {"x": [1, 2]}},
        {"source": "a", "detail": {"x": 3}},
        ("detail.x", "/detail/x", (1, 2), (3,), ()),
    ),
    ({"source": ["a"], "detail": {"x": [1]}}, {"source": "b", "detail": {}}, ("source", "/source", ("a",), ("b",), ())),
    (
        {"detail": {"x": [{"exists": False}]}},
        {"detail": {"x": None}},
        ("detail.x", "/detail/x", ({"exists": False},), (None,), ()),
    ),
    ({"l": {"a": [1], "b": [2]}}, {"l": [{"a": 1, "b": 1}, {"b": 2}]}, ("l.a", "/l/a", (1,), (1,), ("l.a", "l.b"))),
    (
        {"a": [1], "$or": [{"b": [1], "c": [1]}, {"b": [1], "c": [2]}]},
        {"a": 1, "b": 1},
        ("c", "/$or/0/c", (1,), (), ()),
    ),
]


@pytest.mark.parametrize(("rule", "event", "expected"), MISSES)
def test_the_first_condition_that_fails_is_named_with_both_values(rule, event, expected):
    miss = match(parse(rule), event)
    assert (miss.path, miss.pointer, miss.wanted, miss.found, miss.together) == expected


def test_an_event_that_is_heard_misses_nothing():
    assert match(parse({"a": [{"exists": True}]}), {"a": 1}) is None


def test_a_long_text_that_just_misses_a_wildcard_is_refused_at_once():
    rule = parse({"a": [{"wildcard": "*a" * 40 + "*b"}]})
    assert not matches(rule, {"a": "a" * 5000})
