"""What API Gateway is told after a deployment, as plain data."""

import json
from dataclasses import replace

import pytest
from botocore.session import Session

from checkout_api.http.problems import TYPE
from edges.settings import Settings
from infrastructure.resources.access_log import FORMAT
from infrastructure.resources.gateway_responses import DEFAULTS, gateway_responses
from infrastructure.stages import DEV, STAGES, Throttle
from orderwire.console.problem import Problem
from orderwire.release.api.settings import LOGINS, TLS, stage_patches, stage_settings, tls_patches
from orderwire.release.api.updates import MOST_LOOKS, finished, in_its_time
from orderwire.release.retry import MOST_ATTEMPTS, retry
from tests.support.checkout_api.api import running_api

LOG = "arn:aws:logs:eu-central-1:111122223333:log-group:/aws/apigateway/orderwire-dev"
RESPONSES = gateway_responses("https://shop.example")
each_response = pytest.mark.parametrize("type_", RESPONSES)


def headers_of(response):
    values = {
        key.removeprefix("gatewayresponse.header."): value for key, value in response["responseParameters"].items()
    }
    assert all(value.startswith("'") and value.endswith("'") and len(value) > 2 for value in values.values())
    return {key: value[1:-1] for key, value in values.items()}


@each_response
def test_what_api_gateway_answers_by_itself_is_a_problem_document_that_any_allowed_page_may_read(type_):
    response = RESPONSES[type_]
    told = json.loads(response["responseTemplates"]["application/json"])
    assert told["type"].startswith(TYPE)
    assert told["detail"].endswith(".")
    assert "$" not in response["responseTemplates"]["application/json"]  # would be read as a variable
    assert told.get("status") == (None if type_ in DEFAULTS else int(response["statusCode"]))
    assert headers_of(response)["Content-Type"] == "application/problem+json"
    assert headers_of(response)["Access-Control-Allow-Origin"] == "https://shop.example"
    assert headers_of(response)["Cache-Control"] == "no-store"


def test_the_api_and_api_gateway_name_the_same_mistakes_alike():
    with running_api(books="open") as api:
        too_large = api.request("POST", "/orders", b'"' + b"x" * 70_000 + b'"')
        not_json = api.request("POST", "/orders", b"x", headers={"Content-Type": "text/plain"})
        nobody = api.request("POST", "/books/order/handle", b"{}")
    for type_, answer in (("REQUEST_TOO_LARGE", too_large), ("UNSUPPORTED_MEDIA_TYPE", not_json)):
        told = json.loads(RESPONSES[type_]["responseTemplates"]["application/json"])
        assert (told["type"], told["status"]) == (answer.body["type"], answer.status)
    told = json.loads(RESPONSES["UNAUTHORIZED"]["responseTemplates"]["application/json"])
    assert (told["type"], told["status"]) == (nobody.body["type"], nobody.status)


def test_who_is_throttled_or_met_a_pause_is_told_when_to_come_back():
    for type_ in ("THROTTLED", "AUTHORIZER_FAILURE", "INTEGRATION_FAILURE"):
        assert int(headers_of(RESPONSES[type_])["Retry-After"]) > 0
    assert RESPONSES["THROTTLED"]["statusCode"] == "429"


def test_the_access_log_holds_nothing_personal_and_no_order_id():
    asked = set(json.loads(FORMAT).values())
    assert asked <= {value for value in asked if value.startswith("$context.")}
    for word in ("identity", "path", "query", "header", "claims", "userAgent", "domainName"):
        assert [value for value in asked if word.lower() in value.lower().replace("resourcepath", "")] == []


def test_a_stage_that_is_as_it_should_be_gets_no_patch():
    wanted = stage_settings(DEV, LOG)
    assert list(stage_patches(wanted, wanted)) == []
    as_aws_says = {**wanted, "methodSettings": {f"/{key}": value for key, value in wanted["methodSettings"].items()}}
    assert list(stage_patches({**as_aws_says, "deploymentId": "x"}, wanted)) == []


