"""Whatever a file of subscriptions/ hears, it says so: no event gets past what is known of its personal fields."""

import json
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
import yaml
from eventbridge_rules.grammar import parse
from eventbridge_rules.match import matches
from hypothesis import given, settings
from hypothesis import strategies as st

from infrastructure.access import document
from infrastructure.stack.subscription import sender
from infrastructure.stages import LOCAL
from infrastructure.subscriptions.files import read
from infrastructure.subscriptions.input_transformer import within_strings
from infrastructure.subscriptions.model import SubscriptionFile, SubscriptionRefused
from infrastructure.subscriptions.places import may_break, node_at
from infrastructure.subscriptions.resources import event_pattern, values_of, whole_pattern
from schemas.envelope import REGISTRY
from schemas.events import OrderCreated, OrderShipped
from tests.support.eventbridge_rules.event_making import live_event

BASE = {"team": "t", "contact": "t@example.com", "description": "d"}
QUEUE = "arn:aws:sqs:${AWS::Region}:111122223333:theirs"
SECOND = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ANY, LACKING = [{"exists": True}], [{"exists": False}]
OTHERS = ["order.created"], ["order.cancelled", "order.shipped"], [{"prefix": "order."}]
FRAGMENTS = st.sampled_from([
    *({"detail-type": types} for types in OTHERS),
    {"source": [{"prefix": ""}]},
    {"replay-name": ANY},
    {"replay-name": LACKING},
    {"detail": {"metadata": {"test": [True]}}},
    {"detail": {"metadata": {"replay": ANY}}},
    {"detail": {"metadata": {"version": [{"prefix": ""}]}}},
    {"detail": {"metadata.test": ANY}},
    {"detail.metadata": {"replay": ANY}},
    {"detail.metadata.test": [True]},
    {"detail": {"data": {"order_id": ANY}}},
    {"account": ANY},
])  # fmt: skip


def choices(inner):
    """Two or three branches that EventBridge chooses among, at the top or within the detail."""
    return st.lists(inner, min_size=2, max_size=3).map(lambda branches: {"$or": branches})


PATTERNS = st.recursive(FRAGMENTS, choices, max_leaves=6)


def file_of(document):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "team-file.yaml"
        path.write_text(yaml.safe_dump(document, sort_keys=False))
        return read(path)


def events():
    """An event of each type: live, a replay of the archive, what a replay led to, and of a smoke order."""
    for contract in REGISTRY.values():
        event = live_event(contract, Random(1))
        yield contract, True, event
        yield contract, False, {**event, "replay-name": "r"}
        for mark in ({"replay": "r"}, {"test": True}):
            detail = {**event["detail"], "metadata": {**event["detail"]["metadata"], **mark}}
            yield contract, False, {**event, "detail": detail}


EVENTS = list(events())


@settings(max_examples=200, deadline=None)
@given(PATTERNS, PATTERNS, st.booleans())
def test_what_a_file_hears_by_any_alternative_is_among_its_contracts_and_live(first, second, before):
    named = {"source": ["orderwire.checkout"], "detail-type": ["order.shipped"]}
    more = {**first, **second}
    pattern = {**more, **named, **more} if before else {**named, **more}
    try:
        file = file_of({**BASE, "pattern": pattern, "target": QUEUE})
        rule = parse(whole_pattern(file, values_of(LOCAL)))
    except (SubscriptionRefused, ValueError):
        return
    for contract, live, event in EVENTS:
        if matches(rule, event):
            assert contract in file.contracts
            assert live


def test_a_choice_between_fields_of_the_event_is_taken():
    data = {"$or": [{"total": [{"numeric": [">", 500]}]}, {"currency": ["USD"]}]}
    pattern = {"source": ["orderwire.checkout"], "detail-type": ["order.created"], "detail": {"data": data}}
    told = {"paths": {"o": "$.detail.data.order_id"}, "template": '"<o>"'}
    file = file_of({**BASE, "pattern": pattern, "target": QUEUE, "input": told})
    assert file.contracts == (OrderCreated,)


def test_events_without_anything_undisclosed_may_go_to_a_teams_own_dead_letter_queue():
    pattern = {"source": ["orderwire.checkout"], "detail-type": ["order.shipped"]}
    file = file_of({**BASE, "pattern": pattern, "target": QUEUE, "dead_letter": QUEUE})
    assert file.contracts == (OrderShipped,)


def test_a_text_that_every_heard_event_has_may_be_told_although_some_events_lack_it():
    pattern = {
        "source": ["orderwire.checkout"],
        "detail-type": ["order.cancelled"],
        "detail": {"data": {"reason": [{"exists": True}]}},
    }
    told = {"paths": {"why": "$.detail.data.reason"}, "template": '{"why": <why>}'}
    assert file_of({**BASE, "pattern": pattern, "target": QUEUE, "input": told, "discloses": ["reason"]}).input


@pytest.mark.parametrize(("path", "breaking"), [
    ("$.detail.data.order_id", False),
    ("$.detail.data.total", False),
    ("$.detail.data.placed_at", False),
    ("$.detail.data.customer_email", False),
    ("$.detail.data.items[0].name", True),
    ("$.detail.data.items", True),
])  # fmt: skip
def test_only_values_that_json_writes_as_they_are_may_stand_within_a_string(path, breaking):
    assert may_break(node_at(OrderCreated, path)) is breaking


@pytest.mark.parametrize(("template", "within"), [
    ('"<a> and <b>"', {"a", "b"}),
    ('{"x": <a>, "y": "<b>"}', {"b"}),
    (r'{"x": "\"<a>\"", "y": <b>}', {"a"}),
    (r'{"x": "\\", "y": <b>}', set()),
    ('[<a>, "b"]', set()),
])  # fmt: skip
def test_the_variables_within_strings_are_found(template, within):
    assert within_strings(template) == within


def subscription(**changes):
    pattern = {"source": ["orderwire.checkout"], "detail-type": ["order.shipped"]}
    return SubscriptionFile.model_validate({**BASE, "name": "n", "pattern": pattern, "target": QUEUE, **changes})


def test_the_role_may_use_the_key_of_a_target_in_another_account_and_no_other():
    [policy] = sender(subscription(key=SECOND)).to_dict()["Properties"]["Policies"]
    send = {"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": {"Fn::Sub": QUEUE}}
    use = {"Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": SECOND}
    assert policy["PolicyDocument"] == document(send, use)
    [policy] = sender(subscription()).to_dict()["Properties"]["Policies"]
    assert policy["PolicyDocument"] == document(send)


def test_a_placeholder_of_cloudformation_in_a_pattern_stays_what_the_file_says():
    pattern = {
        "source": ["orderwire.checkout"],
        "detail-type": ["order.refunded"],
        "detail": {"data": {"amount": [{"numeric": [">=", 100]}], "currency": [{"anything-but": "${AWS::AccountId}"}]}},
    }
    file = subscription(pattern=pattern, stage_values={"/detail/data/amount/0/numeric/1": "HighValueTotal"})
    text = event_pattern(file).data["Fn::Sub"]
    assert "${!AWS::AccountId}" in text
    assert json.loads(text.replace("${HighValueTotal}", "100"))["detail"]["data"]["amount"] == [
        {"numeric": [">=", 100]}
    ]
