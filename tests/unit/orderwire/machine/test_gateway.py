"""What API Gateway answers by itself, as the local server answers it: in the form of all others, for any page."""

import json

import pytest
from chalice.local import LocalGatewayException

from infrastructure.resources.gateway_responses import PROBLEMS
from orderwire.machine.gateway import as_released
from tests.support.checkout_api.api import running_api


@pytest.fixture(scope="module")
def api():
    with running_api() as made:
        yield made


@pytest.mark.parametrize(
    ("path", "headers", "type_"),
    [
        ("/nothing", {}, "MISSING_AUTHENTICATION_TOKEN"),
        ("/books/nothing", {"Authorization": "Bearer x"}, "MISSING_AUTHENTICATION_TOKEN"),
        ("/metrics", {}, "UNAUTHORIZED"),
        ("/metrics", {"Authorization": "Bearer x"}, "ACCESS_DENIED"),
    ],
)
def test_a_refusal_has_the_status_and_the_document_of_a_released_stage(api, path, headers, type_):
    with pytest.raises(LocalGatewayException) as refused:
        api.gateway().handle_request("GET", path, headers, b"")
    answer = as_released(refused.value, "https://books.example")
    assert (answer.CODE, json.loads(answer.body)) == (PROBLEMS[type_].status, PROBLEMS[type_].document())
    assert answer.headers["Access-Control-Allow-Origin"] == "https://books.example"
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_what_the_api_itself_refuses_stays_as_it_is():
    error = LocalGatewayException({"Retry-After": "5"}, b"{}")
    error.CODE = 503
    assert as_released(error, "*") is error
