"""A front end that knows the book store's routes and nothing else: over HTTP as a browser sends it, without a token."""

import json
from decimal import Decimal

import pytest
import urllib3

from tests.support.embedded import eventually

ORIGIN = "https://books.example"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def send(system):
    """(status, headers, decoded body) of a request as a page of another origin makes it."""
    http = urllib3.PoolManager(retries=False, timeout=600)

    def request(method, path, body=None, type_=FORM):
        headers = {"Origin": ORIGIN, "Content-Type": type_} if type_ else {"Origin": ORIGIN}
        content = None if body is None else json.dumps(body).encode()
        answer = http.request(method, system.api.url + path, body=content, headers=headers)
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        return answer.status, answer.headers, json.loads(answer.data) if answer.data else None

    return request


@pytest.fixture(scope="module")
def book(send):
    status, _, books = send("GET", "/books")
    assert status == 200
    fields = {"id", "name", "author", "price", "image", "description", "category", "comments"}
    assert all(set(each) == fields for each in books)
    return books[0]


def check_out(send, book, quantity=2, type_=FORM):
    """What a basket of one book is answered, shipping included in its price."""
    price = Decimal(str(book["price"])) * quantity + 10
    basket = {"books": [{"id": book["id"], "name": book["name"], "qty": quantity}], "price": f"{price:.2f}"}
    status, _, order = send("POST", "/books/order", basket, type_)
    assert status == 200
    assert (order["books"], order["price"]) == (basket["books"], basket["price"])
    return order


def listed(send, receipt):
    """The order in the front end's list as soon as it is there."""
    return eventually(
        lambda: next((each for each in send("GET", "/books/order")[2] if each["receiptHandle"] == receipt), None)
    )


def test_an_order_is_checked_out_listed_and_handled(send, book):
    receipt = check_out(send, book)["receiptHandle"]
    order = listed(send, receipt)
    assert (order["status"], order["receiptHandle"]) == ("Unprocessed", receipt)
    handled = {key: order[key] for key in ("id", "receiptHandle", "books", "price")}
    assert send("POST", "/books/order/handle", handled)[0] == 200
    assert eventually(lambda: listed(send, receipt)["status"] == "Processed")


def test_an_order_is_deleted(system, send, book):
    receipt = check_out(send, book)["receiptHandle"]
    assert listed(send, receipt)
    assert send("DELETE", "/books/order", {"receiptHandle": receipt})[0] == 200
    assert eventually(lambda: receipt not in {each["receiptHandle"] for each in send("GET", "/books/order")[2]})
    assert system.api.order(receipt).body["status"] == "cancelled"


def test_orders_of_the_front_end_are_paid_by_invoice(system, send, book):
    receipt = check_out(send, book)["receiptHandle"]
    assert listed(send, receipt)
    headers = {"Authorization": f"Bearer {system.token}"}
    record = system.api.request("GET", f"/orders/{receipt}/record", headers=headers).body
    assert (record["payment"]["status"], record["payment_method"]) == ("completed", "invoice")


@pytest.mark.parametrize(
    "type_", ["text/plain;charset=UTF-8", "application/json", "application/octet-stream", "multipart/form-data", None]
)
def test_a_basket_is_json_whatever_its_content_type_says(send, book, type_):
    check_out(send, book, 1, type_)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/books/order", {}, 422),
        ("POST", "/books/order", {"books": [{"id": "nothing", "qty": 1}], "price": "1.00"}, 422),
        ("POST", "/books/order/handle", {"receiptHandle": "ord_unknown"}, 404),
        ("DELETE", "/books/order", {"receiptHandle": "ord_unknown"}, 404),
    ],
)
def test_an_error_can_be_read_by_the_page(send, method, path, body, status):
    answered, headers, problem = send(method, path, body)
    assert (answered, headers["Content-Type"], problem["status"]) == (status, "application/problem+json", status)


@pytest.mark.parametrize(("path", "method"), [("/books/order", "DELETE"), ("/books/order/handle", "POST")])
def test_a_browser_may_ask_before_it_calls(system, path, method):
    asked = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "content-type",
    }
    answer = urllib3.request("OPTIONS", system.api.url + path, headers=asked, retries=False)
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (200, "*")
    assert method in answer.headers["Access-Control-Allow-Methods"].split(",")
    assert "content-type" in answer.headers["Access-Control-Allow-Headers"].lower().split(",")


def test_a_body_may_come_in_chunks_and_the_connection_serves_on(system, book):
    body = json.dumps({"books": [{"id": book["id"], "qty": 1}]}).encode()
    with urllib3.HTTPConnectionPool("127.0.0.1", urllib3.util.parse_url(system.api.url).port, maxsize=1) as pool:
        answers = [pool.request("POST", "/books/order", body=iter([body[:9], body[9:]])) for _ in range(2)]
        assert pool.num_connections == 1
    assert [(each.status, each.json()["books"][0]["qty"]) for each in answers] == [(200, 1), (200, 1)]
