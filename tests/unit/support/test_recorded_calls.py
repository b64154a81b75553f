"""The check of least privilege itself: it hears of every call, knows whose it is, and does not let anything pass."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest
from botocore.config import Config

from consumers.orders import OrdersConsumer
from edges.functions import Function
from edges.grants import EACH_CONSUMER, Grant, OnlyIf, parameter, publish
from infrastructure.render import ROOT
from schemas.events import OrderShipped
from tables.catalog import Catalog
from tables.orders import TABLE
from tests.support.checkout_api.api import running_api
from tests.support.consumers.batches import FakeQueue, record, run
from tests.support.edges import moto_edges, session
from tests.support.events import created, delivery, event
from tests.support.recorded_calls.caller import calling_function
from tests.support.recorded_calls.needs import Unknown, asked_for, needs
from tests.support.recorded_calls.only_in_aws import ONLY_IN_AWS, Excuse
from tests.support.recorded_calls.recorder import FOLDER, Call, calls, read
from tests.support.recorded_calls.verdict import CONSUMERS, in_dev, matches, missing, unused

PLACE = "arn:aws:dynamodb:eu-central-1:000000000000:"
FUNCTION = Function("orders", 1, 128, (TABLE.allow("GetItem"), parameter("cognito")))
CALLS = [
    Call("orders", "dynamodb:GetItem", f"{PLACE}table/orderwire-test-orders", test="here"),
    Call("orders", "ssm:GetParameter", "arn:aws:ssm:eu-central-1:000000000000:parameter/orderwire/dev/cognito"),
]
AWS = tuple(each for each in ONLY_IN_AWS if each.of == "every function")


def may(*grants):
    return [replace(FUNCTION, grants=grants)]


def test_calls_that_are_granted_and_grants_that_are_used_are_no_finding():
    assert list(missing([FUNCTION], CALLS)) == []
    assert list(unused([FUNCTION], CALLS, AWS)) == []


def test_a_call_without_a_grant_is_a_finding():
    (found,) = missing(may(parameter("cognito")), CALLS)
    assert found == f"orders does dynamodb:GetItem on {PLACE}table/orderwire-test-orders, and may not (here)"


@pytest.mark.parametrize(
    "grant",
    [TABLE.allow("PutItem"), TABLE.allow_index("by-time", "GetItem"), Grant("dynamodb", ("GetItem",), "table/x")],
    ids=["another action", "another resource of the table", "another table"],
)
def test_a_grant_of_something_else_does_not_help(grant):
    assert len(list(missing(may(grant, parameter("cognito")), CALLS))) == 1


def test_a_grant_that_no_call_needs_is_a_finding():
    (found,) = unused(may(*FUNCTION.grants, *publish(OrderShipped)), CALLS, AWS)
    assert found == "orders may do events:PutEvents on event-bus/orders-{stage}, and never does"


def test_one_action_too_many_is_a_finding():
    (found,) = unused(may(TABLE.allow("GetItem", "Scan"), parameter("cognito")), CALLS, AWS)
    assert "dynamodb:Scan" in found


def test_what_only_aws_does_is_excused_and_an_excuse_for_nothing_is_a_finding():
    found = list(unused([FUNCTION], CALLS, AWS[1:]))
    assert found == [
        "orders may do logs:CreateLogStream on log-group:/aws/lambda/orderwire-{stage}-orders:*, and never does"
    ]
    needless = Excuse("dynamodb:GetItem", "consumers", "")
    assert list(unused([FUNCTION], CALLS, (*AWS, needless))) == [
        "only_in_aws.py excuses dynamodb:GetItem, for no reason"
    ]


def test_what_a_consumer_is_excused_for_nobody_else_is():
    excuse = Excuse("sqs:ReceiveMessage", "consumers", "")
    assert excuse.covers("payment", "sqs:ReceiveMessage", CONSUMERS)
    assert not excuse.covers("api_handler", "sqs:ReceiveMessage", CONSUMERS)


def test_a_grant_on_something_of_each_consumer_is_used_if_it_is_with_one_of_them():
    grant = Grant("sqs", ("SendMessage",), f"orderwire-{{stage}}-{EACH_CONSUMER}")
    sent = Call("orders", "sqs:SendMessage", "arn:aws:sqs:eu-central-1:000000000000:orderwire-test-payment")
    assert list(missing(may(grant), [sent])) == []
    assert [each for each in unused(may(grant), [sent], AWS) if "sqs" in each] == []
    assert len(list(missing(may(grant), [replace(sent, resource=sent.resource + "-dlq")]))) == 1


def test_a_condition_must_hold():
    grant = Grant("ses", ("SendTemplatedEmail",), "identity/*", (OnlyIf("ses:FromAddress", ("{mail_sender}",)),))
    identity = "arn:aws:ses:eu-central-1:000000000000:identity/x.example"
    ours, theirs = (
        Call("orders", "ses:SendTemplatedEmail", identity, (("ses:FromAddress", address),))
        for address in ("orders@orderwire.example", "somebody@x.example")
    )
    assert list(missing(may(grant), [ours])) == []
    assert len(list(missing(may(grant), [theirs]))) == 1


def test_an_event_that_is_anothers_is_a_finding_also_among_ones_own():
    """Every entry of a call is looked at by itself, and one that says nothing of its source is nobody's."""
    bus = "arn:aws:events:eu-central-1:000000000000:event-bus/orders-dev"
    said = {"events:source": "orderwire.checkout", "events:detail-type": "order.shipped"}
    for context, wrong in (
        (said, 0),
        (said | {"events:source": "orderwire.payment"}, 1),
        (said | {"events:detail-type": "order.created"}, 1),
        ({}, 1),
    ):
        call = Call("orders", "events:PutEvents", bus, tuple(context.items()))
        assert len(list(missing(may(*publish(OrderShipped)), [call]))) == wrong
    entries = [{"Source": f"s{n}", "DetailType": f"d{n}", "EventBusName": "orders-dev"} for n in (1, 2)]
    parts = [calls("orders", "events", "PutEvents", part) for part in asked_for("PutEvents", {"Entries": entries})]
    assert [dict(call.context)["events:source"] for [call] in parts] == ["s1", "s2"]


