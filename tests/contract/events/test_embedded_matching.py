"""Our matching of rules and the embedded AWS's, which other people wrote, hear the same."""

import json
from random import Random

import pytest
from documented_cases import ABSENT, EVENTS, OTHERWISE, TAKEN, VALUES
from eventbridge_rules.grammar import parse
from eventbridge_rules.match import matches
from eventbridge_rules.operators import Invalid
from hypothesis import given, settings
from hypothesis import strategies as st
from ministack.services import eventbridge as ministack

from schemas.envelope import REGISTRY
from tests.support.eventbridge_rules.event_making import live_event, marked
from tests.support.eventbridge_rules.rule_making import RuleMaker, hints
from tests.support.eventbridge_rules.soundness import aimed


@pytest.mark.parametrize("document", TAKEN)
def test_a_pattern_that_aws_takes_is_taken(document):
    ministack._compile_pattern(document)


@pytest.mark.parametrize("name", [name for name in VALUES if "in any spelling" not in name])
def test_a_condition_accepts_what_aws_says(name):
    conditions, accepted, refused = VALUES[name]
    for heard, values in ((True, accepted), (False, refused)):
        for value in values:
            event = {"detail": {} if value is ABSENT else {"field": value}}
            assert theirs({"detail": {"field": conditions}}, event) == heard, value


@pytest.mark.parametrize(("rule", "event", "heard"), [case for case in EVENTS if case[:2] not in OTHERWISE])
def test_a_rule_hears_what_aws_says(rule, event, heard):
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