def test_a_fresh_stage_gets_every_setting_and_a_changed_one_only_what_differs():
    wanted = stage_settings(DEV, LOG)
    patches = {patch["path"]: patch["value"] for patch in stage_patches({"stageName": "api"}, wanted)}
    assert patches["/accessLogSettings/destinationArn"] == LOG
    assert patches["/tracingEnabled"] == "true"
    assert patches["/*/*/metrics/enabled"] == "false"
    assert patches["/*/*/logging/dataTrace"] == "false"
    assert float(patches["/~1admin~1login/POST/throttling/rateLimit"]) == DEV.login_throttle.rate
    faster = stage_settings(replace(DEV, throttle=Throttle(rate=150, burst=DEV.throttle.burst)), LOG)
    assert list(stage_patches(wanted, faster)) == [
        {"op": "replace", "path": "/*/*/throttling/rateLimit", "value": "150.0"}
    ]


def test_an_api_gets_a_tls_policy_that_api_gateway_knows_and_only_once():
    known = Session().get_service_model("apigateway").shape_for("RestApi").members
    assert {key: value in known[key].enum for key, value in TLS.items()} == dict.fromkeys(TLS, True)
    assert [each["path"] for each in tls_patches({"id": "x"})] == ["/securityPolicy", "/endpointAccessMode"]
    assert list(tls_patches({"id": "x", **TLS})) == []


@pytest.mark.parametrize("stage", STAGES.values(), ids=lambda stage: stage.name)
def test_passwords_are_tried_more_slowly_than_anything_else(stage):
    assert stage.login_throttle.rate * 10 < stage.throttle.rate
    assert stage.login_throttle.burst * 10 < stage.throttle.burst


def test_every_route_of_the_login_is_throttled():
    with running_api() as api:
        logins = {f"{path[1:]}/{method}" for path, methods in api.app.routes.items() for method in methods}
    assert {each for each in logins if each.startswith("admin/login")} == set(LOGINS)


def test_what_aws_takes_only_so_often_is_tried_for_a_minute():
    waited, calls = [], []

    def refused():
        calls.append(None)
        raise LookupError

    with pytest.raises(LookupError):
        retry(refused, LookupError, waited.append)
    assert len(calls) == MOST_ATTEMPTS
    assert 50 < sum(waited) <= 60
    with pytest.raises(ZeroDivisionError):  # what nobody expected is not tried again
        retry(lambda: [].index(1 // 0), LookupError, waited.append)


def test_who_waits_for_api_gateway_is_told_once_and_not_for_ever():
    class NeverDone:
        def get_rest_api(self, **request):
            return {"id": request["restApiId"], "apiStatus": "UPDATING"}

    waited, told = [], []
    with pytest.raises(Problem, match="has not finished in 40 minutes"):
        finished(NeverDone(), "abc", told.append, waited.append)
    assert (len(waited), len(told)) == (MOST_LOOKS, 1)


def test_a_change_that_sets_api_gateway_to_work_and_stumbles_over_that_is_made_once_more():
    happened, was_working = [], iter([False, True])

    def change():
        happened.append("change")
        if len(happened) == 1:
            raise Problem("There is already an update in progress")

    in_its_time(change, lambda: next(was_working))
    assert happened == ["change", "change"]


def test_a_change_that_fails_for_another_reason_is_not_made_again():
    def change():
        raise Problem("no")

    was_working = iter([True, False])
    with pytest.raises(Problem, match="no"):
        in_its_time(change, lambda: next(was_working))


def test_pages_of_the_stages_own_origin_may_read_the_errors():
    origin = Settings(stage="dev", cors_origin="https://books.example").cors_origin
    assert headers_of(gateway_responses(origin)["THROTTLED"])["Access-Control-Allow-Origin"] == "https://books.example"
