"""What each function may do, and how Chalice is told so."""

import json

import pytest
from chalice.cli.factory import CLIFactory

from consumers.registry import subscriptions
from edges.functions import Function
from edges.grants import PUBLISH, Grant
from infrastructure.functions import functions
from infrastructure.policies import LONGEST_POLICY, file_name, policy
from infrastructure.render import ROOT
from infrastructure.stages import DEV, STAGES
from orderwire.release.package import machine_architecture, set_architecture
from tables.registry import TABLES

FUNCTIONS = tuple(functions())
each_function = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
each_stage = pytest.mark.parametrize("stage", STAGES.values(), ids=lambda stage: stage.name)
NO_NARROWER = {
    (action, "*") for action in ("cloudwatch:GetMetricData", "xray:PutTelemetryRecords", "xray:PutTraceSegments")
}


def statements(function, stage="dev"):
    return policy(function, stage)["Statement"]


def allowed(function):
    return {(action, each["Resource"]) for each in statements(function) for action in each["Action"]}


def chalice_config(stage, function):
    return CLIFactory(str(ROOT)).create_config_obj(stage.name).scope(stage.name, function.name)


def declared(name):
    return next(function for function in FUNCTIONS if function.name == name)


@each_function
def test_a_function_may_do_named_actions_on_named_things_of_its_stage(function):
    for action, resource in allowed(function) - NO_NARROWER:
        service, _, name = action.partition(":")
        partition, owner, region, account, thing = resource.split(":", 5)[1:]
        assert "*" not in name
        assert (partition, owner) == ("aws", service)
        assert (region, account) in {("*", "*"), ("", "")}
        assert "orderwire-dev" in thing or "orders-dev" in thing or "/orderwire/dev/" in thing or thing == "identity/*"
        assert "{" not in resource


@each_function
def test_a_policy_fits_into_its_role(function):
    assert len(json.dumps(policy(function, "dev"), separators=(",", ":"))) <= LONGEST_POLICY


@each_function
def test_a_function_writes_to_its_own_log_and_no_other(function):
    group = "orderwire-dev" if function.name == "api_handler" else f"orderwire-dev-{function.name}"
    logs = {each for each in allowed(function) if each[0].startswith("logs:")}
    assert {resource for _, resource in logs} == {f"arn:aws:logs:*:*:log-group:/aws/lambda/{group}:*"}
    assert {action for action, _ in logs} == {"logs:CreateLogStream", "logs:PutLogEvents"}


@pytest.mark.parametrize("subscription", list(subscriptions()), ids=lambda row: row.name)
def test_a_consumer_takes_from_its_queue_and_puts_into_its_dead_letters(subscription):
    may = allowed(declared(subscription.name.replace("-", "_")))
    queue = f"arn:aws:sqs:*:*:orderwire-dev-{subscription.name}"
    assert {action for action, resource in may if resource == queue} >= {"sqs:ReceiveMessage", "sqs:DeleteMessage"}
    assert ("sqs:SendMessage", f"{queue}-dlq") in may
    assert ("sqs:SendMessage", queue) not in may
    publishes = ("events:PutEvents", "arn:aws:events:*:*:event-bus/orders-dev") in may
    assert publishes == bool(subscription.publishes)


def test_the_projection_tells_nobody_and_touches_one_table():
    tables = {resource for action, resource in allowed(declared("orders")) if action.startswith("dynamodb:")}
    assert tables == {"arn:aws:dynamodb:*:*:table/orderwire-dev-orders"}
    assert not any(action == "events:PutEvents" for action, _ in allowed(declared("orders")))


def test_grants_on_one_thing_are_one_statement_and_buckets_have_no_account():
    table = Grant("dynamodb", ("PutItem", "GetItem"), "table/orderwire-{stage}-t")
    bucket = Grant("s3", ("PutObject",), "orderwire-{stage}-backup/*")
    function = Function("f", 1, 128, (PUBLISH, table, Grant(table.service, ("GetItem",), table.resource), bucket))
    assert statements(function, "dev")[1:3] == [
        {
            "Effect": "Allow",
            "Action": ["dynamodb:GetItem", "dynamodb:PutItem"],
            "Resource": "arn:aws:dynamodb:*:*:table/orderwire-dev-t",
        },
        {"Effect": "Allow", "Action": ["s3:PutObject"], "Resource": "arn:aws:s3:::orderwire-dev-backup/*"},
    ]


@each_stage
@each_function
def test_chalice_gives_a_function_its_own_policy_time_and_memory(function, stage):
    config = chalice_config(stage, function)
    assert config.autogen_policy is False
    assert config.iam_policy_file == file_name(function, stage.name)
    assert json.loads((ROOT / ".chalice" / config.iam_policy_file).read_text()) == policy(function, stage.name)
    assert (config.lambda_timeout, config.lambda_memory_size) == (function.timeout, function.memory)
    assert config.environment_variables == stage.environment
    assert config.automatic_layer is True
    assert config.xray_enabled is stage.traced
    assert (config.reserved_concurrency, config.lambda_architecture in {"arm64", "x86_64"}) == (None, True)
    assert config.log_retention_in_days is None  # the stack's business


@each_stage
@each_function
def test_a_function_may_write_its_traces_where_it_is_traced_and_nowhere_else(function, stage):
    traces = {action for each in statements(function, stage.name) for action in each["Action"] if "xray" in action}
    assert traces == ({"xray:PutTelemetryRecords", "xray:PutTraceSegments"} if stage.traced else set())


def test_dev_runs_on_arm64_and_local_on_whatever_packages_it(tmp_path):
    assert chalice_config(DEV, FUNCTIONS[0]).lambda_architecture == "arm64"
    config = tmp_path / "config.json"
    config.write_text((ROOT / ".chalice/config.json").read_text())
    set_architecture(config, "local", None)
    assert json.loads(config.read_text())["stages"]["local"]["lambda_architecture"] == machine_architecture()


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_tables_rows_are_changed_by_its_owner_and_by_those_that_it_names_and_by_nobody_else(table):
    changing = {"PutItem", "UpdateItem", "DeleteItem"}
    writers = {
        each.name
        for each in FUNCTIONS
        for grant in each.grants
        if grant.resource == table.allow().resource and changing & set(grant.actions)
    }
    assert writers == {table.owner, *table.also}
