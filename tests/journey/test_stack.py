"""The stack of a stage in the embedded AWS: created, updated, left alone, and failing with a reason."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from consumers.declaration import Consumer
from consumers.registry import consumers
from infrastructure.resources import queues
from infrastructure.stack.template import template
from infrastructure.stack.text import as_body
from infrastructure.stages import LOCAL, Stage
from orderwire.cloudformation.stack import bring_up, stack_of
from orderwire.cloudformation.template_bucket import template_url
from orderwire.console.problem import Problem
from orderwire.machine.engine.process import Engine
from orderwire.machine.ports import free_port
from orderwire.release.review import DataAtRisk, Review
from orderwire.workplace.home import Home
from orderwire.workplace.stage import REGION, EngineSession, stage_named
from schemas.events import OrderCreated
from tests.support.embedded import embedded_aws, eventually

BODY = as_body(template())


@pytest.fixture(scope="module")
def aws(tmp_path_factory):
    with embedded_aws(tmp_path_factory.mktemp("aws"), LOCAL) as embedded:
        yield embedded


@pytest.fixture
def empty(tmp_path):
    """An account in which nothing is."""
    with Engine(Home(tmp_path / "home"), free_port(), REGION) as engine:
        yield EngineSession(engine.endpoint)


def test_every_consumer_has_its_queues(aws):
    urls = aws.client("sqs").list_queues()["QueueUrls"]
    expected = {name for row in consumers() for name in (row.name, row.dead_letters)}
    expected |= {"subscriptions-dlq"}  # of the rules that end at people
    assert {url.rsplit("/", 1)[1].removeprefix("orderwire-local-") for url in urls} == expected


def test_what_the_emulators_cloudformation_does_not_know_is_there_all_the_same(aws):
    archive = aws.client("events").describe_archive(ArchiveName="orders-local")
    assert archive["EventSourceArn"].endswith("event-bus/orders-local")
    assert "replay-name" in json.loads(archive["EventPattern"])
    mail = aws.client("ses").get_template(TemplateName="orderwire-local-confirmation")["Template"]
    assert "{{order_id}}" in mail["SubjectPart"]


def test_a_second_time_changes_nothing(aws):
    key, told = aws.edges.secret("order-id-key"), []
    assert bring_up(aws.client, LOCAL, BODY, told.append) is False
    assert told == ["orderwire-local is up to date"]
    assert aws.edges.secret("order-id-key") == key


def test_a_consumer_more_is_added_and_the_rest_is_left(aws):
    grown = template()
    for resource in queues.consumer(Consumer("newcomer", hears=(OrderCreated,))):
        grown.add_resource(resource)
    cloudformation, before = aws.client("cloudformation"), aws.edges.parameter("cognito")
    given = [{"ParameterKey": key, "ParameterValue": value} for key, value in LOCAL.parameters.items()]
    cloudformation.update_stack(
        StackName="orderwire-local", TemplateURL=template_url(aws.client, as_body(grown)), Parameters=given
    )
    cloudformation.get_waiter("stack_update_complete").wait(StackName="orderwire-local", WaiterConfig={"Delay": 1})
    assert aws.client("sqs").get_queue_url(QueueName="orderwire-local-newcomer-dlq")["QueueUrl"]
    assert aws.edges.parameter("cognito") == before
    with pytest.raises(DataAtRisk, match=r"NewcomerQueue \(AWS::SQS::Queue\) would be deleted: the messages that wait"):
        bring_up(aws.client, LOCAL, BODY, lambda line: None, review())
    left = cloudformation.list_change_sets(StackName="orderwire-local")["Summaries"]
    assert {each["ExecutionStatus"] for each in left} <= {"EXECUTE_COMPLETE"}
    allowed = review("NewcomerQueue", "NewcomerDeadLetters")
    assert bring_up(aws.client, LOCAL, BODY, lambda line: None, allowed) is True  # takes it out again
    assert eventually(lambda: "orderwire-local-newcomer" not in str(aws.client("sqs").list_queues()["QueueUrls"]))


def review(*allowed):
    """A review by somebody who agrees to everything that loses nothing."""
    return Review("orderwire-local", lambda _: None, lambda _: True, allowed)


def test_a_replacement_is_refused_before_anything_is_touched(aws):
    renamed = template()
    renamed.resources["OrdersTable"].properties["TableName"] = "renamed"
    stack = stack_of(aws.client, LOCAL, as_body(renamed), lambda line: None)
    with pytest.raises(DataAtRisk, match=r"OrdersTable \(AWS::DynamoDB::Table\) would be replaced: its rows"):
        stack.apply(review())
    assert "renamed" not in aws.client("dynamodb").list_tables()["TableNames"]


def test_a_stack_that_nobody_agreed_to_leaves_not_even_its_name(empty):
    assert bring_up(empty.client, LOCAL, BODY, lambda line: None, lambda changes: False) is False
    assert empty.client("cloudformation").describe_stacks()["Stacks"] == []


def test_a_name_that_an_abandoned_change_set_has_left_is_taken_up(empty):
    empty.client("cloudformation").create_change_set(
        StackName="orderwire-local",
        ChangeSetName="abandoned",
        ChangeSetType="CREATE",
        TemplateURL=template_url(empty.client, as_body(template())),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in LOCAL.parameters.items()],
    )
    assert bring_up(empty.client, LOCAL, BODY, lambda line: None, review()) is True
    assert bring_up(empty.client, LOCAL, BODY, lambda line: None, review()) is False


def test_a_stack_that_fails_says_why_and_can_be_tried_again(empty):
    told = []
    empty.client("events").create_event_bus(Name="orders-local")
    with pytest.raises(Problem, match=r"ended as DELETE_COMPLETE:\nCREATE_FAILED +Bus .*already exists: orders-local"):
        bring_up(empty.client, LOCAL, BODY, told.append)
    assert any(line.startswith("CREATE_FAILED") and "AWS::Events::EventBus" in line for line in told)
    empty.client("events").delete_event_bus(Name="orders-local")
    assert bring_up(empty.client, LOCAL, BODY, told.append) is True


def asked(session, requests):
    """The session's clients; of each change set they ask for, `requests` gets the kind and the parameter Lasts."""

    def listen(params, **_):
        [lasts] = [each["ParameterValue"] for each in params["Parameters"] if each["ParameterKey"] == "Lasts"]
        requests.append((params.get("ChangeSetType", "UPDATE"), params.get("OnStackFailure"), lasts))

    def client(service):
        made = session.client(service)
        made.meta.events.register("provide-client-params.cloudformation.CreateChangeSet", listen)
        return made

    return client


