"""What each function may do, and how Chalice is told so."""

import json
import re
from collections import Counter

import pytest
from cfnlint.api import ManualArgs, lint
from cfnlint.data import AdditionalSpecs
from cfnlint.helpers import load_resource
from chalice.cli.factory import CLIFactory

from consumers.registry import consumers
from edges.functions import Function
from edges.grants import EACH_CONSUMER, Grant, publish
from edges.settings import Settings
from infrastructure.functions import functions
from infrastructure.policies import file_name, policy
from infrastructure.render import ROOT
from infrastructure.stack.template import template
from infrastructure.stages import DEV, STAGES
from orderwire.release.packaging.package import machine_architecture, set_architecture
from schemas.envelope import REGISTRY
from schemas.events import OrderCancelled, OrderShipped, PaymentFailed
from tables.registry import TABLES
from tests.support.infrastructure.role_template import role, role_template

FUNCTIONS = tuple(functions())
each_function = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
each_stage = pytest.mark.parametrize("stage", STAGES.values(), ids=lambda stage: stage.name)
IAM = load_resource(AdditionalSpecs, "Policies.json")
"""Service -> actions and the forms of the ARNs that each takes, as AWS publishes them for its policy generator."""

NO_RESOURCE = {"cloudwatch:GetMetricData"}
"""Takes a dataset of telemetry too; the metrics that AWS keeps of queues are in none."""

ANY_NAME = {"arn:aws:ses:*:*:identity/*", "arn:aws:cognito-idp:*:*:userpool/*"}
"""Resources whose name cannot be known; why is said at their grants."""


def statements(function, stage=DEV):
    return policy(function, stage)["Statement"]


def allowed(function, stage=DEV):
    """(action, resource) of everything that the function may do."""
    return {
        (action, resource)
        for each in statements(function, stage)
        for action in each["Action"]
        for resource in each["Resource"]
    }


def chalice_config(stage, function):
    return CLIFactory(str(ROOT)).create_config_obj(stage.name).scope(stage.name, function.name)


def declared(name):
    return next(function for function in FUNCTIONS if function.name == name)


def known(action):
    """What AWS says of an action: the kinds of resources that it can be allowed on, none if it takes `*` only."""
    service, _, name = action.partition(":")
    return IAM[service]["Actions"][name.lower()].get("Resources", [])


def forms(action):
    """The forms that a resource of the action may have, as regular expressions."""
    resources = IAM[action.partition(":")[0]]["Resources"]
    for kind in known(action):
        for form in resources[kind.lower()]["ARNFormats"]:
            parts = re.split(r"(\$\{\w+\}|\.\*)", form)
            yield "".join(".*" if part == ".*" or part.startswith("$") else re.escape(part) for part in parts)


@each_stage
@each_function
def test_a_function_may_do_named_actions_on_named_things_of_its_stage(function, stage):
    ours = (f"orderwire-{stage.name}", f"orders-{stage.name}", f"/orderwire/{stage.name}/")
    for action, resource in allowed(function, stage):
        service, _, name = action.partition(":")
        assert not {"*", "?"} & set(name)
        if resource == "*":
            assert known(action) == [] or action in NO_RESOURCE, f"{action} takes something narrower"
            continue
        partition, owner, region, account, thing = resource.split(":", 5)[1:]
        assert (partition, owner) == ("aws", service)
        assert (region, account) in {("*", "*"), ("", "")}
        assert any(name in thing for name in ours) or resource in ANY_NAME
        assert "{" not in resource


@each_function
def test_a_wildcard_in_a_name_stands_for_what_aws_makes_up_and_for_nothing_else(function):
    """For a secret's suffix, the account's id, an object's or a log stream's name."""
    wild = {resource.split(":", 5)[-1] for _, resource in allowed(function) - {("", "*")} if resource != "*"}
    made_up = (r"-\?{6}$", r"-\?{12}/events/\*$", r":\*$", "^(identity|userpool)/\\*$")
    assert [each for each in wild if re.search(r"[*?]", re.sub("|".join(made_up), "", each))] == []


@each_function
def test_a_policy_names_actions_that_there_are_on_resources_that_they_take(function):
    """IAM itself takes any text for an action, and grants nothing by one that is misspelt."""
    for action, resource in allowed(function):
        if resource != "*":
            assert any(re.fullmatch(form, resource) for form in forms(action)), (action, resource)


@each_function
def test_every_mail_is_from_the_stages_own_address(function):
    sending = [each for each in statements(function) if "ses:SendTemplatedEmail" in each["Action"]]
    assert bool(sending) == (function.name == "notification")
    sender = Settings.from_environment(DEV.environment).mail_sender
    assert all(each["Condition"] == {"StringEquals": {"ses:FromAddress": sender}} for each in sending)


