"""The stack's template: rendered from the declarations, current, and what the design promises of it."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from consumers.declaration import Consumer
from consumers.registry import consumers
from edges.settings import Settings
from infrastructure.functions import functions
from infrastructure.names import title
from infrastructure.render import ROOT, leftovers, rendered
from infrastructure.resources.access_log import log_group_name
from infrastructure.resources.bus import LONGEST_PATTERN, VERIFYING, PatternTooLong, fitting_pattern
from infrastructure.resources.mail import TEMPLATES
from infrastructure.resources.topics import EVERY_TOPIC
from infrastructure.stack.template import template
from infrastructure.stack.text import as_body
from infrastructure.stages import DEV, LOCAL, STAGES, Stage
from orderwire.cloudformation.gaps import emulator_gaps, filled_in
from orderwire.cloudformation.template_bucket import LARGEST_TEMPLATE
from schemas.events import OrderCreated
from tables.registry import TABLES

TEMPLATE = template().to_dict()
RESOURCES = TEMPLATE["Resources"]
RENDERED = rendered()
CONSUMERS = tuple(consumers())
PLACE = {"AWS::Region": "eu-central-1", "AWS::AccountId": "111122223333", "AWS::Partition": "aws"}

FROM_BUS = tuple(row for row in CONSUMERS if not row.topic)
FROM_TOPIC = tuple(row for row in CONSUMERS if row.topic)

each_consumer = pytest.mark.parametrize("consumer", CONSUMERS, ids=lambda row: row.name)
each_consumer_of_the_bus = pytest.mark.parametrize("consumer", FROM_BUS, ids=lambda row: row.name)
each_consumer_of_a_topic = pytest.mark.parametrize("consumer", FROM_TOPIC, ids=lambda row: row.name)
each_table = pytest.mark.parametrize("table", TABLES, ids=lambda row: row.name)


def resource(*words):
    return RESOURCES[title(*words)]["Properties"]


def of_type(type_):
    return [each for each in RESOURCES.values() if each["Type"] == type_]


def in_dev(value):
    """`value` as it is in stage dev, references to other resources left as they are."""
    return filled_in(value, {"Stage": "dev", **PLACE})


def arn_in_dev(service, resource_):
    return f"arn:aws:{service}:eu-central-1:111122223333:{resource_}"


def allowed(policy):
    return next(each for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Allow")


@pytest.mark.parametrize("path", sorted(RENDERED))
def test_what_is_committed_is_what_the_declarations_render(path):
    assert (ROOT / path).read_text() == RENDERED[path], "stale: run make render"


def test_no_policy_file_is_left_of_a_function_that_is_gone():
    assert leftovers(ROOT, RENDERED) == []


def test_cfn_lint_finds_nothing_and_ignores_nothing():
    lint = Path(sys.executable).with_name("cfn-lint")
    found = subprocess.run(
        [lint, "--include-checks", "I", "--", "infrastructure/template.yaml", "infrastructure/release-role.yaml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert found.stdout + found.stderr == ""
    assert found.returncode == 0
    assert not list(ROOT.glob(".cfnlintrc*"))
    assert "Metadata" not in TEMPLATE


def test_the_template_is_not_too_large_for_cloudformation():
    assert len(as_body(template()).encode()) < LARGEST_TEMPLATE


def test_every_name_holds_the_stage():
    named = re.compile("^(bus|archive|rule|queue|topic|table|alias|userpool|client)?name$|^name$", re.IGNORECASE)
    names = [
        value
        for each in RESOURCES.values()
        for key, value in each["Properties"].items()
        if named.match(key) and each["Type"] != "AWS::Cognito::UserPoolGroup"
    ]
    assert len(names) > 20
    assert [name for name in names if "${Stage}" not in str(name)] == []


@each_consumer_of_the_bus
def test_a_consumer_gets_what_it_hears_through_its_own_queue(consumer):
    rule = resource(consumer.name, "rule")
    target = rule["Targets"][0]
    assert rule["EventPattern"] == consumer.pattern()
    assert rule["EventBusName"] == {"Ref": "Bus"}
    assert target["Arn"] == {"Fn::GetAtt": [title(consumer.name, "queue"), "Arn"]}
    assert len(rule["Targets"]) == 1


@each_consumer
def test_a_consumers_dead_letter_queue_is_its_queues_and_that_of_what_feeds_it(consumer):
    dead_letters = {"Fn::GetAtt": [title(consumer.name, "dead letters"), "Arn"]}
    redrive = resource(consumer.name, "queue")["RedrivePolicy"]
    assert redrive == {"deadLetterTargetArn": dead_letters, "maxReceiveCount": consumer.receives + 2}
    if consumer.topic:
        assert resource(consumer.name, "subscription")["RedrivePolicy"] == {"deadLetterTargetArn": dead_letters}
    else:
        assert resource(consumer.name, "rule")["Targets"][0]["DeadLetterConfig"] == {"Arn": dead_letters}
    source = resource(consumer.name, "dead letters")["RedriveAllowPolicy"]["sourceQueueArns"]
    assert in_dev(source) == [arn_in_dev("sqs", f"orderwire-dev-{consumer.name}")]


@each_consumer
def test_messages_outlive_their_attempts_and_dead_letters_outlive_messages(consumer):
    queue, dead_letters = resource(consumer.name, "queue"), resource(consumer.name, "dead letters")
    assert queue["VisibilityTimeout"] >= 6 * consumer.timeout + consumer.window
    assert queue["MessageRetentionPeriod"] == 4 * 24 * 3600
    assert dead_letters["MessageRetentionPeriod"] == 14 * 24 * 3600


@each_consumer_of_a_topic
def test_a_consumer_of_a_topic_gets_its_messages_through_its_own_queue_with_their_ids(consumer):
    feed = resource(consumer.name, "subscription")
    assert feed["TopicArn"] == {"Ref": title(consumer.topic, "topic")}
    assert (feed["Protocol"], feed["RawMessageDelivery"]) == ("sqs", False)
    assert feed["Endpoint"] == {"Fn::GetAtt": [title(consumer.name, "queue"), "Arn"]}
    assert title(consumer.name, "rule") not in RESOURCES


@each_consumer_of_a_topic
@pytest.mark.parametrize("queue", ["queue", "dead letters"])
def test_only_the_consumers_own_topic_may_send_to_its_queues(consumer, queue):
    statement = allowed(resource(consumer.name, queue, "policy"))
    assert statement["Condition"] == {"ArnLike": {"aws:SourceArn": {"Ref": title(consumer.topic, "topic")}}}
    assert statement["Principal"] == {"Service": "sns.amazonaws.com"}


@each_consumer_of_the_bus
@pytest.mark.parametrize("queue", ["queue", "dead letters"])
def test_only_the_consumers_own_rule_may_send_to_its_queues(consumer, queue):
    policy = resource(consumer.name, queue, "policy")
    statement = in_dev(allowed(policy)["Condition"])
    rule = arn_in_dev("events", f"rule/orders-dev/orderwire-dev-{consumer.name}")
    assert in_dev(resource(consumer.name, "rule")["Name"]) == f"orderwire-dev-{consumer.name}"
    assert statement == {"ArnLike": {"aws:SourceArn": rule}}
    assert allowed(policy)["Principal"] == {"Service": "events.amazonaws.com"}
    assert allowed(policy)["Resource"] == {"Fn::GetAtt": [title(consumer.name, queue), "Arn"]}


@each_consumer
def test_what_feeds_a_consumer_waits_for_both_queues_to_let_it_in(consumer):
    waits_for = RESOURCES[title(consumer.name, "subscription" if consumer.topic else "rule")]["DependsOn"]
    assert set(waits_for) == {title(consumer.name, queue, "policy") for queue in ("queue", "dead letters")}


@each_consumer
def test_queues_are_named_as_the_functions_look_for_them(consumer):
    settings = Settings(stage="dev")
    assert in_dev(resource(consumer.name, "queue")["QueueName"]) == settings.name(consumer.name)
    assert in_dev(resource(consumer.name, "dead letters")["QueueName"]) == settings.name(consumer.dead_letters)


def test_queues_are_encrypted_by_a_key_that_eventbridge_may_use():
    assert {each["Properties"]["SqsManagedSseEnabled"] for each in of_type("AWS::SQS::Queue")} == {True}
    assert [each for each in of_type("AWS::SQS::Queue") if "KmsMasterKeyId" in each["Properties"]] == []


def test_nobody_reaches_a_queue_or_a_topic_without_tls():
    for each in of_type("AWS::SQS::QueuePolicy") + of_type("AWS::SNS::TopicPolicy"):
        denied = [one for one in each["Properties"]["PolicyDocument"]["Statement"] if one["Effect"] == "Deny"]
        assert [one["Condition"] for one in denied] == [{"Bool": {"aws:SecureTransport": "false"}}]
        assert denied[0]["Principal"] == "*"


def test_a_pattern_that_eventbridge_would_refuse_is_refused_here():
    longest = max(len(json.dumps(fitting_pattern(consumer))) for consumer in FROM_BUS)
    assert longest <= LONGEST_PATTERN
    where = {"data": {"customer_id": [f"customer-{number}" for number in range(200)]}}
    with pytest.raises(PatternTooLong, match=r"picky: the event pattern has \d+ of 2048 characters"):
        fitting_pattern(Consumer("picky", hears=(OrderCreated,), where=where))


def test_the_archive_leaves_out_what_it_replays_and_what_follows_from_that_and_trials_of_a_target():
    pattern = resource("archive")["EventPattern"]
    assert pattern["source"] == [{"anything-but": VERIFYING}]
    assert pattern["replay-name"] == [{"exists": False}]
    assert pattern["detail"]["metadata"]["replay"] == [{"exists": False}]
    assert in_dev(resource("archive")["SourceArn"]) == arn_in_dev("events", "event-bus/orders-dev")


@each_table
def test_a_table_is_on_demand_restorable_encrypted_and_protected(table):
    properties = resource(table.name, "table")
    assert in_dev(properties["TableName"]) == Settings(stage="dev").name(table.name)
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert properties["SSESpecification"] == {"SSEEnabled": True}
    assert properties["DeletionProtectionEnabled"] == {"Fn::If": ["Lasting", True, False]}


@each_table
def test_a_table_has_the_keys_indexes_and_expiry_of_its_declaration(table):
    properties = resource(table.name, "table")
    assert properties["KeySchema"] == [{"AttributeName": table.key, "KeyType": "HASH"}]
    indexes = properties.get("GlobalSecondaryIndexes", [])
    assert [(each["IndexName"], *(key["AttributeName"] for key in each["KeySchema"])) for each in indexes] == [
        (index.name, index.partition, index.sort) for index in table.indexes
    ]
    assert [tuple(each["Projection"].get("NonKeyAttributes", ())) for each in indexes] == [
        index.includes for index in table.indexes
    ]
    assert properties.get("TimeToLiveSpecification", {}).get("AttributeName") == table.expires


def test_eventbridge_reaches_the_encrypted_topics():
    topics = of_type("AWS::SNS::Topic")
    assert [in_dev(each["Properties"]["TopicName"]) for each in topics] == [
        "orderwire-dev-admin-alerts",
        "orderwire-dev-fulfilment",
        "orderwire-dev-alarms",
    ]
    assert {each["Properties"]["KmsMasterKeyId"]["Ref"] for each in topics} == {"TopicKey"}
    statements = [
        *resource("topic key")["KeyPolicy"]["Statement"],
        *resource("admin-alerts", "topic policy")["PolicyDocument"]["Statement"],
    ]
    for_rules = [each for each in statements if each["Principal"] == {"Service": "events.amazonaws.com"}]
    assert len(for_rules) == 2
    assert all("Condition" not in each for each in for_rules)  # AWS supports none there


@pytest.mark.parametrize("topic", EVERY_TOPIC)
def test_a_topic_is_read_by_the_address_that_the_stage_names_or_by_nobody(topic):
    parameter, reader = title(topic, "email"), RESOURCES[title(topic, "reader")]
    assert TEMPLATE["Parameters"][parameter]["Default"] == ""
    assert TEMPLATE["Conditions"][reader["Condition"]] == {"Fn::Not": [{"Fn::Equals": [{"Ref": parameter}, ""]}]}
    assert reader["Properties"] == {
        "TopicArn": {"Ref": title(topic, "topic")},
        "Protocol": "email",
        "Endpoint": {"Ref": parameter},
    }
    assert Stage("prod", readers={topic: "ops@example.com"}).parameters[parameter] == "ops@example.com"


def test_admins_are_created_by_somebody_with_access_and_log_in_with_a_password_through_the_api_alone():
    assert resource("people")["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    assert resource("admins")["GroupName"] == "admins"
    assert resource("people client")["GenerateSecret"] is False
    flows = resource("people client")["ExplicitAuthFlows"]
    assert flows == ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]  # whoever has no leave is refused
    found = resource("people parameter")
    assert in_dev(found["Name"]) == Settings(stage="dev").path("cognito")
    assert set(json.loads(found["Value"]["Fn::Sub"])) == {"pool_id", "client_id", "issuer"}


def test_the_template_holds_no_secret():
    assert {in_dev(each["Properties"]["Name"]) for each in of_type("AWS::SecretsManager::Secret")} == {
        "/orderwire/dev/backup-hash-key",
        "/orderwire/dev/order-id-key",
        "/orderwire/dev/stripe-key",
    }
    assert "SecretString" not in as_body(template()).replace("GenerateSecretString", "")


def test_every_function_finds_the_log_group_that_it_may_write_to():
    groups = {in_dev(each["Properties"]["LogGroupName"]) for each in of_type("AWS::Logs::LogGroup")}
    of_functions = {f"/aws/lambda/{function.lambda_name('dev')}" for function in functions()}
    assert groups == {*of_functions, log_group_name("dev")}
    assert "/aws/lambda/orderwire-dev" in groups  # the API handler's, whose name is the application's


def test_every_mail_the_shop_writes_is_a_template_in_ses():
    found = {in_dev(each["Properties"]["Template"]["TemplateName"]) for each in of_type("AWS::SES::Template")}
    assert found == {Settings(stage="dev").name(mail.name) for mail in TEMPLATES}


def test_mail_templates_are_made_one_after_the_other():
    """SES takes one a second."""
    found = [(name, each) for name, each in RESOURCES.items() if each["Type"] == "AWS::SES::Template"]
    waits_for = {each.get("DependsOn"): name for name, each in found}
    order = [waits_for[None]]
    while order[-1] in waits_for:
        order.append(waits_for[order[-1]])
    assert sorted(order) == sorted(name for name, _ in found)


def test_what_the_emulator_does_not_know_is_told_with_its_names_filled_in():
    gaps = emulator_gaps(template().to_dict()["Resources"], LOCAL, "eu-central-1", "000000000000")
    assert {gap.type for gap in gaps} == {"AWS::Events::Archive", "AWS::SES::Template"}
    archive = next(gap.properties for gap in gaps if gap.type == "AWS::Events::Archive")
    assert archive["ArchiveName"] == "orders-local"
    assert archive["SourceArn"] == "arn:aws:events:eu-central-1:000000000000:event-bus/orders-local"
    assert "${" not in json.dumps([gap.properties for gap in gaps])


def test_only_local_and_dev_may_be_thrown_away():
    assert {stage.name for stage in STAGES.values() if not stage.lasting} == {"local", "dev"}
    assert Stage("prod").parameters == {
        "Stage": "prod",
        "Emulated": "no",
        "Lasts": "yes",
        "LogDays": "90",
        "HighValueTotal": "100",
        "Alarms": "yes",
        "QuietPeriods": "0",
        "MostConcurrency": "800",
    }
    assert DEV.parameters["Lasts"] == "no"
    assert TEMPLATE["Parameters"]["Lasts"]["Default"] == "yes"


def test_a_stage_with_a_setting_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="ORDERWIRE_CURENCY"):
        _ = Stage("dev", settings={"curency": "EUR"}).environment
