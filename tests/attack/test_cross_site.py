"""Pages of other sites, which a shopper's or an admin's browser shows: what they can have it send changes nothing."""

import json

import pytest

from checkout_api.http.browsers import is_json
from checkout_api.registry import routes
from tests.support.checkout_api.api import ORDER
from tests.support.checkout_api.served import served_api

JSON = {"Content-Type": "application/json"}
FORM = "application/x-www-form-urlencoded"
BASKET = {"books": [{"id": "book-1", "qty": 2}], "price": "69.98"}
SHOP = "https://books.example"

NOT_JSON = [
    "",
    "*/*",
    "application/*",
    "text/json",
    "application/jsonp",
    "application/json-patch+json",
    "application/problem+json",
    "text/plain",
    "text/plain;application/json",
    "text/plain; x=application/json",
    "text/plain, application/json",
    "application/json, text/plain",
    "application/json,application/json",
    "application/json; charset=utf-8, text/plain",
    "application/json;text/plain",
    'application/json; x="a,b"',
    "application/json; charset=utf-16",
    "application/json; charset=utf-7",
    "application/json; charset=utf-8; charset=utf-16",
    "application/json charset=utf-8",
    "application /json",
    FORM,
    "multipart/form-data; boundary=application/json",
]
IS_JSON = [
    "application/json",
    "Application/JSON",
    "application/json;charset=utf-8",
    'application/json ; Charset="UTF-8"',
    "application/json;charset=utf8",
    "application/json; profile=orders; charset=utf-8",
    "application/json;",
]


@pytest.fixture(scope="module")
def api():
    with served_api(books="open") as served:
        yield served


def changing(served):
    """Every route that changes something, as (method, path), but those that are for another origin."""
    declared = routes(served.api.edges, admins=None)
    for route in declared:
        if route.method != "GET" and not route.cross_origin:
            yield route.method, route.path.format(order_id="ord_1", sku="book-1", name="payment")


def leave_given(answer):
    """What a browser would take for leave to send a page's request."""
    return {"access-control-allow-origin", "access-control-allow-headers"} & {name.lower() for name in answer.headers}


def kind(answer):
    return answer.status, answer.body["type"].rpartition(":")[2]


@pytest.mark.parametrize("type_", NOT_JSON)
def test_a_body_of_another_type_is_refused_by_every_route(api, type_):
    sent = len(api.api.bus.events)
    paths = list(changing(api))
    assert len(paths) >= 10
    for method, path in paths:
        body = ORDER if path == "/orders" else {}
        answer = api.send(method, path, body, {"Content-Type": type_}, admin=True)
        assert kind(answer) == (415, "unsupported-media-type"), path
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert len(api.api.bus.events) == sent


def test_a_body_without_a_type_is_refused_by_every_route(api):
    for method, path in changing(api):
        assert kind(api.send(method, path, ORDER, admin=True)) == (415, "unsupported-media-type"), path


@pytest.mark.parametrize("type_", IS_JSON)
def test_json_may_have_parameters(api, type_):
    assert api.send("POST", "/orders", ORDER, {"Content-Type": type_}).status == 202


def test_a_form_without_a_field_decides_nothing(api):
    """What a form sends has a type even if it has no body."""
    for method, path in changing(api):
        assert api.send(method, path, b"", {"Content-Type": FORM}, admin=True).status == 415, path


def test_a_decision_that_gives_no_reason_needs_no_type(api):
    assert api.send("DELETE", "/orders/ord_1", admin=True).status == 404


def test_whoever_needs_no_body_needs_a_token(api):
    """A page can have a request without body and type sent and is not asked first; it has no token."""
    found = [(method, path, api.send(method, path).status) for method, path in changing(api)]
    assert {status for _, _, status in found} == {400, 401}
    assert [path for _, path, status in found if status == 400] == [
        "/orders",
        "/admin/login",
        "/admin/login/second-factor",
        "/admin/login/authenticator",
        "/admin/login/new-password",
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "latin-1"])
def test_json_is_in_utf_8_whatever_python_could_read(api, encoding):
    body = json.dumps({**ORDER, "customer_id": "ä"}, ensure_ascii=False).encode(encoding)
    assert kind(api.send("POST", "/orders", body, JSON)) == (400, "not-json")


