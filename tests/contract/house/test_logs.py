"""What every function logs, read from the first line to the last: who it is about, and nothing that is personal.

The sample orders go through the API and all consumers, and with them everything that can go wrong: requests and events
that break their contract, cards and mails that are refused, a bus that takes nothing, exceptions that repeat what they
were given.
"""

import json
import logging

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from checkout_api.sweep import SweepIncomplete, sweep_outboxes
from consumers.registry import consumers
from consumers.runner.errors import Hopeless, TryLater
from edges.log import logger
from infrastructure.render import ROOT
from infrastructure.resources.access_log import FORMAT
from orderwire.workplace.samples import load_catalog, load_orders
from schemas.events import InventoryLowStock, OrderCancelled, OrderCreated, OrderProcessed, OrderRefunded, OrderShipped
from schemas.personal import personal_fields, personal_values
from tables.orders import Orders
from tests.support.checkout_api.api import running_api
from tests.support.checkout_api.tokens import token
from tests.support.events import created, entry, event
from tests.support.services.bus import REFUSED
from tests.support.whole_shop import GOOD_ALL_DAY, WholeShop, everything_logged

SAMPLES = load_orders(ROOT / "samples/orders.jsonl")
PRODUCTS = load_catalog(ROOT / "samples/catalog.csv")
CONSUMERS = tuple(consumers())
PERSONAL = sorted(personal_fields(OrderCreated))
ROUTES = {
    "cancel": ("DELETE", ""),
    "process": ("POST", "/process"),
    "ship": ("POST", "/ship"),
    "refund": ("POST", "/refund"),
}
PASSWORD, SIGNATURE = "Correct-horse-7", "c2lnbmF0dXJl"

REASON = "Ada Lovelace of 12 St James's Square rang"

ORDER_IDS = ("order_id", "event_id", "correlation_id")


def secrets():
    """Every personal value and token that goes in."""
    bodies = [body for line in SAMPLES for body in (line.order, line.other_order) if body]
    found = {str(body[name]) for body in bodies for name in PERSONAL if isinstance(body.get(name), str)}
    return {value for value in found if value} | {
        *token().split("."),
        *token(**GOOD_ALL_DAY).split("."),
        PASSWORD,
        SIGNATURE,
        REASON,
        "admin-name",
        "sub-77",
    }


SECRETS = secrets()


def found_in(text):
    """Which of the secrets are in a text."""
    return sorted(value for value in SECRETS if value in text)


