"""The book-store routes: the same orders in the words of a front end that nobody can change."""

from decimal import Decimal
from hashlib import sha256
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest
from chalice.deploy.swagger import CFNSwaggerGenerator
from chalice.deploy.validate import validate_route_content_types, validate_routes

from consumers.orders import OrdersConsumer
from edges.settings import Settings
from schemas.events import InventoryReserved, ItemQuantity, PaymentCompleted
from tables.catalog import Catalog
from tests.support.checkout_api.api import ORDER, running_api
from tests.support.events import created, delivery, event
from tests.support.services.bus import REFUSED

BOOKS = [{"id": "book-1", "name": "Book 1", "qty": 2}]
BASKET = {"books": BOOKS, "price": "69.98"}


@pytest.fixture
def shop():
    """The API of stage `local`, where the front end may do everything."""
    with running_api(stage="local", books="open") as api:
        yield api


@pytest.fixture
def api():
    with running_api(books="open", cors_origin="*") as api:
        yield api


def settle(api, order_id):
    """What the other consumers do with an order that is in stock and paid."""
    items = [ItemQuantity(sku="book-1", quantity=2)]
    paid = PaymentCompleted(
        order_id=order_id, amount=Decimal("69.98"), currency="EUR", method="invoice", reference="inv-1"
    )
    api.hears(*api.bus.events, event(InventoryReserved(order_id=order_id, items=items)), event(paid))


def ordered(api, body=None):
    """The order_id of a basket that has been ordered and is confirmed."""
    order_id = api.request("POST", "/books/order", body or BASKET).body["receiptHandle"]
    settle(api, order_id)
    return order_id


def test_a_basket_is_an_order_on_account_of_the_stages_customer(shop):
    answer = shop.request("POST", "/books/order", BASKET)
    assert answer.status == 200
    (placed,) = [each.data for each in shop.bus.events]
    assert answer.body == {
        "id": placed.order_id,
        "receiptHandle": placed.order_id,
        "books": BOOKS,
        "price": "69.98",
        "status": "Unprocessed",
    }
    assert (placed.payment_token, placed.customer_id, placed.customer_email) == (
        "on_account",
        "bookstore",
        "accounts@orderwire.example",
    )
    assert (placed.total, placed.shipping) == (Decimal("69.98"), Decimal("10.00"))


def test_orders_are_listed_once_they_can_be_handled(shop):
    waiting = shop.request("POST", "/books/order", BASKET).body["receiptHandle"]
    assert shop.get("/books/order").body == []
    settle(shop, waiting)
    assert shop.get("/books/order").body == [
        {"id": waiting, "receiptHandle": waiting, "books": BOOKS, "price": "69.98", "status": "Unprocessed"}
    ]


def test_an_order_is_handled_by_its_receipt_handle(shop):
    ordered(shop)
    (listed,) = shop.get("/books/order").body
    answer = shop.request("POST", "/books/order/handle", {key: listed[key] for key in listed if key != "status"})
    assert (answer.status, answer.body) == (200, {**listed, "status": "Processed"})
    assert shop.get("/books/order").body == [{**listed, "status": "Processed"}]
    assert shop.bus.types == ["order.created", "order.processed"]


def test_what_can_be_handled_comes_before_what_was(shop):
    first = ordered(shop)
    shop.request("POST", "/books/order/handle", {"receiptHandle": first})
    shop.time.advance(-60)
    second = ordered(shop)
    assert [(each["id"], each["status"]) for each in shop.get("/books/order").body] == [
        (second, "Unprocessed"),
        (first, "Processed"),
    ]


def test_a_deleted_order_is_cancelled_and_listed_no_more(shop):
    order_id = ordered(shop)
    answer = shop.request("DELETE", "/books/order", {"receiptHandle": order_id})
    assert (answer.status, answer.body) == (200, {"receiptHandle": order_id})
    assert shop.get("/books/order").body == []
    assert shop.row(order_id).status == "cancelled"
    assert shop.bus.types[-1] == "order.cancelled"


def test_orders_of_the_shop_are_handled_here_too_but_not_those_that_only_test_it(shop):
    for order_id, metadata in (("ord_shop", {}), ("ord_smoke", {"test": True})):
        shop.hears(event(created(order_id), **metadata))
        settle(shop, order_id)
    assert [each["id"] for each in shop.get("/books/order").body] == ["ord_shop"]


def test_an_order_of_more_money_than_there_is_is_pointed_at_as_a_whole(shop):
    row = Catalog(shop.edges).get("book-1")
    Catalog(shop.edges).put(row.with_(price=Decimal("999999999.99")))
    answer = shop.request("POST", "/books/order", BASKET)
    assert (answer.status, [error["pointer"] for error in answer.body["errors"]]) == (422, ["/books"])


def test_an_order_that_was_handled_is_not_handled_again(shop):
    receipt = {"receiptHandle": ordered(shop)}
    answers = [shop.request("POST", "/books/order/handle", receipt) for _ in range(2)]
    assert [answer.status for answer in answers] == [200, 409]
    assert shop.bus.types == ["order.created", "order.processed"]


