"""What is refused before it is an order, and how the answer says where it is wrong."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout_api.http.problems import HttpProblem
from checkout_api.http.requests import document
from tests.support.checkout_api.api import ORDER, running_api


@pytest.fixture(scope="module")
def shop():
    with running_api() as api:
        yield api


def pointers(answer):
    return [error["pointer"] for error in answer.body["errors"]]


@pytest.mark.parametrize("key", ["the keys of two", "ä" * 16, "k" * 15, "k" * 256])
def test_an_idempotency_key_that_is_no_token_or_could_be_come_upon_by_trying_is_refused(shop, key):
    assert shop.place(key=key).status == 400


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"customer_id": ""}, "/customer_id"),
        ({"customer_id": 7}, "/customer_id"),
        ({"customer_email": "ada@nowhere"}, "/customer_email"),
        ({"customer_email": "ada example.com"}, "/customer_email"),
        ({"customer_email": None}, "/customer_email"),
        ({"customer_email": ".ada@example.com"}, "/customer_email"),
        ({"customer_email": "ada.@example.com"}, "/customer_email"),
        ({"customer_email": "a..b@example.com"}, "/customer_email"),
        ({"customer_email": "ada@127.0.0.1"}, "/customer_email"),
        ({"customer_email": "ada@2130706433.1"}, "/customer_email"),
        ({"customer_email": f"{'a' * 65}@example.com"}, "/customer_email"),
        ({"payment_token": "a b"}, "/payment_token"),
        ({"payment_token": "on_account"}, "/payment_token"),
        ({"items": []}, "/items"),
        ({"items": {}}, "/items"),
        ({"items": [{"sku": "book-1", "quantity": 1}] * 51}, "/items"),
        ({"items": [{"sku": "book-1", "quantity": 0}]}, "/items/0/quantity"),
        ({"items": [{"sku": "book-1", "quantity": 1000}]}, "/items/0/quantity"),
        ({"items": [{"sku": "book-1", "quantity": 1.5}]}, "/items/0/quantity"),
        ({"items": [{"sku": "book-1", "quantity": True}]}, "/items/0/quantity"),
        ({"items": [{"sku": "book-1", "quantity": "2"}]}, "/items/0/quantity"),
        ({"items": [{"sku": "book-1", "quantity": 1, "unit_price": 0.01}]}, "/items/0/unit_price"),
        ({"items": [{"quantity": 1}]}, "/items/0/sku"),
        ({"items": [{"sku": "..", "quantity": 1}]}, "/items/0/sku"),
        ({"items": ["book-1"]}, "/items/0"),
        ({"items": [{"sku": "book-1", "quantity": 1}, {"sku": "book-1", "quantity": 1}]}, "/items/1/sku"),
        ({"items": [{"sku": "book-1", "quantity": 1}, {"sku": "book-9", "quantity": 1}]}, "/items/1/sku"),
        ({"expected_total": "69.98"}, "/expected_total"),
        ({"expected_total": 69.985}, "/expected_total"),
        ({"expected_total": 69.9801}, "/expected_total"),
        ({"expected_total": -1}, "/expected_total"),
        ({"total": 1}, "/total"),
        ({"a/b~c": 1}, "/a~1b~0c"),
    ],
)
def test_a_field_that_cannot_be_accepted_is_pointed_at(shop, change, where):
    answer = shop.place({**ORDER, **change})
    assert (answer.status, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert pointers(answer) == [where]


@pytest.mark.parametrize("total", [69.98, 69.98000000000002, 69.97999999999999])
def test_a_total_that_a_browser_added_up_is_the_amount_that_it_means(shop, total):
    assert shop.place({**ORDER, "expected_total": total}).status == 202


@pytest.mark.parametrize(
    "body", ['{"customer_id": "a", "customer_id": "b"}', '{"items": [{"sku": "a", "quantity": 1, "quantity": 9}]}']
)
def test_a_name_that_is_given_twice_is_refused_wherever_it_stands(shop, body):
    answer = shop.place(body=body.encode())
    assert (answer.status, answer.body["type"]) == (400, "urn:orderwire:problem:name-twice")
    assert answer.body["name"] in ("customer_id", "quantity")


def test_every_wrong_field_is_told_at_once_and_no_value_is_repeated(shop):
    answer = shop.place({"customer_id": "no spaces allowed", "customer_email": "secret@", "items": [{}]})
    assert set(pointers(answer)) == {
        "/customer_id",
        "/customer_email",
        "/payment_token",
        "/items/0/sku",
        "/items/0/quantity",
    }
    assert "secret" not in json.dumps(answer.body)
    assert "no spaces" not in json.dumps(answer.body)


def test_a_whole_number_written_as_one_with_a_point_is_a_quantity(shop):
    body = json.dumps(ORDER).replace('"quantity": 2', '"quantity": 2.0').encode()
    assert shop.place(body).body["total"] == 69.98


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"items=1", b"\xff\xfe", b'{"expected_total": NaN}', b"[" * 50_000, b"1" * 60_000],
    ids=["nothing", "cut off", "a form", "not UTF-8", "NaN", "too deep", "too long a number"],
)
def test_a_body_that_is_not_json_is_refused(shop, body):
    answer = shop.request("POST", "/orders", body, headers={"Content-Type": "application/json"})
    assert (answer.status, answer.body["type"]) == (400, "urn:orderwire:problem:not-json")


@pytest.mark.parametrize("body", [b"null", b"[]", b'"text"', b"7"])
def test_json_that_is_no_object_is_refused(shop, body):
    answer = shop.place(body)
    assert (answer.status, pointers(answer)) == (422, [""])
    assert answer.body["errors"][0]["detail"] == "must be an object"


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_json_or_a_problem(body):
    try:
        document(body)
        status = 200
    except HttpProblem as problem:
        status = problem.status
    assert status in {200, 400}


def test_a_body_may_have_64_kilobytes_and_no_more(shop):
    padding = 64 * 1024 - len(json.dumps(ORDER))
    assert shop.place(json.dumps(ORDER).encode() + b" " * padding).status == 202
    assert shop.place(json.dumps(ORDER).encode() + b" " * (padding + 1)).status == 413


def test_another_content_type_is_refused_as_a_problem(shop):
    answer = shop.request("POST", "/orders", ORDER, headers={"Content-Type": "text/plain"})
    assert (answer.status, answer.headers["Content-Type"]) == (415, "application/problem+json")


def test_what_has_no_content_may_call_it_what_it_likes(shop):
    assert shop.request("GET", "/catalog", headers={"Content-Type": "text/plain"}).status == 200


def test_json_may_say_its_charset(shop):
    assert (
        shop.request("POST", "/orders", ORDER, headers={"Content-Type": "application/json; charset=utf-8"}).status
        == 202
    )


def test_a_body_that_api_gateway_encoded_is_read(shop):
    lambda_event = {
        "requestContext": {"httpMethod": "POST", "resourcePath": "/orders", "path": "/api/orders", "requestId": "r-1"},
        "headers": {"content-type": "application/json"},
        "pathParameters": None,
        "multiValueQueryStringParameters": None,
        "stageVariables": None,
        "body": base64.b64encode(json.dumps(ORDER).encode()).decode(),
        "isBase64Encoded": True,
    }
    assert shop.app(lambda_event, None)["statusCode"] == 202