def lines(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def shops_day(shop):
    """All sample orders, each with what its line says is done with it."""
    accepted = []
    for number, line in enumerate(SAMPLES):
        path = {"X-Correlation-Id": f"visit-{number}", "Idempotency-Key": line.key}
        answer = shop.request("POST", "/orders", line.order, **path)
        accepted += [(line, answer.json_body["order_id"])] if answer.status_code == 202 else []
    shop.settle()
    for line, order_id in accepted:
        for step in line.steps:
            if step.action in ROUTES:
                method, end = ROUTES[step.action]
                said = {"reason": REASON} if step.action in ("cancel", "refund") else b""
                shop.request(method, f"/orders/{order_id}{end}", said, admin=True)
        shop.settle()
    return accepted


def bad_requests(shop):
    """Personal values wherever a client can put them."""
    for line in SAMPLES[:40]:
        email, customer = (str(line.order.get(name)) for name in ("customer_email", "customer_id"))
        shop.request("POST", "/orders", {**line.order, "customer_email": f"{email}@", "total": "1"})
        shop.request("POST", "/orders", json.dumps(line.order).encode()[:-9])
        shop.request("POST", "/orders", line.order, **{"Idempotency-Key": f"{email} {customer}"})
        shop.request("GET", f"/orders/{email}?customer={customer}", b"", **{"X-Correlation-Id": f"for {email}"})
        shop.request("GET", f"/orders?cursor={email}", b"", admin=True)
        shop.request("DELETE", "/books/order", {"receiptHandle": email})
        shop.request("POST", f"/orders/{line.order.get('payment_token')}/ship", b"", admin=True)
    shop.dynamodb.echoes = True
    for line in SAMPLES[:10]:
        shop.request("POST", "/orders", line.order)
    shop.dynamodb.echoes = False
    shop.request("POST", "/admin/login", {"username": "admin-name", "password": PASSWORD})
    head, body, _ = token().split(".")
    for bad in (f"Bearer {head}.{body}.{SIGNATURE}", "Bearer tok_stolen", PASSWORD):
        shop.request("GET", "/metrics", b"", Authorization=bad)


def broken(data):
    """order.created with personal values that break its contract."""
    document = entry(event(data))
    document["detail"]["data"] |= {"customer_email": f"{data.customer_email}@", "customer_id": "ä" + data.customer_id}
    return json.dumps(document)


def exceptions(values):
    """What a handler may raise, each repeating what it was given."""
    text = " ".join(["given:", *values])
    yield from (
        TryLater(text),
        Hopeless(text),
        ValueError(text),
        KeyError(text),
        UnicodeDecodeError("utf-8", b"x", 0, 1, text),
    )
    yield ClientError({"Error": {"Code": "ValidationException", "Message": text}}, "PutItem")
    yield ParamValidationError(report=f"Invalid type for parameter Item.x, value: {text} sub-77")


def bad_messages(shop):
    """For each consumer events that break their contract, text that is no event, and every kind of exception."""
    orders = [data for data in placed(shop) if data.customer_id][:3]
    for consumer in CONSUMERS:
        shop.deliver(consumer, [*map(broken, orders), "no event", json.dumps({"detail": orders[0].customer_email})])
        if consumer.topic:
            continue  # what it hears has nothing personal in it
        for data in orders:
            for told in (event(data), event(OrderCancelled(order_id=data.order_id, reason=REASON))):
                for error in exceptions(personal_values(told)):
                    shop.deliver(consumer, [json.dumps(entry(told))], raising(error))


def raising(error):
    def handler(delivery):
        raise error

    return handler


def placed(shop):
    return [each.data for each in shop.bus.events if isinstance(each.data, OrderCreated)]


def refused_by_the_bus(shop):
    """An order and a decision that the bus does not take, and a consumer's event."""
    line = next(line for line in SAMPLES if line.expect == "confirmed")
    shop.bus.outcomes = [REFUSED] * 3
    shop.request("POST", "/orders", line.order, **{"Idempotency-Key": "while-the-bus-is-out"})
    shop.deliver(
        next(row for row in CONSUMERS if row.name == "payment"),
        [json.dumps(entry(event(placed(shop)[0].model_copy(update={"order_id": "ord_unheard"}))))],
    )
    order_id = shop.request("POST", "/orders", line.order, **{"Idempotency-Key": "in-after-the-outage"}).json_body[
        "order_id"
    ]
    shop.bus.outcomes = [REFUSED]
    shop.request("DELETE", f"/orders/{order_id}", {"reason": line.order["customer_email"]}, admin=True)


@pytest.fixture(scope="module")
def day():
    """(all that was logged, the shop) after everything that can happen."""
    with everything_logged() as told:
        shop = WholeShop(PRODUCTS, ses_refuses=["orderwire-test-shipped"])
        shops_day(shop)
        bad_requests(shop)
        bad_messages(shop)
        refused_by_the_bus(shop)
        shop.settle()
        yield told.getvalue() + shop.raised.getvalue(), shop


def test_nothing_personal_and_no_token_is_in_any_line(day):
    told, _ = day
    assert len(SECRETS) > 200
    assert found_in(told) == []


def test_all_of_it_was_read(day):
    told, shop = day
    said = {(line["service"], line["message"]) for line in lines(told)}
    for consumer in CONSUMERS:
        assert {(consumer.name, "handled"), (consumer.name, "dead-lettered")} <= said
    assert {("payment", "failed"), ("api_handler", "done"), ("api_handler", "refused")} <= said
    assert {("api_handler", "unavailable"), ("api_handler", "failed"), ("admin_authorizer", "refused")} <= said
    reasons = {line["reason"] for line in lines(told) if line["message"] == "dead-lettered"}
    assert reasons == {"invalid", "hopeless", "exhausted"}
    assert len(placed(shop)) > 150
    decided = {OrderProcessed, OrderShipped, OrderCancelled, OrderRefunded}
    assert {*decided, InventoryLowStock} <= {type(each.data) for each in shop.bus.events}
    assert "BatchIncomplete" in told


@pytest.mark.parametrize("field", PERSONAL)
def test_a_line_with_something_personal_would_be_found(field):
    order = event(created(**{field: str(SAMPLES[1].order[field])}))
    with everything_logged() as told:
        logger("payment").info("as nobody should", extra={"given": order.to_json()})
        logging.getLogger("somebody.else").warning(order.to_json())
    first, second = told.getvalue().splitlines()
    assert str(SAMPLES[1].order[field]) in found_in(first)
    assert str(SAMPLES[1].order[field]) in found_in(second)


def test_every_line_of_a_consumer_names_order_event_and_request(day):
    told, _ = day
    of_consumers = [line for line in lines(told) if line["service"] in {row.name for row in CONSUMERS}]
    readable = [line for line in of_consumers if line.get("reason") != "invalid"]
    assert len(readable) > 1000
    assert [line for line in readable if not all(line.get(name) for name in ORDER_IDS)] == []
    assert all("order_id" in line for line in of_consumers if line["message"] == "handled")


def test_what_broke_its_contract_is_named_as_far_as_it_can_be_read(day):
    invalid = [line for line in lines(day[0]) if line.get("reason") == "invalid"]
    assert {tuple(name for name in ORDER_IDS if name in line) for line in invalid} == {ORDER_IDS, ()}


def test_every_change_to_an_order_names_order_event_and_request_and_every_line_its_request(day):
    told, _ = day
    of_api = [line for line in lines(told) if line["service"] == "api_handler"]
    assert [line for line in of_api if not (line.get("request_id") and line.get("correlation_id"))] == []
    changes = [line for line in of_api if line["message"] in ("done", "unavailable") and "/login" not in line["route"]]
    assert len(changes) > 150
    assert [line for line in changes if not all(line.get(name) for name in ORDER_IDS)] == []
    assert {line["message"] for line in changes} == {"done", "unavailable"}


def test_the_line_of_an_order_leads_to_the_lines_of_its_event(day):
    told, _ = day
    [line] = [
        line for line in lines(told) if line.get("correlation_id") == "visit-1" and line["service"] == "api_handler"
    ]
    heard = {each["service"] for each in lines(told) if each.get("event_id") == line["event_id"]}
    assert heard == {"api_handler", *(row.name for row in CONSUMERS)}


def test_the_sweep_names_the_order_the_decision_and_the_request():
    with everything_logged() as told, running_api() as api:
        order_id = api.place().body["order_id"]
        api.hears(*api.bus.events)
        for reason in ("first", "second"):
            api.bus.outcomes = [REFUSED]
            api.admin("DELETE", f"/orders/{order_id}", {"reason": reason})
        api.time.advance(60)
        api.bus.outcomes = [REFUSED]
        with pytest.raises(SweepIncomplete):
            sweep_outboxes(api.edges)
        sweep_outboxes(api.edges)
        decision = Orders(api.edges).get(order_id)
    swept = [line for line in lines(told.getvalue()) if line["service"] == "sweep"]
    assert [line["message"] for line in swept] == ["not delivered", "delivered"]
    assert decision is not None
    cancelled = next(key for key, fact in decision.timeline.items() if fact.type == "order.cancelled")
    assert [{key: line[key] for key in ("order_id", "event_id")} for line in swept] == [
        {"order_id": order_id, "event_id": cancelled}
    ] * 2
    assert all(line["correlation_id"] for line in swept)
    assert "ada@example.com" not in told.getvalue()


def test_the_functions_own_level_leaves_the_libraries_as_they_are():
    """botocore's DEBUG lines hold whole requests."""
    with everything_logged():
        assert {
            logging.getLogger(name).getEffectiveLevel() for name in ("botocore", "boto3", "urllib3", "chalice")
        } <= {logging.WARNING}


def test_the_access_log_has_nothing_of_the_client_but_what_it_asked_for():
    asked = set(json.loads(FORMAT).values())
    told = {"requestId", "requestTime", "xrayTraceId", "httpMethod", "resourcePath", "status", "error.responseType"}
    told |= {"authorizer.principalId", "responseLatency", "integrationLatency", "responseLength"}
    assert asked == {f"$context.{name}" for name in told}