def test_an_order_that_the_bus_does_not_take_is_not_lost_silently(shop):
    shop.bus.outcomes = [REFUSED]
    answer = shop.request("POST", "/books/order", BASKET)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")


def test_a_page_that_sends_a_key_orders_once_and_can_take_that_of_a_refusal(shop):
    shop.bus.outcomes = [REFUSED]
    key = shop.request("POST", "/books/order", BASKET).body["idempotency_key"]
    again = [shop.request("POST", "/books/order", BASKET, headers={"Idempotency-Key": key}) for _ in range(2)]
    assert [answer.status for answer in again] == [200, 200]
    assert again[0].body == again[1].body
    assert len({entry["Detail"] for entry in shop.bus.entries}) == 1
    assert shop.request("POST", "/books/order", BASKET, headers={"Idempotency-Key": "a b"}).status == 400


def test_the_same_bytes_under_a_key_are_the_same_order_whatever_the_books_cost_by_then(shop):
    key = {"Idempotency-Key": "0f8fad5b-d9cb-469f-a165-70867728950e"}
    first = shop.request("POST", "/books/order", BASKET, headers=key)
    catalog = Catalog(shop.edges)
    catalog.put(catalog.get("book-1").with_(price=Decimal("1.00")))
    again = shop.request("POST", "/books/order", BASKET, headers=key)
    assert (again.status, again.body) == (200, first.body)
    other = shop.request("POST", "/books/order", {**BASKET, "price": "12.00"}, headers=key)
    assert (other.status, other.body) == (200, first.body)
    assert shop.request("POST", "/books/order", BASKET, headers={"Idempotency-Key": NONCE}).status == 409


NONCE = "3c2f9a61-7d1e-4b8a-9f00-5a6b7c8d9e0f"
OF_THE_TIME = "019ad7f0-6a40-7c3e-8b51-2f9d0e4c7a16"
SAME_FOR_ALL = {
    "a name": "order-of-2026-11-20-1",
    "a digit short": f"{NONCE[:-1]}-basket",
    "half of one": "0123456789abcdef",
    "nothing": str(UUID(int=0)),
    "one digit": "b" * 40,
    "a hash": sha256(b"book-1: 2").hexdigest(),
    "a hash with a random one's form within it": f"ab{NONCE.replace('-', '')}cd",
    "a hash as a UUID": str(uuid5(NAMESPACE_URL, "book-1: 2")),
    "time and machine": "7d444840-9dc0-11d1-b245-5ffdce74fad2",
}
"""Keys that somebody else may send as well."""


@pytest.mark.parametrize("key", SAME_FOR_ALL.values(), ids=SAME_FOR_ALL)
def test_a_key_that_somebody_else_could_send_too_is_refused_for_all_shoppers_are_one_customer(shop, key):
    answer = shop.request("POST", "/books/order", BASKET, headers={"Idempotency-Key": key})
    assert (answer.status, answer.body["type"]) == (400, "urn:orderwire:problem:bad-idempotency-key")
    assert shop.bus.entries == []


@pytest.mark.parametrize(
    "key", [NONCE, f"basket-1:{NONCE}", f"{NONCE}/1", NONCE.replace("-", ""), NONCE.upper(), OF_THE_TIME]
)
def test_a_key_with_the_shoppers_own_random_bits_in_it_finds_the_shoppers_order(shop, key):
    once, again = (shop.request("POST", "/books/order", BASKET, headers={"Idempotency-Key": key}) for _ in range(2))
    assert once.status == 200
    assert once.body == again.body


def test_a_stage_may_name_the_one_origin_whose_pages_may_call():
    with running_api(cors_origin="https://books.example", books="open") as api:
        for headers in (api.preflight("/books"), api.get("/books").headers):
            assert headers["Access-Control-Allow-Origin"] == "https://books.example"


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/books/order"), ("DELETE", "/books/order"), ("POST", "/books/order/handle")]
)
def test_in_every_other_stage_an_admins_token_is_asked_for_in_answers_that_a_page_can_read(api, method, path):
    receipt = {"receiptHandle": ordered(api)}
    for headers, status in (({}, 401), ({"Authorization": "Bearer a.b.c"}, 403), ({"Authorization": "Basic x"}, 403)):
        answer = api.request(method, path, receipt, headers=headers)
        assert (answer.status, answer.headers["Content-Type"]) == (status, "application/problem+json")
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert api.bus.types == ["order.created"]
    assert api.request(method, path, receipt, admin=True).status == 200


