"""The OpenAPI document: current, valid, and about every route that is not a page."""

import json

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from checkout_api.generate import HOME, rendered
from checkout_api.registry import routes
from edges.connect import Edges
from edges.settings import Settings
from tests.support.checkout_api.api import running_api

DOCUMENT = json.loads(rendered())
NO_API = {"/", "/admin", "/assets/{version}/{folder}/{name}", "/openapi.json"}
METHODS = {"get", "put", "post", "delete"}


def operations():
    return {
        f"{method.upper()} {path}": operation
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
    }


def declared(stage="any"):
    return routes(Edges(Settings(stage=stage, books="open")), admins=None)


def resolved(part):
    """The part of the document that a reference stands for."""
    if "$ref" not in part:
        return part
    found = DOCUMENT
    for name in part["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return found


def test_what_is_committed_is_what_the_routes_say():
    assert HOME.read_text() == rendered(), "stale: run python -m checkout_api.generate"


def test_it_is_a_valid_document():
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_every_route_but_the_pages_is_in_it_and_nothing_else():
    assert set(operations()) == {f"{route.method} {route.path}" for route in declared() if route.path not in NO_API}
    assert {route.path for route in declared() if route.about is None} == NO_API


def test_it_says_which_routes_are_for_admins():
    for route in declared():
        if route.about:
            security = operations()[f"{route.method} {route.path}"]["security"]
            assert (security == [{"admin": []}]) is route.admin


def test_an_admin_may_mark_an_order_as_a_test_and_a_shopper_needs_no_token():
    assert operations()["POST /orders"]["security"] == [{}, {"admin": []}]


@pytest.mark.parametrize("name", sorted(operations()))
def test_every_operation_says_what_it_answers_and_how_it_fails(name):
    operation = operations()[name]
    answers = operation["responses"]
    success, *problems = sorted(answers)
    assert operation["summary"]
    assert success in {"200", "202"}
    assert {"500", "503"} <= set(problems)
    assert resolved(answers["503"])["headers"]["Retry-After"]["required"] is True
    for status in problems:
        assert list(resolved(answers[status])["content"]) == ["application/problem+json"]


@pytest.mark.parametrize("name", [name for name, operation in operations().items() if "requestBody" in operation])
def test_a_body_that_cannot_be_read_is_told_of(name):
    expected = {"400", "413", "422"} | (set() if "/books" in name else {"415"})
    assert expected <= set(operations()[name]["responses"])


def test_every_parameter_of_a_path_is_described():
    for name, operation in operations().items():
        told = {each["name"] for each in operation.get("parameters", []) if each["in"] == "path"}
        assert told == {part[1:-1] for part in name.split("/") if part.startswith("{")}


def test_the_running_api_serves_it():
    with running_api(books="open") as api:
        assert api.get("/openapi.json").body == DOCUMENT


def test_stage_local_says_that_the_front_end_needs_no_token():
    with running_api(stage="local", books="open") as api:
        served = api.get("/openapi.json").body
    assert served != DOCUMENT
    assert all(operation["security"] == [] for operation in served["paths"]["/books/order"].values())