def test_a_lasting_stages_stack_and_tables_cannot_be_deleted_once_they_are_there(empty):
    """While it is made nothing is protected: what fails half way is deleted again."""
    lasting, requests = Stage("prod", emulated=True), []
    client = asked(empty, requests)
    assert bring_up(client, lasting, BODY, lambda line: None, lambda changes: False) is False
    assert empty.client("cloudformation").describe_stacks()["Stacks"] == []
    requests.clear()
    assert bring_up(client, lasting, BODY, lambda line: None, review()) is True
    assert requests == [("CREATE", "DELETE", "no"), ("UPDATE", None, "yes")]
    found = empty.client("cloudformation").describe_stacks(StackName="orderwire-prod")["Stacks"][0]
    assert found["EnableTerminationProtection"] is True
    table = empty.client("dynamodb").describe_table(TableName="orderwire-prod-orders")["Table"]
    assert table["DeletionProtectionEnabled"] is True
    assert bring_up(client, lasting, BODY, lambda line: None, review()) is False
    assert requests[2:] == [("UPDATE", None, "yes")]


def test_a_stage_that_is_not_declared_is_a_problem():
    with pytest.raises(Problem, match="There is no stage 'moon'"):
        stage_named("moon")


def queues_of(*names):
    made = {name: {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": f"at-once-{name}"}} for name in names}
    return {"Resources": made}


def test_deploys_at_the_same_time_wait_for_each_other(empty):
    """Each of the templates is deployed as a whole, in some order, from no stack at all."""
    documents = [queues_of("first", each) for each in ("second", "third", "fourth", "fifth")]

    def deploy(document):
        stack = stack_of(empty.client, LOCAL, json.dumps(document), lambda _: None)
        return replace(stack, name="orderwire-at-once", parameters={}).apply(lambda _: True)

    with ThreadPoolExecutor(len(documents)) as pool:
        assert list(pool.map(deploy, documents)) == [True] * len(documents)
    cloudformation = empty.client("cloudformation")
    [stack] = cloudformation.describe_stacks(StackName="orderwire-at-once")["Stacks"]
    assert stack["StackStatus"] in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
    left = {url.rsplit("/", 1)[1] for url in empty.client("sqs").list_queues()["QueueUrls"]}
    assert left in [{f"at-once-{name}" for name in document["Resources"]} for document in documents]
