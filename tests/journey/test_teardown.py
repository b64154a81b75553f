"""A stage is torn down and comes again: what holds data is still there, unless it was named."""

from dataclasses import replace

import pytest

from infrastructure.stack.template import template
from infrastructure.stack.text import as_body
from infrastructure.stages import STAGING
from infrastructure.subscriptions.files import load
from orderwire.cloudformation.stack import bring_up
from orderwire.console.problem import Problem
from orderwire.release.deployed import stack_status
from orderwire.release.teardown import Teardown
from orderwire.subscriptions.deploying import deploy_all, of_other_teams
from orderwire.subscriptions.deploying import deployed as subscribed
from tests.support.embedded import embedded_aws

LASTING = replace(STAGING, emulated=True)
BODY = as_body(template())
TABLE, BUCKET = "orderwire-staging-orders", "orderwire-staging-backup-000000000000"
THEIRS = {file.name for file in of_other_teams(load())}
ORDER = {"order_id": {"S": "ord_1"}}


@pytest.fixture(scope="module")
def aws(tmp_path_factory):
    """A protected stage that holds an order, an object in two versions, and a key."""
    with embedded_aws(tmp_path_factory.mktemp("aws"), LASTING) as embedded:
        embedded.client("dynamodb").put_item(TableName=TABLE, Item=ORDER)
        for body in (b"first", b"second"):
            embedded.client("s3").put_object(Bucket=BUCKET, Key="events/line", Body=body)
        yield embedded


def tear_down(aws, *names, confirmed="staging", ask=lambda question: None):
    """What is shown and told."""
    shown, told = [], []
    Teardown(aws.client, LASTING, told.append, shown.extend, ask, names, confirmed).go()
    return shown, told


def order(aws):
    return aws.client("dynamodb").get_item(TableName=TABLE, Key=ORDER).get("Item")


def tables(aws):
    return set(aws.client("dynamodb").list_tables()["TableNames"])


def test_a_protected_stage_needs_its_name_and_a_person_and_is_left_alone_without(aws):
    def refuse(question):
        raise Problem("Nothing was changed.")

    with pytest.raises(Problem, match=r"Stage staging is protected\..* --confirm staging"):
        tear_down(aws, confirmed="prod")
    with pytest.raises(Problem, match="Nothing was changed"):
        tear_down(aws, ask=refuse)
    with pytest.raises(Problem, match="BackupBucket stays and needs BackupKey"):
        tear_down(aws, "BackupKey")
    assert aws.client("events").list_rules(EventBusName="orders-staging")["Rules"]


def test_what_holds_data_stays_and_the_next_release_goes_on_with_it(aws):
    key = aws.edges.secret("order-id-key")
    shown, told = tear_down(aws)
    assert {change.action for change in shown} == {"Remove"}
    assert {change.loses for change in shown} == {None}
    assert aws.client("events").list_rules(EventBusName="orders-staging")["Rules"] == []
    assert "Name what shall go too: orderwire teardown staging --delete-data NAME" in "\n".join(told)
    assert (order(aws), aws.edges.secret("order-id-key")) == (ORDER, key)
    assert aws.client("events").describe_archive(ArchiveName="orders-staging")
    assert tear_down(aws)[0] == []  # once more changes nothing
    assert bring_up(aws.client, LASTING, BODY, lambda line: None) is True
    assert (order(aws), aws.edges.secret("order-id-key")) == (ORDER, key)


def test_what_is_named_goes_with_its_data_and_the_rest_is_protected_again(aws):
    shown, told = tear_down(aws, "OrdersTable", "BackupBucket")
    assert {change.logical_id for change in shown if change.loses} == {"OrdersTable", "BackupBucket"}
    assert f"emptied {BUCKET}" in told
    assert TABLE not in tables(aws)
    assert BUCKET not in {each["Name"] for each in aws.client("s3").list_buckets()["Buckets"]}
    stock = aws.client("dynamodb").describe_table(TableName="orderwire-staging-stock")["Table"]
    assert stock["DeletionProtectionEnabled"] is True
    assert bring_up(aws.client, LASTING, BODY, lambda line: None) is True
    assert order(aws) is None


def test_all_leaves_nothing_in_the_way_of_a_new_start(aws):
    deploy_all(aws.client, LASTING, load(), lambda line: None)
    assert set(subscribed(aws.client, LASTING)) == THEIRS
    _, told = tear_down(aws, "all")
    assert f"without a bus, the subscriptions of other teams go, too: {', '.join(sorted(THEIRS))}" in told
    assert set(subscribed(aws.client, LASTING)) == set()
    assert "the stack orderwire-staging is gone" in told
    assert (stack_status(aws.client, LASTING), tables(aws)) == (None, set())
    assert tear_down(aws)[1] == ["there is nothing of stage staging"]
    assert bring_up(aws.client, LASTING, BODY, lambda line: None) is True
