"""A REST API as Chalice leaves it, in the embedded AWS: what it answers by itself before and after its settings."""

from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
import urllib3

from infrastructure.names import API_STAGE
from infrastructure.resources.access_log import log_group_name
from infrastructure.stages import Stage, Throttle
from orderwire.console.problem import Problem
from orderwire.release.api.settings import apply

STAGE = Stage("gate", throttle=Throttle(1000, 1000), login_throttle=Throttle(1, 2))


@dataclass
class Deployed:
    """An API of one route, `POST /admin/login`, which answers 200; `told` is what the step has said."""

    gateway: Any
    client: Any
    id: str
    url: str
    told: list[str]

    def apply(self, stage=STAGE):
        return apply(self.client, stage, self.told.append, wait=lambda _: None)

    def redeploy(self):
        """As `chalice deploy` does: whatever the definition did not have is gone, the stage is not."""
        for response in self.gateway.get_gateway_responses(restApiId=self.id, limit=500)["items"]:
            if not response["defaultResponse"]:
                self.gateway.delete_gateway_response(restApiId=self.id, responseType=response["responseType"])
        self.gateway.create_deployment(restApiId=self.id, stageName=API_STAGE)

    def request(self, method, path):
        answer = urllib3.request(method, f"{self.url}{path}", retries=False)
        return answer.status, dict(answer.headers), answer.json()

    @property
    def deployments(self):
        return len(self.gateway.get_deployments(restApiId=self.id, limit=500)["items"])


class AtWork:
    """API Gateway, which goes on for three waits after a change of an API and refuses meanwhile what AWS refuses, but
    says so two looks too late. The embedded one has done at once."""

    def __init__(self, gateway):
        self.gateway, self.left, self.looks, self.end = gateway, 0, 0, {"apiStatus": "AVAILABLE"}

    def __getattr__(self, name):
        return getattr(self.gateway, name)

    def wait(self, _):
        self.left = max(0, self.left - 1)

    def get_rest_api(self, **request):
        self.looks += 1
        says = {"apiStatus": "UPDATING"} if self.left and self.looks > 2 else self.end
        return {**self.gateway.get_rest_api(**request), **says}

    def update_rest_api(self, **request):
        self.left, self.looks = 3, 0
        return self.gateway.update_rest_api(**request)

    def create_deployment(self, **request):
        if self.left:
            why = {
                "Code": "BadRequestException",
                "Message": "You cannot deploy a RestApi while the apiStatus is UPDATING",
            }
            raise self.gateway.exceptions.BadRequestException({"Error": why}, "CreateDeployment")
        return self.gateway.create_deployment(**request)


@pytest.fixture
def at_work(api):
    busy = AtWork(api.gateway)
    api.client = lambda service, make=api.client: busy if service == "apigateway" else make(service)
    return busy


def deploy_function(engine, stage, rest_api):
    """The API's function, which lets that API call it."""
    code = BytesIO()
    with ZipFile(code, "w") as file:
        file.writestr("app.py", "")
    made = engine.client("lambda").create_function(
        FunctionName=f"orderwire-{stage}",
        Runtime="python3.11",
        Handler="app.app",
        Role="arn:aws:iam::000000000000:role/any",
        Code={"ZipFile": code.getvalue()},
    )
    account = made["FunctionArn"].split(":")[4]
    engine.client("lambda").add_permission(
        FunctionName=f"orderwire-{stage}",
        StatementId="api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:eu-central-1:{account}:{rest_api}/*",
    )


