"""What the book-store routes take and answer: the front end's exact shapes, JSON of any Content-Type, CORS headers."""

import json

import pytest

from checkout_api.registry import routes
from edges.connect import Edges
from edges.settings import Settings
from infrastructure.stages import STAGES
from tests.support.checkout_api.api import running_api

BOOKS = [{"id": "book-1", "name": "Book 1", "qty": 2}]
BASKET = {"books": BOOKS, "price": "69.98"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def shop():
    """The API of stage `local`, where the front end may do everything; what one test orders, the next may find."""
    with running_api(stage="local", books="open", cors_origin="*", account_most_total="3000.00") as api:
        yield api


def test_the_catalog_has_the_fields_that_the_front_end_shows(shop):
    answer = shop.get("/books")
    assert answer.status == 200
    assert answer.body[0] == {
        "id": "book-1",
        "name": "Book 1",
        "author": "A. Writer",
        "price": 29.99,
        "image": "",
        "description": "",
        "category": "",
        "comments": [],
    }
    assert [book["id"] for book in answer.body] == ["book-1", "book-2", "book-3"]


def test_lines_of_the_same_book_add_up(shop):
    lines = [BOOKS[0], {"id": "book-3", "name": "", "qty": 1}, {**BOOKS[0], "qty": 3}]
    answer = shop.request("POST", "/books/order", {"books": lines, "price": "160.05"})
    assert [(each["id"], each["qty"]) for each in answer.body["books"]] == [("book-1", 5), ("book-3", 1)]


@pytest.mark.parametrize("price", ["69.98", 69.98, "59.98", 59.980000000000004, "59.980000000000004", None])
def test_a_price_with_or_without_shipping_is_taken_to_the_cent(shop, price):
    answer = shop.request("POST", "/books/order", {"books": BOOKS, "price": price})
    assert (answer.status, answer.body["price"]) == (200, "69.98")


def test_another_price_is_told_and_nothing_is_ordered(shop):
    before = len(shop.bus.entries)
    answer = shop.request("POST", "/books/order", {**BASKET, "price": "59.97"})
    assert (answer.status, answer.body["type"]) == (409, "urn:orderwire:problem:total-changed")
    told = {key: answer.body[key] for key in ("expected_total", "items_total", "total")}
    assert told == {"expected_total": 59.97, "items_total": 59.98, "total": 69.98}
    assert len(shop.bus.entries) == before


def test_above_the_limit_shipping_is_free(shop):
    lines = [{"id": "book-2", "name": "Book 2", "qty": 4}, {"id": "book-3", "name": "Book 3", "qty": 1}]
    answer = shop.request("POST", "/books/order", {"books": lines, "price": "2000.10"})
    assert (answer.status, answer.body["price"]) == (200, "2000.10")


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"books": []}, "/books"),
        ({"books": "book-1"}, "/books"),
        ({"books": [{"id": "book-1"}]}, "/books/0/qty"),
        ({"books": [{"id": "book-1", "qty": 0}]}, "/books/0/qty"),
        ({"books": [{"id": "book-1", "qty": "two"}]}, "/books/0/qty"),
        ({"books": [{"id": "book-1", "qty": True}]}, "/books/0/qty"),
        ({"books": [{"id": "book-1", "qty": 1.5}]}, "/books/0/qty"),
        ({"books": [{"id": "book-1", "qty": 999}, {"id": "book-1", "qty": 1}]}, "/books/1/qty"),
        ({"books": [*BOOKS, {"id": "book-9", "qty": 1}]}, "/books/1/id"),
        ({"price": "lots"}, "/price"),
        ({"price": -1}, "/price"),
        ({"price": True}, "/price"),
    ],
)
def test_what_cannot_be_ordered_is_pointed_at_in_the_front_ends_words(shop, change, where):
    before = len(shop.bus.entries)
    answer = shop.request("POST", "/books/order", {**BASKET, **change})
    assert (answer.status, [error["pointer"] for error in answer.body["errors"]]) == (422, [where])
    assert len(shop.bus.entries) == before