@pytest.mark.parametrize("path", ["/books", "/books/order", "/books/order/handle"])
def test_what_is_deployed_answers_preflights_and_passes_on_any_content_type_without_asking_who_it_is(api, path):
    validate_routes(api.app.routes)
    validate_route_content_types(api.app.routes, api.app.api.binary_types)
    deployed = CFNSwaggerGenerator().generate_swagger(api.app)["paths"][path]
    told = deployed.pop("options")["x-amazon-apigateway-integration"]["responses"]["default"]["responseParameters"]
    assert told["method.response.header.Access-Control-Allow-Origin"] == "'*'"
    for method in deployed.values():
        assert method["consumes"] == []
        assert "security" not in method
        assert method["x-amazon-apigateway-integration"]["passthroughBehavior"] == "when_no_match"


def test_without_the_keys_nobody_is_let_in_and_the_answer_says_when_to_come_again(api):
    api.keys.document = None
    answer = api.request("GET", "/books/order", admin=True)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")


def test_books_and_orders_on_account_are_for_everyone_where_the_book_store_is_open(api):
    assert api.get("/books").status == 200
    assert api.request("POST", "/books/order", BASKET).status == 200
    assert api.place({**ORDER, "payment_token": "on_account"}).status == 422


def test_without_a_word_of_the_stage_there_is_no_book_store_and_no_document_of_one():
    assert Settings(stage="prod").books == "off"
    with running_api() as api:
        assert {api.request("POST", "/books/order", BASKET).status, api.get("/books").status} == {
            403
        }  # 404 at API Gateway
        assert not [path for path in api.get("/openapi.json").body["paths"] if path.startswith("/books")]


def test_a_book_store_with_a_token_shows_its_books_and_takes_orders_from_admins_alone():
    with running_api(books="token") as api:
        assert api.get("/books").status == 200
        assert api.request("POST", "/books/order", BASKET).status == 401
        assert api.bus.entries == []
        assert api.request("POST", "/books/order", BASKET, admin=True).status == 200


def test_an_order_on_account_has_a_ceiling_and_the_basket_says_so(shop):
    for books in ([{"id": "book-2", "qty": 2}, {"id": "book-1", "qty": 1}], [{"id": "book-3", "qty": 51}]):
        answer = shop.request("POST", "/books/order", {"books": books})
        assert (answer.status, [error["pointer"] for error in answer.body["errors"]]) == (422, ["/books"])
    assert shop.bus.entries == []


@pytest.fixture
def careful():
    """A book store whose orders wait for somebody to look at them."""
    with running_api(stage="local", books="open", account_waits=True) as api:
        yield api


def test_where_the_stage_says_so_nobody_hears_of_an_order_on_account_before_it_is_accepted(careful):
    asked = [careful.request("POST", "/books/order", BASKET, headers={"Idempotency-Key": NONCE}) for _ in range(2)]
    order_id = asked[0].body["id"]
    assert asked[0].body == asked[1].body
    assert careful.bus.entries == []
    assert careful.get(f"/orders/{order_id}").body["status"] == "waiting"
    accepted = careful.admin("POST", f"/orders/{order_id}/accept")
    assert (accepted.status, accepted.body["status"]) == (200, "pending")
    assert careful.bus.types == ["order.created"]
    assert careful.admin("POST", f"/orders/{order_id}/accept").status == 409
    careful.request("POST", "/books/order", BASKET, headers={"Idempotency-Key": NONCE})
    settle(careful, order_id)
    assert careful.bus.types == ["order.created"]
    assert careful.row(order_id).status == "confirmed"
    assert careful.row(order_id).expires_at is None


def test_an_order_that_is_called_off_before_it_was_accepted_reserves_nothing_even_for_a_moment(careful):
    order_id = careful.request("POST", "/books/order", BASKET).body["id"]
    assert careful.admin("DELETE", f"/orders/{order_id}").body["status"] == "cancelled"
    assert careful.bus.types == ["order.cancelled"]
    assert careful.admin("POST", f"/orders/{order_id}/accept").status == 409


def test_the_front_end_lists_what_waits_and_handles_it_in_two_steps(careful):
    order_id = careful.request("POST", "/books/order", BASKET).body["id"]
    (listed,) = careful.get("/books/order").body
    assert (listed["id"], listed["status"]) == (order_id, "Unprocessed")
    handle = lambda: careful.request("POST", "/books/order/handle", {"receiptHandle": order_id})  # noqa: E731
    assert (handle().body["status"], careful.bus.types) == ("Unprocessed", ["order.created"])
    settle(careful, order_id)
    assert handle().body["status"] == "Processed"


def test_an_order_that_a_shopper_pays_for_waits_for_nobody(careful):
    assert careful.place().body["status"] == "placing"
    assert careful.bus.types == ["order.created"]


def test_the_log_says_which_order_was_handled_and_by_whom(api, caplog):
    order_id = ordered(api)
    api.request("POST", "/books/order/handle", {"receiptHandle": order_id}, admin=True)
    told = vars(caplog.records[-1])
    assert (told["order_id"], told["principal"]) == (order_id, "admin-1")


def test_a_redelivered_basket_changes_nothing(shop):
    order_id = ordered(shop)
    before = shop.row(order_id)
    OrdersConsumer(shop.edges)(delivery(shop.bus.events[0]))
    assert shop.row(order_id) == before