@pytest.fixture
def api(engine):
    gateway = engine.client("apigateway")
    rest_api = gateway.create_rest_api(name="orderwire")["id"]
    resource = gateway.get_resources(restApiId=rest_api)["items"][0]["id"]
    for part in ("admin", "login"):
        resource = gateway.create_resource(restApiId=rest_api, parentId=resource, pathPart=part)["id"]
    method = {"restApiId": rest_api, "resourceId": resource, "httpMethod": "POST"}
    gateway.put_method(**method, authorizationType="NONE")
    gateway.put_integration(**method, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    gateway.put_method_response(**method, statusCode="200")
    gateway.put_integration_response(**method, statusCode="200", responseTemplates={"application/json": "{}"})
    gateway.create_deployment(restApiId=rest_api, stageName=API_STAGE)
    logs = engine.client("logs")
    for name in (f"{log_group_name(STAGE.name)}-older", log_group_name(STAGE.name)):
        logs.create_log_group(logGroupName=name)
    deploy_function(engine, STAGE.name, rest_api)
    url = f"{gateway.meta.endpoint_url}/restapis/{rest_api}/{API_STAGE}/_user_request_"
    yield Deployed(gateway, engine.client, rest_api, url, [])
    for name in (f"{log_group_name(STAGE.name)}-older", log_group_name(STAGE.name)):
        logs.delete_log_group(logGroupName=name)
    engine.client("lambda").delete_function(FunctionName="orderwire-gate")
    gateway.delete_rest_api(restApiId=rest_api)


def test_an_unknown_path_is_a_problem_document_once_the_settings_are_applied(api):
    status, headers, body = api.request("GET", "/nothing")
    assert (status, set(body)) == (403, {"message"})
    assert api.apply() is True
    status, headers, body = api.request("GET", "/nothing")
    assert (status, body["type"], body["status"]) == (404, "urn:orderwire:problem:not-found", 404)
    assert headers["Content-Type"] == "application/problem+json"
    assert "Access-Control-Allow-Origin" not in headers  # the stage names no other origin


def test_who_tries_passwords_too_fast_is_throttled_with_a_problem_document(api):
    api.apply()
    answers = [api.request("POST", "/admin/login") for _ in range(30)]
    status, headers, body = next(answer for answer in answers if answer[0] != 200)
    assert answers[0][0] == 200
    assert (status, body["type"], headers["Retry-After"]) == (429, "urn:orderwire:problem:too-many-requests", "1")


def test_applied_twice_the_second_time_changes_nothing(api):
    assert api.apply() is True
    before = api.gateway.get_stage(restApiId=api.id, stageName=API_STAGE), api.deployments
    assert api.apply() is False
    after = api.gateway.get_stage(restApiId=api.id, stageName=API_STAGE), api.deployments
    assert [each["deploymentId"] for each in (before[0], after[0])] == [before[0]["deploymentId"]] * 2
    assert before[1] == after[1]
    assert api.told[-1] == f"the API {api.id} is as it should be"


def test_a_deployment_of_chalices_loses_the_form_but_not_the_limits_and_the_next_run_brings_it_back(api):
    api.apply()
    api.redeploy()
    assert api.request("GET", "/nothing")[0] == 403
    assert 429 in [api.request("POST", "/admin/login")[0] for _ in range(30)]
    assert api.apply() is True
    assert api.request("GET", "/nothing")[0] == 404


def test_a_run_that_was_cut_off_before_its_deployment_is_finished_by_the_next(api):
    api.apply()
    settled = api.gateway.get_stage(restApiId=api.id, stageName=API_STAGE)
    api.gateway.create_deployment(restApiId=api.id, stageName=API_STAGE)  # all is set, but the mark is missing
    assert api.apply() is True
    assert api.gateway.get_stage(restApiId=api.id, stageName=API_STAGE)["deploymentId"] != settled["deploymentId"]
    assert api.apply() is False


def test_the_stage_logs_each_request_and_traces_and_sends_no_metrics_that_nobody_reads(api):
    api.apply()
    stage = api.gateway.get_stage(restApiId=api.id, stageName=API_STAGE)
    assert stage["accessLogSettings"]["destinationArn"].endswith(f":log-group:{log_group_name('gate')}")
    assert stage["tracingEnabled"] is True
    assert {each["metricsEnabled"] for each in stage["methodSettings"].values()} == {False}
    assert {each["dataTraceEnabled"] for each in stage["methodSettings"].values()} == {False}


def test_older_tls_than_1_2_is_refused_also_after_somebody_allowed_it(api):
    api.apply()
    found = api.gateway.get_rest_api(restApiId=api.id)
    assert (found["securityPolicy"], found["endpointAccessMode"]) == ("SecurityPolicy_TLS13_1_2_2021_06", "BASIC")
    older = {"op": "replace", "path": "/securityPolicy", "value": "TLS_1_0"}
    api.gateway.update_rest_api(restApiId=api.id, patchOperations=[older])
    assert api.apply() is True
    assert api.gateway.get_rest_api(restApiId=api.id)["securityPolicy"] == found["securityPolicy"]
    assert api.apply() is False


def test_what_is_set_is_deployed_once_api_gateway_has_taken_the_tls_policy_over(api, at_work):
    assert apply(api.client, STAGE, api.told.append, at_work.wait) is True
    assert api.request("GET", "/nothing")[0] == 404
    assert sum("API Gateway is at work on the API" in line for line in api.told) == 1
    assert apply(api.client, STAGE, api.told.append, at_work.wait) is False


def test_a_tls_policy_that_api_gateway_fails_to_set_is_an_error_with_its_reason(api, at_work):
    at_work.end = {"apiStatus": "FAILED", "apiStatusMessage": "No such luck"}
    with pytest.raises(Problem, match=rf"API Gateway could not change the API {api.id}: No such luck"):
        apply(api.client, STAGE, api.told.append, at_work.wait)


def test_api_gateway_gets_leave_to_write_logs_where_nobody_has_given_it(api):
    api.apply()
    role = api.gateway.get_account()["cloudwatchRoleArn"]
    attached = api.client("iam").list_attached_role_policies(RoleName=role.rpartition("/")[2])["AttachedPolicies"]
    assert [each["PolicyName"] for each in attached] == ["AmazonAPIGatewayPushToCloudWatchLogs"]


def test_a_stage_whose_stack_is_not_there_is_refused_before_anything_changes(api, engine):
    deploy_function(engine, "bare", api.id)
    with pytest.raises(Problem, match="orderwire infra bare"):
        api.apply(replace(STAGE, name="bare"))
    engine.client("lambda").delete_function(FunctionName="orderwire-bare")
    assert api.request("GET", "/nothing")[0] == 403


def test_a_stage_that_has_not_been_deployed_is_said_to_have_no_api(api):
    with pytest.raises(Problem, match=r"Stage nowhere has no API in this account and region. First: orderwire deploy"):
        api.apply(replace(STAGE, name="nowhere"))