@each_stage
def test_the_api_and_nobody_else_may_log_people_in_and_only_at_the_stages_own_pool(stage):
    """A pool's name is not in its ARN, so its tag says whose it is."""
    may = {
        function.name: [each for each in statements(function, stage) if "cognito-idp" in str(each["Action"])]
        for function in FUNCTIONS
    }
    assert [name for name, found in may.items() if found] == ["api_handler"]
    conditions = [each["Condition"] for each in may["api_handler"]]
    assert conditions == [{"StringEquals": {"aws:ResourceTag/orderwire": stage.name}}]
    [pool] = [each for each in template().to_dict()["Resources"].values() if each["Type"] == "AWS::Cognito::UserPool"]
    assert pool["Properties"]["UserPoolTags"] == {"orderwire": {"Ref": "Stage"}}


@each_function
def test_a_function_writes_to_its_own_log_and_no_other(function):
    group = "orderwire-dev" if function.name == "api_handler" else f"orderwire-dev-{function.name}"
    logs = {each for each in allowed(function) if each[0].startswith("logs:")}
    assert {resource for _, resource in logs} == {f"arn:aws:logs:*:*:log-group:/aws/lambda/{group}:*"}
    assert {action for action, _ in logs} == {"logs:CreateLogStream", "logs:PutLogEvents"}


@pytest.mark.parametrize("consumer", list(consumers()), ids=lambda row: row.name)
def test_a_consumer_takes_from_its_queue_and_puts_into_its_dead_letters(consumer):
    may = allowed(declared(consumer.name.replace("-", "_")))
    queue = f"arn:aws:sqs:*:*:orderwire-dev-{consumer.name}"
    assert {action for action, resource in may if resource == queue} >= {"sqs:ReceiveMessage", "sqs:DeleteMessage"}
    assert ("sqs:SendMessage", f"{queue}-dlq") in may
    assert ("sqs:SendMessage", queue) not in may


@each_stage
def test_only_redriving_sends_to_consumers_queues_and_takes_their_dead_letters(stage):
    """The API calls it; what it could put into a queue itself, a consumer would take for an event of the bus."""
    queues = {f"arn:aws:sqs:*:*:orderwire-{stage.name}-{each.name}" for each in consumers()}
    may = {function.name: allowed(function, stage) for function in FUNCTIONS}
    sending = {(name, queue) for name, rights in may.items() for action, queue in rights if action == "sqs:SendMessage"}
    assert {(name, queue) for name, queue in sending if queue in queues} == {("redrive", queue) for queue in queues}
    taking = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:StartMessageMoveTask")
    taken = {
        name for name, rights in may.items() for each, queue in rights if each in taking and queue.endswith("-dlq")
    }
    assert taken == {"redrive"}
    function = f"arn:aws:lambda:*:*:function:orderwire-{stage.name}-redrive"
    calling = {(name, each) for name, rights in may.items() for each in rights if each[0].startswith("lambda:")}
    assert calling == {("api_handler", ("lambda:InvokeFunction", function))}
    assert {action for action, _ in may["api_handler"] if action.startswith("sqs:")} == {
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
    }
    assert {action.split(":")[0] for action, _ in may["redrive"]} <= {"sqs", "logs", "xray"}


PUBLISHERS = {
    "api_handler": {"order.created", "order.processed", "order.shipped", "order.cancelled", "order.refunded"},
    "sweep": {"order.created", "order.processed", "order.shipped", "order.cancelled", "order.refunded"},
    "payment": {"payment.completed", "payment.failed", "payment.voided", "payment.refunded"},
    "inventory": {"inventory.reserved", "inventory.rejected", "inventory.released", "inventory.low_stock"},
}
SOURCES = {"api_handler": "checkout", "sweep": "checkout"}


@each_stage
@each_function
def test_a_function_publishes_its_own_events_and_cannot_forge_anothers(function, stage):
    """`events:source` and `events:detail-type` of each entry; ForAllValues alone would hold for an entry without."""
    found = [each for each in statements(function, stage) if "events:PutEvents" in each["Action"]]
    if function.name not in PUBLISHERS:
        assert found == []
        return
    [only] = found
    assert only["Action"] == ["events:PutEvents"]
    assert only["Resource"] == [f"arn:aws:events:*:*:event-bus/orders-{stage.name}"]
    keys = {"events:source", "events:detail-type"}
    assert only["Condition"].keys() == {"ForAllValues:StringEquals", "Null"}
    assert only["Condition"]["Null"] == dict.fromkeys(keys, "false")
    wanted = only["Condition"]["ForAllValues:StringEquals"]
    assert wanted.keys() == keys
    assert wanted["events:source"] == f"orderwire.{SOURCES.get(function.name, function.name)}"
    assert set(wanted["events:detail-type"]) == PUBLISHERS[function.name]


