"""A stage whose book-store front end is elsewhere: pages of other origins have no part in what that one may."""

import pytest

from tests.support.checkout_api.served import served_api

BASKET = {"books": [{"id": "book-1", "qty": 2}], "price": "69.98"}
SHOP = "https://books.example"


@pytest.fixture(scope="module")
def api():
    with served_api(books="open", cors_origin=SHOP) as served:
        yield served


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", SHOP + ".evil.example", SHOP + ":8443", "http://books.example"]
)
def test_the_book_store_is_for_pages_of_its_origin_also_where_no_preflight_asks(api, origin):
    sent = len(api.api.bus.events)
    for told in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {}):
        answer = api.send("POST", "/books/order", BASKET, {"Origin": origin, **told})
        assert (answer.status, answer.body["type"]) == (403, "urn:orderwire:problem:cross-site")
        assert answer.headers["Access-Control-Allow-Origin"] == SHOP
    assert len(api.api.bus.events) == sent


def test_pages_of_its_origin_order_with_whatever_type_they_send(api):
    for type_ in ("text/plain;charset=UTF-8", "application/json"):
        told = {"Origin": SHOP, "Sec-Fetch-Site": "cross-site", "Content-Type": type_}
        assert api.send("POST", "/books/order", BASKET, told).status == 200


def test_what_is_no_browser_says_no_origin_and_is_let_in(api):
    assert api.send("GET", "/books").status == 200
