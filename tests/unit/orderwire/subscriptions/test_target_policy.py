"""What a team is asked to add on its side."""

import json
import shlex

import pytest
import yaml

from infrastructure.stages import DEV
from infrastructure.subscriptions.files import read
from orderwire.subscriptions.target_policy import in_short, statement_of, to_add

ROLE = "arn:aws:iam::444455556666:role/orderwire-dev-sub-totals"
RULE = "arn:aws:events:eu-central-1:444455556666:rule/orders-dev/orderwire-dev-totals"
FILE = {
    "team": "finance",
    "contact": "finance@example.com",
    "description": "Money",
    "pattern": {"source": ["orderwire.payment"], "detail-type": ["payment.completed"]},
}
HERE, THERE = "${AWS::Region}:${AWS::AccountId}", "eu-central-1:111122223333"
QUEUE, TOPIC = "arn:aws:sqs:{}:totals", "arn:aws:sns:{}:totals"
FUNCTION, BUS = "arn:aws:lambda:{}:function:totals", "arn:aws:events:{}:event-bus/totals"


class Account:
    """STS of an account in a region."""

    class meta:  # noqa: N801  (boto3's name)
        region_name = "eu-central-1"

    def get_caller_identity(self):
        return {"Account": "444455556666"}


def client(service):
    assert service == "sts"
    return Account()


def written(folder, target, where):
    path = folder / "totals.yaml"
    path.write_text(yaml.safe_dump({**FILE, "target": target.format(where)}))
    return read(path)


@pytest.fixture
def asked(tmp_path):
    def of(target, where):
        file = written(tmp_path, target, where)
        return list(to_add(file, statement_of(client, "dev", file)))

    return of


def statement(lines):
    return json.loads(next(line for line in lines if line.startswith("{")))


@pytest.mark.parametrize(("target", "action"), [
    (QUEUE, "sqs:SendMessage"), (TOPIC, "sns:Publish"), (BUS, "events:PutEvents"),
])  # fmt: skip
def test_another_account_lets_our_role_do_one_thing_with_one_target(asked, target, action):
    found = statement(asked(target, THERE))
    assert found["Principal"] == {"AWS": ROLE}
    assert (found["Action"], found["Resource"]) == (action, target.format(THERE))
    assert "Condition" not in found


def test_a_queue_of_this_account_lets_the_rule_in_and_the_one_that_tries_it(asked):
    found = statement(asked(QUEUE, HERE))
    assert found["Principal"] == {"Service": "events.amazonaws.com"}
    assert found["Condition"] == {"ArnEquals": {"aws:SourceArn": [RULE, f"{RULE}-verify"]}}


def test_a_function_is_let_in_by_commands(asked):
    elsewhere = [shlex.split(line) for line in asked(FUNCTION, THERE) if line.startswith("aws ")]
    [[*_, option, principal]] = elsewhere
    assert (option, principal) == ("--principal", ROLE)
    here = [shlex.split(line) for line in asked(FUNCTION, HERE) if line.startswith("aws ")]
    assert [words[-1] for words in here] == [RULE, f"{RULE}-verify"]
    assert {words[words.index("--principal") + 1] for words in here} == {"events.amazonaws.com"}
    assert len({words[words.index("--statement-id") + 1] for words in here}) == 2


@pytest.mark.parametrize(("target", "who"), [(QUEUE, ROLE), (TOPIC, ROLE), (BUS, None), (FUNCTION, None)])
def test_whose_messages_may_be_encrypted_reads_of_the_key(asked, target, who):
    told = [line for line in asked(target, THERE) if "kms:GenerateDataKey" in line]
    assert len(told) == (who is not None)
    assert all(who in line for line in told)


@pytest.mark.parametrize(("target", "where", "told"), [
    (QUEUE, THERE, True), (FUNCTION, THERE, True), (BUS, THERE, False), (QUEUE, HERE, False),
])  # fmt: skip
def test_another_account_is_told_that_the_region_must_be_the_buses(asked, target, where, told):
    assert any("the region must be that of the bus" in line for line in asked(target, where)) is told


@pytest.mark.parametrize(("target", "where", "told"), [
    ("arn:aws:lambda:{}:function:totals-${{Stage}}:prod", HERE, "function totals-dev:prod"),
    (BUS, THERE, "event bus totals in 111122223333"),
    (QUEUE, HERE, "queue totals"),
])  # fmt: skip
def test_a_target_is_told_in_short_by_its_kind_and_its_name(tmp_path, target, where, told):
    assert in_short(written(tmp_path, target, where), DEV) == told


def test_the_team_is_named_with_whom_to_call(asked):
    assert asked(QUEUE, HERE)[0] == "finance (finance@example.com) has to let it in:"
