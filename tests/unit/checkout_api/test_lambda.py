"""The API as Lambda calls it: with API Gateway's proxy events, under the path of its stage."""

import json
from pathlib import Path

import pytest

from tests.support.checkout_api.api import running_api
from tests.support.checkout_api.tokens import token
from tests.support.events import ORDER, created, event

EVENTS = Path(__file__).parents[2] / "events"
REQUEST_ID = "5f0c2a52-3c5b-4c53-9d21-1f1f64a6f9c1"


def recorded(name):
    return json.loads((EVENTS / f"apigateway-{name}.json").read_text())


@pytest.fixture
def api():
    with running_api() as api:
        yield api


def called(api, name, **changes):
    answer = api.app({**recorded(name), **changes}, None)
    assert isinstance(answer["body"], str)
    return answer["statusCode"], answer["headers"], json.loads(answer["body"])


def test_an_order_is_placed_and_its_address_is_good_below_the_stage(api):
    status, headers, body = called(api, "place-order")
    assert (status, body["total"]) == (202, 69.98)
    assert headers["Location"] == f"/api/orders/{body['order_id']}"
    assert called(api, "place-order")[2] == body


def test_the_request_is_api_gateways_unless_the_client_says_otherwise(api):
    _, headers, _ = called(api, "place-order")
    (placed,) = api.bus.events
    assert placed.metadata.causation_id == placed.metadata.correlation_id == REQUEST_ID
    assert headers["X-Correlation-Id"] == REQUEST_ID


def test_an_order_is_shown_listed_and_cancelled(api):
    api.hears(event(created()))
    assert called(api, "show-order")[2]["order_id"] == ORDER
    assert [order["order_id"] for order in called(api, "list-orders")[2]["orders"]] == [ORDER]
    assert called(api, "cancel-order")[2]["status"] == "cancelled"


def test_a_body_that_is_not_there_is_a_problem(api):
    status, headers, _ = called(api, "place-order", body=None)
    assert (status, headers["Content-Type"]) == (400, "application/problem+json")


@pytest.mark.parametrize(("bearer", "effect"), [(token(), "Allow"), ("eyJraWQi", "Deny")], ids=["admin", "not a token"])
def test_the_authorizer_answers_a_policy_for_the_whole_api(api, bearer, effect):
    (route,) = api.app.routes["/orders/{order_id}/ship"].values()
    policy = route.authorizer({**recorded("authorizer"), "authorizationToken": f"Bearer {bearer}"}, None)
    assert policy["policyDocument"]["Statement"] == [
        {
            "Action": "execute-api:Invoke",
            "Effect": effect,
            "Resource": ["arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/api/*/*"],
        }
    ]