def test_a_call_of_which_nobody_knows_what_it_needs_is_a_finding():
    for operation in ("ListTables", "ExecuteStatement"):
        with pytest.raises(Unknown, match=operation):
            needs("dynamodb", operation, {})
    with pytest.raises(Unknown, match="athena:StartQueryExecution"):
        needs("athena", "StartQueryExecution", {})
    (found,) = missing([FUNCTION], calls("orders", "dynamodb", "ListTables", {}))
    assert "orders calls dynamodb:ListTables" in found


def test_a_transaction_needs_what_its_elements_need_and_a_batch_the_single_action():
    put, check = {"Put": {"TableName": "a"}}, {"ConditionCheck": {"TableName": "b"}}
    assert needs("dynamodb", "TransactWriteItems", {"TransactItems": [put, check]}) == [
        ("dynamodb:PutItem", f"{PLACE}table/a"),
        ("dynamodb:ConditionCheckItem", f"{PLACE}table/b"),
    ]
    ((action, _),) = needs("sqs", "DeleteMessageBatch", {"QueueUrl": "https://sqs/000000000000/q"})
    assert action == "sqs:DeleteMessage"


def test_a_move_of_dead_letters_needs_leave_to_take_them_and_to_send_them():
    queue = "arn:aws:sqs:eu-central-1:000000000000:q"
    found = needs("sqs", "StartMessageMoveTask", {"SourceArn": f"{queue}-dlq", "DestinationArn": queue})
    assert ("sqs:SendMessage", queue) in found
    assert needs("sqs", "ListMessageMoveTasks", {"SourceArn": queue}) == [("sqs:ListMessageMoveTasks", queue)]
    assert {action for action, resource in found if resource == f"{queue}-dlq"} == {
        "sqs:StartMessageMoveTask", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("a/*", "a/b/c", True),
        ("a/*", "a", False),
        ("a-??????", "a-AbCdEf", True),
        ("a-??????", "a-AbCdEfG", False),
        ("a.b", "axb", False),
        ("a[bc]", "ab", False),
        ("A", "a", False),
    ],
)
def test_patterns_match_as_iams_do(pattern, text, expected):
    assert matches(pattern, text) is expected


