"""Matching, operator by operator, against what AWS documents, and against another implementation of it.

`GUIDE` is the EventBridge user guide, "Comparison operators for use in event patterns" (the page's sections are named),
`RULER` is https://github.com/aws/event-ruler, whose README and tests are named.
"""

import json
from random import Random

import pytest
from eventbridge_rules.grammar import parse
from eventbridge_rules.match import match, matches
from eventbridge_rules.operators import Invalid
from hypothesis import given, settings
from hypothesis import strategies as st
from ministack.services import eventbridge as ministack

from schemas.envelope import REGISTRY
from tests.support.eventbridge_rules.event_making import live_event, marked
from tests.support.eventbridge_rules.rule_making import RuleMaker, hints
from tests.support.eventbridge_rules.soundness import aimed

ABSENT = object()

VALUES = {
    "GUIDE: exact": (
        ["New York", 3.018e2, True, None, ""],
        ["New York", 301.8, True, None, ""],
        ["new york", "301.8", 1, False, "null", [], {}],
    ),
    "RULER README: any element of an array": (["a", "b"], [["x", "b"], [["a"]]], [["x", "y"], [], ["ab"]]),
    "RULER JsonRuleCompilerTest.testVariantForms": ([133.3], [133.3, 1.333e2], ["133.3", 133.30001]),
    "RULER JsonRuleCompilerTest.testBigNumbers": ([123456789012], [123456789012], [123456789013]),
    "RULER CIDRTest: an exact address in any spelling": (
        ["10.0.0.1"],
        ["10.0.0.1", "010.0.0.1"],
        ["10.0.0.2", "10.0.0"],
    ),
    "GUIDE: prefix": ([{"prefix": "2017-10-02"}], ["2017-10-02T18:43:48Z", "2017-10-02"], ["017-10-02", 2017, ABSENT]),
    "RULER: an empty prefix is any text": ([{"prefix": ""}], ["", "a"], [1, True, None, ABSENT]),
    "GUIDE: prefix, ignoring case": (
        [{"prefix": {"equals-ignore-case": "EventB"}}],
        ["EventBridge", "eventb", "EVENTBUS"],
        ["event", "aEventB"],
    ),
    "GUIDE: suffix": ([{"suffix": ".png"}], ["a.png", ".png"], [".PNG", "png", ".png "]),
    "GUIDE: suffix, ignoring case": ([{"suffix": {"equals-ignore-case": ".png"}}], [".PNG", "a.pNg"], [".pn"]),
    "GUIDE: equals-ignore-case": ([{"equals-ignore-case": "alice"}], ["ALICE", "Alice"], ["alice ", "ali"]),
    "RULER EqualsIgnoreCaseParserTest: case may change length": (
        [{"equals-ignore-case": "stra\u00dfe"}],
        ["STRASSE", "stra\u00dfe"],
        ["strase"],
    ),
    "GUIDE: wildcard": (
        [{"wildcard": "dir/*/file.png"}],
        ["dir/x/file.png", "dir//file.png"],
        ["dir/file.png", "dir/x/file.pngx"],
    ),
    "GUIDE: wildcard, escaped": ([{"wildcard": r"a\*b\\*"}], ["a*b\\", "a*b\\x"], ["axb\\", "a*b"]),
    "RULER: a star spans lines, and alone is any text": (
        [{"wildcard": "a*"}, {"wildcard": "*"}],
        ["", "a\nb"],
        [1, None],
    ),
    "GUIDE: anything-but": (
        [{"anything-but": "initializing"}],
        ["running", "", 1, True, None],
        ["initializing", [], ABSENT],
    ),
    "GUIDE: anything-but, number": ([{"anything-but": 123}], [124, "123", True], [123, 123.0]),
    "GUIDE: anything-but, list of texts": (
        [{"anything-but": ["stopped", "overloaded"]}],
        ["running", 1],
        ["stopped", "overloaded"],
    ),
    "GUIDE: anything-but, list of numbers": ([{"anything-but": [100, 200]}], [300, "100"], [100, 2e2]),
    "GUIDE: anything-but, one element is enough": ([{"anything-but": "a"}], [["a", "b"]], [["a", "a"]]),
    "GUIDE: anything-but prefix": ([{"anything-but": {"prefix": "init"}}], ["running", 1], ["initializing"]),
    "GUIDE: anything-but prefix, list": (
        [{"anything-but": {"prefix": ["init", "error"]}}],
        ["running"],
        ["init", "errors"],
    ),
    "GUIDE: anything-but suffix": ([{"anything-but": {"suffix": [".txt", ".rtf"]}}], [".doc"], ["a.txt", ".rtf"]),
    "GUIDE: anything-but equals-ignore-case": (
        [{"anything-but": {"equals-ignore-case": ["initializing", "stopped"]}}],
        ["running"],
        ["INITIALIZING", "stopped"],
    ),
    "GUIDE: anything-but wildcard": (
        [{"anything-but": {"wildcard": ["*/lib/*", "*/bin/*"]}}],
        ["/usr/src/x"],
        ["/usr/lib/x", "/usr/bin/"],
    ),
    "GUIDE: numeric": ([{"numeric": [">", 0, "<=", 5]}], [5, 0.000001], [0, 5.000001, "3", True, None]),
    "GUIDE: numeric, one limit": ([{"numeric": ["<", 10]}], [-5e9, 9.99], [10, ABSENT]),
    "GUIDE: numeric equality": ([{"numeric": ["=", 301.8]}], [3.018e2], [301.81]),
    "GUIDE: exists true": ([{"exists": True}], [None, "", False, 0, [None], [{"x": 1}, 1]], [ABSENT, {}, [], {"x": 1}]),
    "GUIDE: exists false": ([{"exists": False}], [ABSENT, {}, [], {"x": 1}], [None, 1, [1]]),
    "GUIDE: exists false or a value": ([{"exists": False}, "a"], [ABSENT, "a"], ["b", None]),
    "GUIDE: cidr": (
        [{"cidr": "10.0.0.0/24"}],
        ["10.0.0.0", "10.0.0.255"],
        ["10.0.1.0", "a", 167772161, "::ffff:10.0.0.1"],
    ),
    "RULER README: cidr, IPv6": (
        [{"cidr": "2001:db8::/32"}],
        ["2001:db8::1", "2001:DB8:0::F"],
        ["2001:db9::1", "10.0.0.1"],
    ),
    "RULER: exactly": ([{"exactly": "a"}], ["a"], ["b"]),
}