def test_every_event_has_a_function_that_may_publish_it_and_none_but_the_sweep_shares_one():
    shared = PUBLISHERS["sweep"] & PUBLISHERS["api_handler"]
    told = Counter(event for events in PUBLISHERS.values() for event in events)
    assert set(told) == {detail_type for detail_type, _ in REGISTRY}
    assert {event for event, publishers in told.items() if publishers > 1} == shared


def test_events_of_two_sources_are_two_grants_so_that_neither_lends_the_other_its_names():
    [checkout, payment] = publish(PaymentFailed, OrderShipped, OrderCancelled)
    assert [each.values for each in checkout.only_if] == [
        ("orderwire.checkout",),
        ("order.cancelled", "order.shipped"),
    ]
    assert [each.values for each in payment.only_if] == [("orderwire.payment",), ("payment.failed",)]


def test_the_projection_tells_nobody_and_touches_one_table():
    tables = {resource for action, resource in allowed(declared("orders")) if action.startswith("dynamodb:")}
    assert tables == {"arn:aws:dynamodb:*:*:table/orderwire-dev-orders"}
    assert not any(action == "events:PutEvents" for action, _ in allowed(declared("orders")))


def test_grants_on_one_thing_are_one_statement_and_buckets_have_no_account():
    table = Grant("dynamodb", ("PutItem", "GetItem"), "table/orderwire-{stage}-t")
    bucket = Grant("s3", ("PutObject",), "orderwire-{stage}-backup/*")
    function = Function(
        "f", 1, 128, (*publish(OrderShipped), table, Grant(table.service, ("GetItem",), table.resource), bucket)
    )
    assert statements(function)[1:3] == [
        {
            "Effect": "Allow",
            "Action": ["dynamodb:GetItem", "dynamodb:PutItem"],
            "Resource": ["arn:aws:dynamodb:*:*:table/orderwire-dev-t"],
        },
        {"Effect": "Allow", "Action": ["s3:PutObject"], "Resource": ["arn:aws:s3:::orderwire-dev-backup/*"]},
    ]


@each_stage
@each_function
def test_chalice_gives_a_function_its_own_policy_time_and_memory(function, stage):
    config = chalice_config(stage, function)
    assert config.autogen_policy is False
    assert (config.manage_iam_role, config.iam_role_arn) == (True, None)  # a role of its own
    assert config.iam_policy_file == file_name(function, stage.name)
    assert json.loads((ROOT / ".chalice" / config.iam_policy_file).read_text()) == policy(function, stage)
    assert (config.lambda_timeout, config.lambda_memory_size) == (function.timeout, function.memory)
    assert config.environment_variables == stage.environment
    assert config.automatic_layer is True
    assert config.xray_enabled is stage.traced
    assert (config.reserved_concurrency, config.lambda_architecture in {"arm64", "x86_64"}) == (None, True)
    assert config.log_retention_in_days is None  # the stack's business


@each_stage
@each_function
def test_a_function_may_write_its_traces_where_it_is_traced_and_nowhere_else(function, stage):
    traces = {action for each in statements(function, stage) for action in each["Action"] if "xray" in action}
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


@each_stage
def test_no_two_functions_share_a_policy(stage):
    config = json.loads((ROOT / ".chalice/config.json").read_text())["stages"][stage.name]
    files = [each["iam_policy_file"] for each in config["lambda_functions"].values()]
    assert sorted(files) == sorted({file_name(function, stage.name) for function in FUNCTIONS})
    assert not {"iam_policy_file", "iam_role_arn", "autogen_policy"} & set(config)


def test_a_grant_on_something_of_each_consumer_names_every_one_of_them():
    function = Function("f", 1, 128, (Grant("sqs", ("SendMessage",), f"orderwire-{{stage}}-{EACH_CONSUMER}"),))
    queues = {resource for action, resource in allowed(function) if action == "sqs:SendMessage"}
    assert queues == {f"arn:aws:sqs:*:*:orderwire-dev-{each.name}" for each in consumers()}


@each_stage
def test_cfn_lint_finds_nothing_wrong_with_a_policy(stage):
    """It knows the grammar of policies, their actions and the resources that these take."""
    rules = ManualArgs(include_checks=["I"], regions=["eu-central-1"])
    assert lint(json.dumps(role_template(stage)), config=rules) == []


def test_cfn_lint_does_look_at_policies():
    wrong = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:SendMesage", "Resource": "*"}]}
    document = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"Wrong": role(wrong)}}
    rules = ManualArgs(include_checks=["I"], regions=["eu-central-1"])
    assert {each.rule.id for each in lint(json.dumps(document), config=rules)} == {"W3037"}