@pytest.mark.parametrize(
    "resource",
    [
        "table/orderwire-{}-orders/index/by-time",
        "event-bus/orders-{}",
        "secret:/orderwire/{}/key-AbCdEf",
        "orderwire-{}-q",
    ],
)
def test_another_stage_is_told_by_its_name_only(resource):
    assert in_dev(resource.format("shop1")) == resource.format("dev")
    assert in_dev(resource.format("not-a-stage")) != resource.format("dev")


@pytest.fixture
def recorded(tmp_path):
    """(function, action) of the calls that are recorded meanwhile."""
    usual, os.environ[FOLDER] = os.environ[FOLDER], str(tmp_path)
    yield lambda: {(call.function, call.action) for call in read(tmp_path)}
    os.environ[FOLDER] = usual


def test_what_tests_do_themselves_is_nobodys_call_and_what_a_function_does_is_its_own(recorded):
    with moto_edges() as edges:
        assert list(Catalog(edges).scan()) == []
        assert recorded() == set()
        OrdersConsumer(edges)(delivery(event(created())))
    assert recorded() == {("orders", "dynamodb:GetItem"), ("orders", "dynamodb:PutItem")}


def test_what_the_api_borrows_of_the_authorizer_is_its_own_call(recorded):
    with running_api(books="open") as api:
        api.get("/books/order", admin=True)
        assert ("api_handler", "ssm:GetParameter") in recorded()
        assert not any(function == "admin_authorizer" for function, _ in recorded())
        api.get("/orders", admin=True)
        assert ("admin_authorizer", "ssm:GetParameter") in recorded()


def test_a_login_asks_cognito_with_the_apis_own_leave(recorded):
    with running_api() as api:
        nowhere = Config(retries={"total_max_attempts": 1})
        cognito = session().client("cognito-idp", endpoint_url="http://127.0.0.1:9", config=nowhere)
        api.edges.clients.__dict__["cognito"] = cognito
        assert api.request("POST", "/admin/login", {"username": "a", "password": "b"}).status == 503
    assert recorded() == {("api_handler", "ssm:GetParameter"), ("api_handler", "cognito-idp:AdminInitiateAuth")}


ONE_TEST = """
import boto3
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError
from checkout_api.pool import Pool
from edges.connect import Clients, Edges
from edges.settings import Settings


class Nowhere:
    def client(self, service, config):
        once = config.merge(Config(retries={"total_max_attempts": 1}))
        return boto3.client(service, "eu-central-1", endpoint_url="http://127.0.0.1:9", config=once)


def test_that_calls_once():
    try:
        Pool.of(Edges(Settings(stage="test"), Clients(Nowhere())))
    except EndpointConnectionError:
        pass
"""


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ((), 1, "sweep may do events:PutEvents on event-bus/orders-{stage}, and never does"),
        (("test_one.py",), 0, "1 passed"),
        (("-n", "1"), 1, "redrive may do sqs:SendMessage on orderwire-{stage}-{consumer}, and never does"),
    ],
    ids=["all tests", "some tests", "all tests, in another process"],
)
def test_a_complete_run_in_which_a_grant_was_not_used_fails(tmp_path, arguments, code, told):
    (tmp_path / "test_one.py").write_text(ONE_TEST)
    (tmp_path / "pytest.ini").write_text("[pytest]\ntestpaths = .\n")
    plugin = ("-p", "tests.support.recorded_calls.plugin", "-p", "no:schemathesis")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *plugin, *arguments],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert told in done.stdout
    assert "api_handler may do ssm:GetParameter" not in done.stdout


class CalledFrom(FakeQueue):
    """Remembers whose code ended the messages."""

    def __init__(self):
        super().__init__()
        self.callers = set()

    def _end(self, record, *end):
        super()._end(record, *end)
        self.callers.add(calling_function(sys._getframe()))


def test_what_the_batch_runner_does_is_done_in_the_name_of_the_consumer_whose_batch_it_has():
    queue = CalledFrom()
    run([record("good-1"), record("later-1"), record("hopeless-1")], queue)
    assert queue.callers == {"tested"}
