"""The stacks of other teams' subscriptions: right for CloudFormation, and allowed no more than they need."""

import json

import pytest
import yaml
from cfnlint.api import ManualArgs, lint

from infrastructure.stack.subscription import SENDS, may_deliver, template
from infrastructure.subscriptions.files import LONGEST_NAME, load, read
from infrastructure.subscriptions.model import SubscriptionRefused
from orderwire.subscriptions.deploying import of_other_teams

FILES = of_other_teams(load())
each_file = pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
TARGETS = {
    "own-queue": "arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:totals",
    "own-topic": "arn:aws:sns:${AWS::Region}:${AWS::AccountId}:totals",
    "own-function": "arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:totals",
    "own-bus": "arn:aws:events:${AWS::Region}:${AWS::AccountId}:event-bus/totals",
    "queue": "arn:aws:sqs:eu-central-1:111122223333:totals",
    "topic": "arn:aws:sns:eu-central-1:111122223333:totals",
    "function": "arn:aws:lambda:eu-central-1:111122223333:function:totals",
    "bus": "arn:aws:events:eu-central-1:111122223333:event-bus/totals",
}
OWN_LETTERS = "arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:letters-${Stage}"
LONGEST_STAGE = 12
NEED_A_ROLE = {"own-bus", "queue", "topic", "function", "bus"}


@pytest.fixture
def made(tmp_path):
    def make(name, **changes):
        total = {"detail": {"data": {"total": [{"numeric": [">=", 100]}]}}}
        document = {
            "team": "finance",
            "contact": "finance@example.com",
            "description": "Money",
            "pattern": {"source": ["orderwire.payment"], "detail-type": ["payment.completed"]},
            "target": TARGETS.get(name),
            **changes,
        }
        if changes.get("stage_values"):
            document["pattern"] = {"source": ["orderwire.checkout"], "detail-type": ["order.created"], **total}
        path = tmp_path / f"{name}.yaml"
        path.write_text(yaml.safe_dump(document))
        return read(path)

    return make


def linted(file):
    """I3042 would have no ARN written out; a team's file may name its target as it is."""
    rules = ManualArgs(include_checks=["I"], ignore_checks=["I3042"], regions=["eu-central-1"])
    return lint(template(file).to_json(), config=rules)


def resources(file, type_):
    found = template(file).to_dict()["Resources"].values()
    return [each["Properties"] for each in found if each["Type"] == type_]


@each_file
def test_cfn_lint_finds_nothing_in_a_subscriptions_stack(file):
    assert linted(file) == []


@pytest.mark.parametrize("name", ["own-queue", "own-bus", "function"])
def test_cfn_lint_finds_nothing_whatever_the_target_is_and_whose_the_dead_letters_are(made, name):
    assert linted(made(name, dead_letter=OWN_LETTERS)) == []


def test_cfn_lint_finds_nothing_where_a_stages_value_takes_a_place(made):
    assert linted(made("own-queue", stage_values={"/detail/data/total/0/numeric/1": "HighValueTotal"})) == []


@pytest.mark.parametrize("name", TARGETS)
def test_a_rule_has_a_role_that_may_send_to_its_target_and_nothing_else(made, name):
    file = made(name)
    roles = resources(file, "AWS::IAM::Role")
    [target] = resources(file, "AWS::Events::Rule")[0]["Targets"]
    assert bool(roles) == ("RoleArn" in target) == (name in NEED_A_ROLE)
    for role in roles:
        [policy] = role["Policies"]
        [statement] = policy["PolicyDocument"]["Statement"]
        assert statement["Action"] == [SENDS[file.arn.service]]
        assert statement["Resource"] in (file.target, {"Fn::Sub": file.target})
        [trust] = role["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"Service": "events.amazonaws.com"}
        assert set(role) == {"RoleName", "AssumeRolePolicyDocument", "Policies"}


@each_file
def test_only_the_rule_and_its_trial_may_write_to_the_dead_letter_queue(file):
    for policy in resources(file, "AWS::SQS::QueuePolicy"):
        allow, deny = policy["PolicyDocument"]["Statement"]
        sources = json.dumps(allow["Condition"])
        assert (allow["Effect"], allow["Action"], deny["Effect"]) == ("Allow", ["sqs:SendMessage"], "Deny")
        assert f"orderwire-${{Stage}}-{file.name}" in sources
        assert "*" not in sources


def test_who_brings_a_queue_for_dead_letters_gets_none_of_ours_and_only_the_rules_alarm(made):
    file = made("own-queue", dead_letter=OWN_LETTERS)
    [target] = resources(file, "AWS::Events::Rule")[0]["Targets"]
    assert target["DeadLetterConfig"] == {"Arn": {"Fn::Sub": OWN_LETTERS}}
    assert len(resources(file, "AWS::CloudWatch::Alarm")) == 1 < len(resources(made("queue"), "AWS::CloudWatch::Alarm"))


@pytest.mark.parametrize("name", sorted(NEED_A_ROLE))
def test_the_role_is_the_one_that_the_other_side_is_asked_to_let_in(made, name):
    file = made(name)
    [role] = resources(file, "AWS::IAM::Role")
    named = role["RoleName"]["Fn::Sub"].replace("${Stage}", "dev")
    asked = may_deliver(file, "dev", "eu-central-1", "444455556666")["Principal"]["AWS"]
    assert asked == f"arn:aws:iam::444455556666:role/{named}"


def test_the_longest_names_are_short_enough_for_aws(made):
    """A role and a rule have 64 characters, and a rule may have one beside it for a trial."""
    longest = "f" * LONGEST_NAME
    names = [
        resources(made(longest, target=TARGETS["queue"]), "AWS::IAM::Role")[0]["RoleName"]["Fn::Sub"],
        f"orderwire-${{Stage}}-{longest}-verify",
    ]
    assert max(len(name.replace("${Stage}", "s" * LONGEST_STAGE)) for name in names) <= 64
    with pytest.raises(SubscriptionRefused, match="may have 34"):
        made(longest + "f", target=TARGETS["queue"])
