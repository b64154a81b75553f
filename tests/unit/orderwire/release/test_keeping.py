"""What stays of a stage that is torn down."""

import pytest

from infrastructure.holdings import held_by
from infrastructure.stack.template import template
from orderwire.console.problem import Problem
from orderwire.release.keeping import EVERYTHING, GUARDS, costs, kept, mentions, named, references

RESOURCES = template().to_dict()["Resources"]


def types(names):
    return {RESOURCES[name]["Type"] for name in names}


def test_what_holds_data_stays_with_what_guards_it_and_nothing_else_does():
    staying = kept(RESOURCES, ())
    holding = {name for name, each in RESOURCES.items() if held_by(each["Type"])}
    assert holding <= staying
    assert types(staying - holding) == GUARDS


@pytest.mark.parametrize(
    "deleted", [(), ("OrdersTable",), ("BackupBucket",), ("BackupBucket", "BackupKey"), ("Bus", "Archive")]
)
def test_what_stays_refers_to_nothing_that_goes(deleted):
    staying = kept(RESOURCES, deleted)
    assert not staying & set(deleted)
    for name in staying:
        assert set(references(RESOURCES[name], RESOURCES)) <= staying


def test_what_something_that_stays_needs_cannot_go_alone():
    with pytest.raises(
        Problem, match="BackupBucket stays and needs BackupKey: name BackupBucket too, or not BackupKey"
    ):
        kept(RESOURCES, ["BackupKey"])


def test_all_stands_for_everything_that_holds_data_and_leaves_nothing():
    assert kept(RESOURCES, named(RESOURCES, [EVERYTHING])) == frozenset()


def test_a_name_that_holds_no_data_is_refused_with_those_that_do():
    with pytest.raises(
        Problem, match=r"Nothing that holds data is called OrdersRule\. There are: AccessLog.*OrdersTable"
    ):
        named(RESOURCES, ["OrdersTable", "OrdersRule"])


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"Ref": "Key"}, {"Key"}),
        ({"Fn::GetAtt": ["Key", "Arn"]}, {"Key"}),
        ({"Fn::Sub": "${Key}/${Bucket.Arn}/${!date}/${AWS::Region}"}, {"Key", "Bucket", "AWS"} - {"AWS"}),
        ({"Fn::Sub": ["${View}", {"View": {"Ref": "Key"}}]}, {"View", "Key"}),
        ({"DependsOn": "Key", "Properties": {"A": [{"Ref": "Bucket"}]}}, {"Key", "Bucket"}),
        ({"DependsOn": ["Key", "Bucket"]}, {"Key", "Bucket"}),
        ("Ref", set()),
    ],
)
def test_every_way_to_refer_to_something_is_seen(value, found):
    assert set(mentions(value)) == found


def test_costs_are_told_by_type_with_the_names():
    lines = costs(RESOURCES, kept(RESOURCES, ()))
    assert "AWS::KMS::Key: BackupKey, TopicKey (1 dollar a month)" in lines
    assert "AWS::Events::EventBus: Bus (costs nothing)" in lines