EMPLOYEES = {
    "employees": [
        {"firstName": "John", "lastName": "Doe"},
        {"firstName": "Anna", "lastName": "Smith"},
        {"firstName": "Peter", "lastName": "Jones"},
    ]
}
CHOICE = {
    "source": ["cw"],
    "$or": [{"metric": ["CPU", "Latency"]}, {"type": ["T"], "namespace": ["EC2", "ES"]}, {"scope": ["S"]}],
}
OTHERWISE = [
    ({"d": {"b": [{"exists": False}]}}, {"d": [{"a": 1}, {"b": 2}]}),
    ({"d": {"b": [2], "a": [{"exists": False}]}}, {"d": [{"a": 1}, {"b": 2}]}),
    ({"detail": {"state": {"status": ["running"]}}}, {"detail": {"state.status": "running"}}),
]
"""Where the embedded AWS differs from Event Ruler: it asks each element alone whether a field is missing, and takes a
name with a dot in an event for no path."""

EVENTS = [
    # RULER README, "JSON Array Matching": two fields of an array's objects must be met in one of them
    ({"employees": {"firstName": ["Anna"]}}, EMPLOYEES, True),
    ({"employees": {"firstName": ["Anna"], "lastName": ["Jones"]}}, EMPLOYEES, False),
    ({"employees": {"firstName": ["Anna"], "lastName": ["Smith"]}}, EMPLOYEES, True),
    ({"employees": {"firstName": ["Anna"]}}, {"employees": [EMPLOYEES["employees"], []]}, True),
    # RULER correctness-cases.json: nested arrays, and arrays side by side
    ({"u": {"t": {"k": ["c"], "v": ["b"]}}}, {"u": [{"t": [{"k": "c"}, {"v": "b"}]}]}, False),
    ({"u": {"t": {"k": ["c"], "v": ["b"]}}}, {"u": [{"t": [{"k": "c"}]}, {"t": [{"k": "c", "v": "b"}]}]}, True),
    ({"d": {"n": ["a"], "i": {"x": [1]}}}, {"d": [{"n": "a"}, {"i": {"x": 1}}]}, False),
    ({"a": {"x": [1]}, "b": {"y": [2]}}, {"a": [{"x": 1}], "b": [{"y": 1}, {"y": 2}]}, True),
    # RULER ACFinder and NameState: `exists: false` looks at the elements that are chosen by then, in the paths' order
    *((*case, False) for case in OTHERWISE[:2]),
    ({"d": {"a": [1], "b": [{"exists": False}]}}, {"d": [{"a": 1}, {"b": 2}]}, True),
    # RULER README, "Exists matching": missing objects on the way
    ({"detail": {"c": {"d": [{"exists": False}]}}}, {"detail": {}}, True),
    ({"detail": {"c": {"d": [{"exists": False}]}}}, {"detail": "text"}, True),
    ({"detail": {"c": {"d": [{"exists": True}]}}}, {"detail": {"c": 1}}, False),
    # RULER README, "JSON keys with dots"
    ({"detail": {"state.status": ["running"]}}, {"detail": {"state": {"status": "running"}}}, True),
    (*OTHERWISE[2], True),
    # RULER README, 'The "$or" Primitive': within, side by side, nested
    (CHOICE, {"source": "cw", "metric": "CPU"}, True),
    (CHOICE, {"source": "cw", "type": "T", "namespace": "ES"}, True),
    (CHOICE, {"source": "cw", "type": "T"}, False),
    (CHOICE, {"source": "x", "scope": "S"}, False),
    ({"$or": [{"a": [1]}, {"b": [1]}], "d": {"$or": [{"c": [1]}, {"e": [1]}]}}, {"b": 1, "d": {"e": 1}}, True),
    ({"$or": [{"a": [1]}, {"b": [1]}], "d": {"$or": [{"c": [1]}, {"e": [1]}]}}, {"b": 1, "d": {}}, False),
    ({"$or": [{"a": [1]}, {"b": [1], "$or": [{"c": [1]}, {"e": [1]}]}]}, {"b": 1, "e": 1}, True),
    # RULER JsonRuleCompiler.writeRules: a path that is written again keeps what was written last
    ({"a": ["1"], "$or": [{"a": ["2"]}, {"b": ["3"]}]}, {"a": "2"}, True),
    ({"a": ["1"], "$or": [{"a": ["2"]}, {"b": ["3"]}]}, {"a": "1"}, False),
    ({"$or": [{"a": ["2"]}, {"b": ["3"]}], "a": ["1"]}, {"a": "2"}, False),
    # RULER README, "The backward compatibility of using $or": a field of that name
    ({"$or": {"a": ["M"]}}, {"$or": {"a": "M"}}, True),
    ({"$or": [{"numeric": ["=", 1]}, {"prefix": "a"}]}, {"$or": "ab"}, True),
]  # fmt: skip


