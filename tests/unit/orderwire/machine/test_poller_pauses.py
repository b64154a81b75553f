"""Pausing a consumer: a file here, the event source mapping in AWS."""

import pytest

from orderwire.console.problem import Problem
from orderwire.machine.pollers.pauses import LocalPauses, MappingPauses
from orderwire.machine.pollers.records import LONG_POLL


def test_a_consumer_is_paused_until_it_is_resumed_and_no_other_with_it(tmp_path):
    slept = []
    pauses = LocalPauses(tmp_path / "not" / "there" / "yet", slept.append)
    assert not pauses.is_paused("payment")
    pauses.set("payment", True)
    pauses.set("payment", True)
    assert pauses.is_paused("payment")
    assert not pauses.is_paused("orders")
    pauses.set("payment", False)
    pauses.set("payment", False)
    assert not pauses.is_paused("payment")
    assert slept == [LONG_POLL] * 2, "a receive that is under way when a consumer is paused may take as long"


class FakeLambda:
    """Has one event source mapping for each queue ARN."""

    def __init__(self, *arns):
        self.states = dict.fromkeys(arns, "Enabled")

    def get_paginator(self, operation):
        assert operation == "list_event_source_mappings"
        return self

    def paginate(self, EventSourceArn):  # noqa: N803  (boto3's name)
        found = [{"UUID": arn, "State": state} for arn, state in self.states.items() if arn == EventSourceArn]
        return [{"EventSourceMappings": []}, {"EventSourceMappings": found}]

    def update_event_source_mapping(self, UUID, Enabled):  # noqa: N803
        self.states[UUID] = "Enabled" if Enabled else "Disabled"


def test_in_aws_the_queues_own_mapping_is_turned_off_and_on():
    client = FakeLambda("arn:payment", "arn:orders")
    pauses = MappingPauses(client, lambda consumer: f"arn:{consumer}")
    pauses.set("payment", True)
    assert client.states == {"arn:payment": "Disabled", "arn:orders": "Enabled"}
    assert pauses.is_paused("payment")
    assert not pauses.is_paused("orders")
    pauses.set("payment", False)
    assert not pauses.is_paused("payment")


def test_a_stage_without_functions_cannot_be_paused():
    with pytest.raises(Problem, match="has this stage been deployed"):
        MappingPauses(FakeLambda(), lambda consumer: f"arn:{consumer}").set("payment", True)