def test_quantities_may_be_text_and_what_nobody_needs_is_ignored(shop):
    lines = [{"id": "book-1", "qty": "2", "author": "A. Writer", "price": "$1"}]
    assert shop.request("POST", "/books/order", {"books": lines, "price": "69.98", "note": ""}).status == 200


@pytest.mark.parametrize(("method", "path"), [("POST", "/books/order/handle"), ("DELETE", "/books/order")])
@pytest.mark.parametrize(
    ("body", "status"),
    [({"receiptHandle": "ord_9"}, 404), ({}, 422), ({"receiptHandle": "not one"}, 422), ([], 422), (b"", 400)],
)
def test_a_receipt_handle_of_no_order_is_refused(shop, method, path, body, status):
    assert shop.request(method, path, body).status == status


@pytest.mark.parametrize(
    "type_",
    [
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=UTF-8",
        "text/plain;charset=UTF-8",
        "application/octet-stream",
        "multipart/form-data; boundary=x",
        "nonsense",
        "",
        None,
    ],
)
def test_the_body_is_json_whatever_its_content_type_says(shop, type_):
    body = json.dumps(BASKET).encode()
    answer = shop.client.http.post("/books/order", body=body, headers={} if type_ is None else {"Content-Type": type_})
    assert (answer.status_code, answer.json_body["price"]) == (200, "69.98")


def test_a_body_that_api_gateway_took_for_binary_is_read(shop):
    headers = {"content-type": "application/octet-stream"}
    convert = shop.gateway().event_converter.create_lambda_event
    sent = convert("POST", "/books/order", headers, json.dumps(BASKET).encode())
    assert sent["isBase64Encoded"] is True
    assert shop.app(sent, None)["statusCode"] == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/books", None, 200),
        ("GET", "/books/order", None, 200),
        ("POST", "/books/order", BASKET, 200),
        ("POST", "/books/order", b"{", 400),
        ("POST", "/books/order", b"x" * 70_000, 413),
        ("POST", "/books/order", {}, 422),
        ("POST", "/books/order/handle", {"receiptHandle": "ord_9"}, 404),
        ("DELETE", "/books/order", {"receiptHandle": "ord_9"}, 404),
        ("PUT", "/books/order", {}, 405),
    ],
)
def test_pages_of_any_origin_may_read_every_answer(shop, method, path, body, status):
    answer = shop.request(method, path, body, headers={**FORM, "Origin": "https://books.example"})
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (status, "*")
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "X-Correlation-Id" in answer.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/books", {"GET"}),
        ("/books/order", {"GET", "POST", "DELETE"}),
        ("/books/order/handle", {"POST"}),
        ("/login", {"POST"}),
    ],
)
def test_a_preflight_is_answered(shop, path, methods):
    headers = shop.preflight(path)
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert set(headers["Access-Control-Allow-Methods"].split(",")) == {*methods, "OPTIONS"}
    assert {"Authorization", "Content-Type"} <= set(headers["Access-Control-Allow-Headers"].split(","))


def test_the_rest_of_the_api_is_for_pages_of_its_own_origin(shop):
    for path in ("/catalog", "/orders/ord_1", "/health"):
        assert "Access-Control-Allow-Origin" not in shop.get(path).headers
        assert "Access-Control-Allow-Origin" not in shop.preflight(path)
        assert "Access-Control-Allow-Origin" not in shop.request("PATCH", path).headers


def test_a_books_category_is_that_of_the_product(shop):
    shop.admin("PUT", "/catalog/book-3", {"name": "Book 3", "price": 0.1, "category": "Novels"})
    assert {book["id"]: book["category"] for book in shop.get("/books").body}["book-3"] == "Novels"


@pytest.mark.parametrize("stage", ["any", *STAGES])
def test_only_a_laptop_has_the_front_ends_login_which_knows_no_second_factor(stage):
    there = {route.path for route in routes(Edges(Settings(stage=stage, books="open")), admins=None)}
    assert ("/login" in there) == (stage == "local")
