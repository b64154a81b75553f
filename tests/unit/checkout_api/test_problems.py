"""Whatever goes wrong is a problem document, and what is wrong on our side is told to the log and not to the client."""

import json

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from jwt.exceptions import PyJWKClientConnectionError
from pydantic import BaseModel, ValidationError

from checkout_api.http.problems import MOST_ERRORS, HttpProblem, as_problem, invalid
from checkout_api.http.requests import LARGEST_BODY
from checkout_api.http.routing import strings_in
from edges.publisher import NotPublished
from tables.conflicts import Contended
from tests.support.checkout_api.api import KEY, ORDER, running_api


class Broken:
    """A client of which every call fails."""

    def __init__(self, error):
        self.error = error

    def __getattr__(self, name):
        raise self.error


def client_error(code, status=400):
    answer = {"Error": {"Code": code, "Message": "told by AWS"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "GetItem")


@pytest.fixture(scope="module")
def api():
    with running_api() as api:
        yield api


@pytest.fixture
def broken(api):
    """Breaks DynamoDB until the test ends."""
    working = api.edges.clients.dynamodb

    def break_it(error):
        api.edges.clients.__dict__["dynamodb"] = Broken(error)
        return api

    yield break_it
    api.edges.clients.__dict__["dynamodb"] = working


def test_an_error_that_nobody_expected_is_a_500_that_says_nothing_of_itself(broken, caplog):
    api = broken(RuntimeError("secret of the house"))
    answer = api.get("/orders/ord_1")
    assert (answer.status, answer.headers["Content-Type"]) == (500, "application/problem+json")
    assert "secret" not in json.dumps(answer.body)
    (record,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert record.error == "RuntimeError: secret of the house"
    assert "in get" in record.stack
    assert record.correlation_id == answer.headers["X-Correlation-Id"]


class Stored(BaseModel):
    email: int


def test_neither_answer_nor_log_repeat_what_is_personal(broken, caplog):
    address = ORDER["customer_email"]
    with pytest.raises(ValidationError) as unreadable:
        Stored.model_validate({"email": address})
    assert address in str(unreadable.value)
    answer = broken(unreadable.value).place({**ORDER, "payment_token": "tok_private"}, key=KEY)
    broken(RuntimeError(f"no tok_private for {address}")).place()
    told = json.dumps(answer.body) + str([vars(record) for record in caplog.records])
    assert answer.status == 500
    assert address not in told
    assert "tok_private" not in told


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url="http://127.0.0.1:4566"),
        ReadTimeoutError(endpoint_url="http://127.0.0.1:4566"),
        PyJWKClientConnectionError("no answer"),
    ],
)
def test_without_a_running_embedded_aws_a_developer_is_told_how_to_start_it(error):
    problem = as_problem(error, "local")
    assert (problem.status, problem.headers) == (503, {"Retry-After": "5"})
    assert "Start it with: make run" in problem.detail
    assert "make run" not in as_problem(error, "prod").detail


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (client_error("ThrottlingException"), 503),
        (client_error("ProvisionedThroughputExceededException"), 503),
        (client_error("InternalServerError", 500), 503),
        (client_error("WhatAServiceCallsIt", 502), 503),
        (client_error("ResourceNotFoundException"), 500),
        (client_error("AccessDeniedException"), 500),
        (NotPublished({"event-1": "InternalFailure"}), 503),
        (Contended("orders"), 503),
        (KeyError("order_id"), 500),
    ],
)
def test_what_may_pass_is_a_503_that_says_when_to_come_again(error, status):
    problem = as_problem(error, "prod")
    assert problem.status == status
    assert ("Retry-After" in problem.headers) is (status == 503)
    assert str(error) not in problem.detail


def test_a_connection_that_fails_is_a_503_over_http(broken):
    answer = broken(EndpointConnectionError(endpoint_url="http://127.0.0.1:4566")).place()
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")


def test_a_method_that_a_path_does_not_have_is_a_problem(api):
    answer = api.request("PATCH", "/orders/ord_1")
    assert (answer.status, answer.headers["Content-Type"]) == (405, "application/problem+json")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "DELETE"}
    assert answer.body["type"] == "urn:orderwire:problem:method-not-allowed"


def test_every_answer_says_that_it_is_not_to_be_kept_or_guessed_at_and_comes_over_tls_only(api):
    for answer in (api.place(), api.get("/orders/ord_1"), api.request("PUT", "/orders"), api.get("/health")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_every_answer_names_its_request_and_by_the_clients_name_if_it_has_one(api):
    for method, path, type_ in (("GET", "/health", None), ("PUT", "/orders", None), ("POST", "/orders", "text/plain")):
        told = {"Content-Type": type_} if type_ else {}
        assert len(api.request(method, path, headers=told).headers["X-Correlation-Id"]) == 32
        answer = api.request(method, path, headers={**told, "X-Correlation-Id": "mine"})
        assert answer.headers["X-Correlation-Id"] == "mine"


def test_a_body_that_is_too_large_is_not_read_for_the_log_either():
    assert strings_in(json.dumps({"name": "x" * LARGEST_BODY}).encode()) == set()
    assert strings_in(json.dumps({"name": "Ada"}).encode()) == {"Ada"}


def test_a_problem_has_the_members_of_rfc_9457():
    problem = HttpProblem(409, "total-changed", "More.", total=2)
    assert problem.document() == {
        "type": "urn:orderwire:problem:total-changed",
        "title": "Total changed",
        "status": 409,
        "detail": "More.",
        "total": 2,
    }


def test_a_body_that_is_wrong_everywhere_gets_a_bounded_answer():
    assert len(invalid([(f"/{number}", "wrong") for number in range(9999)]).document()["errors"]) == MOST_ERRORS


def test_health_asks_nobody(broken):
    answer = broken(RuntimeError("gone")).get("/health")
    assert (answer.status, answer.body) == (200, {"status": "ok", "stage": "test"})
