"""No verdict on a rule is wrong: random rules over the contracts, and for each the events most likely to refute it.

`make soundness N=100000` is the same for longer.
"""

from random import Random

import pytest
from eventbridge_rules.decide import Hearing, Judgement, judge
from eventbridge_rules.grammar import parse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.eventbridge_rules.soundness import SHAPES, Wrong, case, refute, run

PARTS, CASES = 8, 1250


@pytest.mark.parametrize("part", range(PARTS))
def test_no_verdict_is_wrong(part):
    counted = run(CASES, f"{part}-")
    assert all(counted[state] > CASES / 8 for state in ("always", "sometimes", "never"))
    assert counted["unknown"] <= CASES / 200
    assert counted["invalid"] < CASES / 20


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_no_verdict_is_wrong_on_rules_that_hypothesis_makes_up(random):
    """A failure shrinks."""
    case(random)


LIES = [
    ({"detail-type": ["order.created"], "detail": {"data": {"total": [{"numeric": [">=", 500]}]}}}, "always"),
    ({"detail-type": ["order.created"], "detail": {"data": {"total": [{"numeric": [">=", 500]}]}}}, "never"),
    ({"detail-type": ["order.created"], "detail": {"data": {"currency": ["EUR"]}}}, "always"),
    ({"detail-type": ["payment.completed"], "detail": {"data": {"method": [{"anything-but": "card"}]}}}, "never"),
    ({"detail-type": ["order.created"], "detail": {"data": {"sku": [{"exists": True}]}}}, "always"),
]


@pytest.mark.parametrize(("rule", "lie"), LIES)
def test_a_wrong_verdict_is_found_out(rule, lie):
    pattern = parse(rule)
    honest = judge(pattern, SHAPES)
    lying = tuple(Hearing(each.shape, lie, each.heard, each.unheard) for each in honest.hearings)
    with pytest.raises(Wrong):
        refute_often(rule, Judgement(pattern, lying))


def test_a_type_that_is_wrongly_not_selected_is_found_out():
    rule = {"detail-type": ["order.created"]}
    with pytest.raises(Wrong):
        refute_often(rule, Judgement(parse(rule), ()))


def refute_often(rule, judgement):
    for seed in range(200):
        refute(rule, judgement.pattern, judgement, Random(seed))