@pytest.mark.parametrize("name", VALUES)
def test_a_condition_accepts_what_aws_says(name):
    conditions, accepted, refused = VALUES[name]
    rule = {"detail": {"field": conditions}}
    for heard, values in ((True, accepted), (False, refused)):
        for value in values:
            event = {"detail": {} if value is ABSENT else {"field": value}}
            assert matches(parse(rule), event) == heard, value
            assert theirs(rule, event) == heard or "in any spelling" in name, value


@pytest.mark.parametrize(("rule", "event", "heard"), EVENTS)
def test_a_rule_hears_what_aws_says(rule, event, heard):
    assert matches(parse(rule), event) == heard
    if (rule, event) not in OTHERWISE:
        assert theirs(rule, event) == heard


def theirs(rule, event):
    """What the embedded AWS answers to TestEventPattern."""
    text = json.dumps(rule)
    assert ministack._parse_pattern_text(text)[1] is None
    return ministack._matches_pattern(text, ministack._event_from_test_payload(event))


def test_random_rules_hear_the_same_events_in_the_embedded_aws():
    heard = 0
    for index in range(1500):
        random = Random(f"oracle {index}")
        rule = RuleMaker(random).rule()
        try:
            pattern = parse(rule)
        except Invalid:
            continue
        near = hints(pattern, random)
        for contract in random.sample(list(REGISTRY.values()), 2):
            event = aimed(marked(live_event(contract, random), random), near, random)
            heard += theirs(rule, event)
            assert matches(pattern, event) == theirs(rule, event), (rule, event)
    assert heard > 100


names = st.sampled_from("abc")
scalars = st.sampled_from([None, True, False, 0, 1, 1.5, "", "a", "A", "ab", "b*", "\u00df", "10.0.0.1"])
nodes = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=8
)
texts = st.sampled_from(["a", "A", "ab", "b", "\u00df", "10.0.0.1"])
operators = st.sampled_from(["prefix", "suffix", "equals-ignore-case"])
excluded = texts | st.sampled_from([1, {"prefix": "a"}, {"wildcard": "*b"}])
conditions = (
    scalars.filter(lambda value: value != "10.0.0.1")
    | st.builds(lambda operator, text: {operator: text}, operators, texts)
    | st.sampled_from([{"wildcard": "*"}, {"wildcard": "a*"}, {"wildcard": r"*\*"}])
    | st.sampled_from([{"numeric": [">", 0]}, {"exists": True}])
    | st.builds(lambda inner: {"anything-but": inner}, excluded)
)
fields = st.dictionaries(names, st.lists(conditions, min_size=1, max_size=2), min_size=1, max_size=2)
rules = st.recursive(
    fields,
    lambda inner: (
        st.dictionaries(names, inner, min_size=1, max_size=2)
        | st.builds(lambda branches: {"$or": branches}, st.lists(inner, min_size=2, max_size=3))
        | st.builds(lambda field, branches: {**field, "$or": branches}, fields, st.lists(inner, min_size=2, max_size=2))
    ),
    max_leaves=4,
)


@settings(max_examples=300, deadline=None)
@given(rules, st.dictionaries(names, nodes, max_size=3))
def test_any_rule_hears_the_same_of_any_document_in_the_embedded_aws(rule, event):
    """But for `exists: false`, of which Event Ruler asks all elements of an array, and they each."""
    assert matches(parse(rule), event) == theirs(rule, event)


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
