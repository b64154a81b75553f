"""The catalog: what is for sale, for how much, and how many there are."""

import pytest

from tables.catalog import Catalog
from tables.stock import Stock
from tests.support.checkout_api.api import running_api

BOOK = {"name": "Middlemarch", "author": "George Eliot", "price": 12.5}


@pytest.fixture
def api():
    with running_api() as api:
        yield api


def test_the_catalog_is_by_name_with_prices_and_the_copies_on_hand(api):
    Stock(api.edges).restock("book-2", -10)
    assert (
        api.admin(
            "PUT", "/catalog/a-1", {**BOOK, "image": "/a.png", "description": "Long", "category": "Novels"}
        ).status
        == 200
    )
    products = api.get("/catalog").body
    assert [(product["name"], product["in_stock"]) for product in products] == [
        ("Book 1", 10),
        ("Book 2", 0),
        ("Book 3", 10),
        ("Middlemarch", 0),
    ]
    assert products[-1] == {
        "sku": "a-1",
        "name": "Middlemarch",
        "author": "George Eliot",
        "price": 12.5,
        "in_stock": 0,
        "image": "/a.png",
        "description": "Long",
        "category": "Novels",
    }


def test_a_product_is_replaced_as_a_whole_but_for_its_stock_and_threshold(api):
    api.admin("PUT", "/catalog/book-1", {**BOOK, "threshold": 3, "description": "Long"})
    answer = api.admin("PUT", "/catalog/book-1", {"name": "Middlemarch", "price": 13})
    assert answer.body == {
        "sku": "book-1",
        "name": "Middlemarch",
        "author": "",
        "price": 13.0,
        "in_stock": 10,
        "image": "",
        "description": "",
        "category": "",
        "threshold": 3,
    }
    stock = Stock(api.edges).get("book-1")
    assert (stock.on_hand, stock.threshold) == (10, 3)


def test_the_next_order_pays_the_new_price(api):
    api.admin("PUT", "/catalog/book-1", {**BOOK, "price": 1})
    assert api.place().body["total"] == 12.0


def test_a_sku_may_come_encoded_in_the_path(api):
    assert api.admin("PUT", "/catalog/978%2D1%2E2", BOOK).body["sku"] == "978-1.2"


@pytest.mark.parametrize("sku", ["a%20b", "a%2Fb", "%C3%A4", "x" * 41, "%2E%2E", "%2E", "-_-"])
def test_a_sku_that_cannot_be_one_is_refused(api, sku):
    for method, path, body in (("PUT", sku, BOOK), ("POST", f"{sku}/stock", {"delta": 1})):
        answer = api.admin(method, f"/catalog/{path}", body)
        assert (answer.status, answer.body["errors"][0]["parameter"]) == (422, "sku")


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"price": None}, "/price"),
        ({"price": "12.50"}, "/price"),
        ({"price": -1}, "/price"),
        ({"price": 1.999}, "/price"),
        ({"name": ""}, "/name"),
        ({"name": "  "}, "/name"),
        ({"name": "\u200b\u2060\ufeff"}, "/name"),
        ({"name": "Two\n9 x Lines"}, "/name"),
        ({"name": "Nul\x00"}, "/name"),
        ({"author": "\x1b[31mRed"}, "/author"),
        ({"category": "Two\u2028Lines"}, "/category"),
        ({"name": "\u3164"}, "/name"),
        ({"name": "\u0301"}, "/name"),
        ({"name": "\n\t"}, "/name"),
        ({"author": " "}, "/author"),
        ({"description": "\u00a0\u00ad"}, "/description"),
        ({"threshold": -1}, "/threshold"),
        ({"threshold": 1.5}, "/threshold"),
        ({"image": "javascript:alert(1)"}, "/image"),
        ({"image": "https://shop.example/a b.png"}, "/image"),
        ({"description": "d" * 4001}, "/description"),
        ({"category": "c" * 101}, "/category"),
        ({"stock": 5}, "/stock"),
    ],
)
def test_a_product_with_a_wrong_field_is_refused_and_changes_nothing(api, change, where):
    before = Catalog(api.edges).get("book-1")
    answer = api.admin("PUT", "/catalog/book-1", {**BOOK, **change})
    assert (answer.status, [error["pointer"] for error in answer.body["errors"]]) == (422, [where])
    assert Catalog(api.edges).get("book-1") == before


@pytest.mark.parametrize("image", ["", "/images/a.png", "https://shop.example/a.png", "http://shop.example/a.png"])
def test_an_image_is_an_address_or_left_out(api, image):
    assert api.admin("PUT", "/catalog/book-1", {**BOOK, "image": image}).body["image"] == image


def test_copies_come_and_go(api):
    assert api.admin("POST", "/catalog/book-1/stock", {"delta": 5}).body == {
        "sku": "book-1",
        "in_stock": 15,
        "reserved": 0,
        "shipped": 0,
    }
    assert api.admin("POST", "/catalog/book-1/stock", {"delta": -15}).body["in_stock"] == 0


def test_copies_that_are_not_there_cannot_be_taken_away(api):
    answer = api.admin("POST", "/catalog/book-1/stock", {"delta": -11})
    assert (answer.status, answer.body["in_stock"]) == (409, 10)
    assert Stock(api.edges).get("book-1").on_hand == 10


def test_what_is_not_in_the_catalog_cannot_be_stocked(api):
    assert api.admin("POST", "/catalog/book-9/stock", {"delta": 1}).status == 404
    assert Stock(api.edges).get("book-9") is None


@pytest.mark.parametrize("body", [{}, {"delta": "1"}, {"delta": 1.5}, {"delta": 1_000_001}, {"delta": 1, "sku": "b"}])
def test_a_delta_is_a_whole_number_and_all_there_is(api, body):
    assert api.admin("POST", "/catalog/book-1/stock", body).status == 422


def test_a_price_that_the_shops_currency_does_not_have_is_refused():
    with running_api(currency="ISK") as api:
        answer = api.admin("PUT", "/catalog/book-1", {**BOOK, "price": 14.50})
        assert (answer.status, answer.body["errors"][0]["pointer"]) == (422, "/price")
        assert api.admin("PUT", "/catalog/book-1", {**BOOK, "price": 1450}).status == 200