def test_a_type_that_is_long_is_read_in_no_time():
    assert not is_json("application/json" + ";\t \t" * 20_000 + "x")
    assert not is_json("application/json; x=" + '"' * 60_000)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "Cross-Site", "cross-site, same-origin", "made-up"])
def test_what_a_browser_sends_for_another_site_is_refused_everywhere(api, site):
    sent = len(api.api.bus.events)
    told = {**JSON, "Sec-Fetch-Site": site}
    for method, path in changing(api):
        body = ORDER if path == "/orders" else {}
        assert kind(api.send(method, path, body, told, admin=True)) == (403, "cross-site"), path
    for path in ("/catalog", "/orders/ord_1", "/orders", "/health", "/metrics", "/openapi.json", "/", "/admin"):
        assert kind(api.send("GET", path, headers=told, admin=True)) == (403, "cross-site"), path
    assert len(api.api.bus.events) == sent


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_our_own_pages_and_what_a_person_enters_are_let_in(api, site):
    told = {**JSON, "Sec-Fetch-Site": site, "Origin": "http://127.0.0.1:8000"}
    assert api.send("POST", "/orders", ORDER, told).status == 202
    assert api.send("GET", "/catalog", headers=told).status == 200


def test_a_link_from_another_site_leads_to_the_shop_but_no_frame_does(api):
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    for path in ("/", "/admin"):
        assert api.send("GET", path, headers=link).status == 200
        for dest in ("iframe", "frame", "object", "embed", ""):
            assert api.send("GET", path, headers={**link, "Sec-Fetch-Dest": dest}).status == 403
    assert api.send("POST", "/orders", ORDER, {**JSON, **link}).status == 403


@pytest.mark.parametrize(
    "override",
    [
        {"X-HTTP-Method-Override": "DELETE"},
        {"X-HTTP-Method": "DELETE"},
        {"X-Method-Override": "DELETE"},
        {"_method": "DELETE"},
    ],
)
def test_the_method_is_the_requests_own(api, override):
    placed = api.send("POST", "/orders", ORDER, JSON)
    api.api.hears(*api.api.bus.events)
    path = f"/orders/{placed.body['order_id']}"
    assert api.send("GET", f"{path}?_method=DELETE", headers=override, admin=True).body["status"] == "pending"
    assert api.api.row(placed.body["order_id"]).status == "pending"


@pytest.mark.parametrize("path", ["/orders", "/admin/login", "/catalog/book-1", "/catalog/book-1/stock"])
@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PATCH"])
def test_what_no_route_has_is_done_by_none_and_no_preflight_is_answered(api, method, path):
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST", **JSON}
    answer = api.send(method, path, headers=asked)
    assert answer.status == (200 if method == "OPTIONS" else 405)  # Chalice's local server; API Gateway: 404
    assert not leave_given(answer)


def test_without_a_cors_origin_no_page_of_another_origin_has_the_book_store(api):
    sent = len(api.api.bus.events)
    asked = {"Origin": SHOP, "Access-Control-Request-Method": "POST"}
    assert not leave_given(api.send("OPTIONS", "/books/order", headers=asked))
    for told in ({"Sec-Fetch-Site": "cross-site", "Origin": SHOP}, {"Sec-Fetch-Site": "same-site"}, {"Origin": SHOP}):
        answer = api.send("POST", "/books/order", BASKET, {"Content-Type": "text/plain", **told})
        assert kind(answer) == (403, "cross-site")
        assert not leave_given(answer)
    assert len(api.api.bus.events) == sent
