"""What is deployed is read off the account, in the form in which Chalice keeps it."""

import json
from types import SimpleNamespace

import boto3
import pytest
from botocore.exceptions import ClientError
from chalice.config import DeployedResources
from moto import mock_aws

from infrastructure.stages import DEV
from orderwire.console.problem import Problem
from orderwire.release.api.owner import callers
from orderwire.release.deployed import Deployed, DeployedFunction, chalice_name, deployed, stack_status
from orderwire.release.packaging.package import require_stack

ARN = "arn:aws:lambda:eu-central-1:123456789012:function:orderwire-dev"
QUEUE = "arn:aws:sqs:eu-central-1:123456789012:orderwire-dev-order-log"
ROLE = "arn:aws:iam::123456789012:role/orderwire-dev"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
REGION = "eu-central-1"

STAGE = Deployed(
    REGION,
    [
        DeployedFunction("api_handler", ARN, f"{ROLE}-api_handler", {}, []),
        DeployedFunction("order_log", f"{ARN}-order_log", f"{ROLE}-order_log", {"u-1": QUEUE}, []),
        DeployedFunction("sweep", f"{ARN}-sweep", f"{ROLE}-sweep", {}, ["orderwire-dev-sweep-event"]),
    ],
    roles=[f"{ROLE}-orders"],
    layer="arn:aws:lambda:eu-central-1:123456789012:layer:orderwire-dev-managed-layer:7",
    api="a1b2c3",
)


def test_the_record_is_chalices_own():
    """Held against what Chalice 1.34 wrote after deploying this application."""
    record = STAGE.record()
    assert (record["schema_version"], record["backend"]) == ("2.0", "api")
    found = {each["name"]: each for each in record["resources"]}
    assert found["order_log-sqs-event-source"] == {
        "name": "order_log-sqs-event-source",
        "resource_type": "sqs_event",
        "queue_arn": QUEUE,
        "event_uuid": "u-1",
        "queue": "orderwire-dev-order-log",
        "lambda_arn": f"{ARN}-order_log",
    }
    assert found["sweep-event"]["rule_name"] == "orderwire-dev-sweep-event"
    assert found["orders_role"] == {
        "name": "orders_role",
        "resource_type": "iam_role",
        "role_arn": f"{ROLE}-orders",
        "role_name": "orderwire-dev-orders",
    }
    assert found["rest_api"]["rest_api_url"] == "https://a1b2c3.execute-api.eu-central-1.amazonaws.com/api/"
    assert found["managed-layer"]["layer_version_arn"].endswith(":7")


def test_chalice_reads_the_record():
    resources = DeployedResources(STAGE.record())
    assert resources.resource_values("api_handler")["lambda_arn"] == ARN
    assert resources.resource_values("rest_api")["rest_api_id"] == "a1b2c3"


def test_what_is_deleted_first_comes_last():
    """Chalice deletes from the end: the API before its function, a function before its role."""
    names = [each["name"] for each in STAGE.record()["resources"]]
    assert names.index("order_log_role") < names.index("order_log") < names.index("order_log-sqs-event-source")
    assert names[-1] == "rest_api"


@pytest.mark.parametrize(
    ("function", "name"),
    [
        ("orderwire-dev", "api_handler"),
        ("orderwire-dev-order_log", "order_log"),
        ("orderwire-devel-orders", None),
        ("orderwire-prod", None),
        ("somebody-elses", None),
    ],
)
def test_a_stage_has_its_own_functions_and_no_others(function, name):
    assert chalice_name(function, DEV) == name


def test_an_apis_id_is_read_off_the_policy_of_the_function_that_it_may_call():
    policy = {
        "Statement": [
            {"Condition": {"ArnLike": {"AWS:SourceArn": "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3/*"}}},
            {"Condition": {"ArnLike": {"AWS:SourceArn": "arn:aws:events:eu-central-1:123456789012:rule/x"}}},
            {"Principal": "*"},
        ]
    }
    assert callers(policy) == ["a1b2c3"]


@mock_aws
def test_nothing_deployed_is_nothing():
    found = deployed(boto3.client, DEV)
    assert not found
    assert found.record()["resources"] == []


@mock_aws
def test_a_role_whose_function_was_never_made_is_found():
    boto3.client("iam").create_role(RoleName="orderwire-dev-payment", AssumeRolePolicyDocument=TRUST)
    found = deployed(boto3.client, DEV)
    assert found
    assert [each["name"] for each in found.record()["resources"]] == ["payment_role"]


class Lambda:
    """Functions by name, with their tags, and an event source mapping of each that Chalice is deleting or has."""

    def __init__(self, functions):
        self.functions, self.meta = functions, SimpleNamespace(region_name=REGION)
        self.exceptions = SimpleNamespace(ResourceNotFoundException=KeyError)

    def get_paginator(self, operation):
        return SimpleNamespace(paginate=lambda **request: [getattr(self, operation)(**request)])

    def list_functions(self):
        return {
            "Functions": [
                {"FunctionName": name, "FunctionArn": f"arn:{name}", "Role": f"arn:aws:iam::1:role/{name}"}
                for name in self.functions
            ]
        }

    def list_tags(self, **request):
        return {"Tags": self.functions[request["Resource"].removeprefix("arn:")]}

    def list_event_source_mappings(self, **request):
        queue = f"arn:aws:sqs:eu-central-1:1:{request['FunctionName']}"
        states = {"u-old": "Deleting", "u-new": "Enabled"}
        return {"EventSourceMappings": [{"UUID": u, "EventSourceArn": queue, "State": s} for u, s in states.items()]}

    def list_layer_versions(self, **_):
        return {"LayerVersions": [{"Version": n, "LayerVersionArn": f"arn:layer:{n}"} for n in (9, 10, 8)]}


@mock_aws
def test_of_functions_with_such_a_name_only_chalices_are_the_stages_and_of_mappings_those_that_stay():
    made_by_chalice = {"aws-chalice": "version=1.34.0:stage=dev:app=orderwire"}
    lambda_ = Lambda({"orderwire-dev-orders": made_by_chalice, "orderwire-dev-theirs": {"team": "loyalty"}})
    found = deployed(lambda name: lambda_ if name == "lambda" else boto3.client(name), DEV)
    assert {function.name: dict(function.queues) for function in found.functions} == {
        "orders": {"u-new": "arn:aws:sqs:eu-central-1:1:orderwire-dev-orders"}
    }
    assert (found.layer, found.api) == ("arn:layer:10", None)


class CloudFormation:
    """Knows the state of one stack, or of none."""

    def __init__(self, status):
        self.status = status

    def describe_stacks(self, **request):
        if self.status is None:
            missing = {"Code": "ValidationError", "Message": f"Stack with id {request['StackName']} does not exist"}
            raise ClientError({"Error": missing}, "DescribeStacks")
        return {"Stacks": [{"StackStatus": self.status}]}


@pytest.mark.parametrize("status", [None, "REVIEW_IN_PROGRESS", "CREATE_IN_PROGRESS", "ROLLBACK_COMPLETE"])
def test_functions_are_not_deployed_before_their_stack_is_there(status):
    with pytest.raises(Problem, match=rf"orderwire-dev is {status or 'not there'}\. First: orderwire infra dev"):
        require_stack(lambda _: CloudFormation(status), DEV)


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"])
def test_functions_are_deployed_beside_a_stack_that_is_whole(status):
    require_stack(lambda _: CloudFormation(status), DEV)
    assert stack_status(lambda _: CloudFormation(status), DEV) == status
