"""Who would notice a smoke order and who has, where one gets stuck, and what becomes of it then."""

import json
import re
from dataclasses import replace
from functools import cache

import pytest

from consumers.declaration import Consumer
from consumers.registry import consumers
from infrastructure.stack.template import template
from infrastructure.stages import PROD
from orderwire.console.problem import Problem
from orderwire.release.deployed import Deployed
from orderwire.release.smoke.bystanders import life_of_an_order, rules_of, strangers, traces
from orderwire.release.smoke.smoke import (
    CONFIRMED,
    UNDONE,
    Smoke,
    Untried,
    address,
    api_of,
    require_alive,
    require_unheard,
)
from orderwire.release.smoke.stuck import stuck
from schemas.events import OrderCreated, OrderShipped, PaymentVoided
from schemas.parse import parse_entry
from tables.mails import MailRow, Mails
from tables.metrics import MetricRow, Metrics, guard_id
from tables.order_log import LogRow, OrderLog
from tables.payments import PaymentRow, Payments
from tables.stored_event import StoredEvent
from tests.support.edges import NOON, moto_edges
from tests.support.events import created, entry, event

PREFIX = "orderwire-prod-"
SAGA = {"orders", "payment", "inventory", "notification"}


@pytest.fixture
def edges():
    with moto_edges() as edges:
        yield edges


@cache
def template_rules():
    """The rules of stage prod's bus, as its template has them, in JSON."""
    resources = template().to_dict()["Resources"].values()
    rules = [each["Properties"] for each in resources if each["Type"] == "AWS::Events::Rule"]
    on_bus = {rule["Name"]["Fn::Sub"]: rule["EventPattern"] for rule in rules if "EventBusName" in rule}
    texts = {name: pattern.get("Fn::Sub", json.dumps(pattern)) for name, pattern in on_bus.items()}
    values = {"Stage": "prod", **PROD.parameters}
    return {filled(name, values): filled(text, values) for name, text in texts.items()}


def filled(text, values):
    return re.sub(r"\$\{(\w+)\}", lambda found: values[found[1]], text)


def deployed():
    return {name: json.loads(text) for name, text in template_rules().items()}


def test_what_is_asked_of_the_rules_is_each_event_that_a_smoke_order_leads_to():
    events = [parse_entry(each) for each in life_of_an_order()]
    assert {type(each.data) for each in events} == {*CONFIRMED, *UNDONE, PaymentVoided}
    assert all(each.metadata.test for each in events)


def test_only_the_saga_hears_a_smoke_order():
    assert len(deployed()) > 10
    assert strangers(deployed(), consumers(), PREFIX) == []
    assert set(strangers(deployed(), [], PREFIX)) == {PREFIX + name for name in SAGA}


@pytest.mark.parametrize("name", ["backup", "analytics", "admins-new-order", "fulfilment-orders"])
def test_a_rule_that_has_lost_what_keeps_smoke_orders_out_is_a_stranger(name):
    rules = deployed()
    del rules[PREFIX + name]["detail"]["metadata"]["test"]
    assert strangers(rules, consumers(), PREFIX) == [PREFIX + name]


@pytest.mark.parametrize(
    "pattern",
    [{"source": [{"prefix": ""}]}, {"detail": {"data": {"amount": [{"numeric": [">", 0]}]}}}, {"detail": {"x": "?"}}],
)
def test_a_rule_that_somebody_made_is_a_stranger_if_it_hears_the_order_or_cannot_be_read(pattern):
    assert strangers({"theirs": pattern}, consumers(), PREFIX) == ["theirs"]


def test_a_rule_that_hears_other_orders_is_none():
    shipped = {"detail-type": [OrderShipped.DETAIL_TYPE]}
    live = {"detail": {"metadata": {"test": [{"exists": False}]}}}
    assert strangers({"parcels": shipped, "live": live}, consumers(), PREFIX) == []


def test_a_queue_that_a_topic_feeds_has_no_rule_that_could_take_its_name():
    told = Consumer(name="told", hears=(OrderCreated,), topic="fulfilment")
    assert strangers({PREFIX + "told": told.pattern()}, [told], PREFIX) == [PREFIX + "told"]


def test_the_rules_are_those_of_the_stage_that_are_enabled(edges):
    for name, state in (("on", "ENABLED"), ("off", "DISABLED")):
        edges.clients.events.put_rule(
            Name=name, EventBusName=edges.settings.bus, EventPattern='{"source": ["a"]}', State=state
        )
    edges.clients.events.put_rule(Name="nightly", ScheduleExpression="rate(1 day)")
    assert rules_of(edges) == {"on": {"source": ["a"]}}
    require_unheard(edges)
    edges.clients.events.put_rule(
        Name="nosy", EventBusName=edges.settings.bus, EventPattern='{"detail-type": ["order.created"]}'
    )
    with pytest.raises(Untried, match=r"these rules would hear it: nosy\. .*\"exists\": false"):
        require_unheard(edges)


def test_whoever_noticed_a_smoke_order_is_named(edges):
    placed = event(created("ord_smoke"), test=True)
    Payments(edges).put(PaymentRow(order_id="ord_smoke", test=True))
    assert list(traces(edges, "ord_smoke", [placed.event_id])) == []
    Mails(edges).put(MailRow(order_id="ord_smoke"))
    Metrics(edges).put(MetricRow(id=guard_id(placed.event_id)))
    OrderLog(edges).put(
        LogRow(id=placed.event_id, order_id="ord_smoke", posted="", posted_at=NOON, sns_id="", message="",
               event=StoredEvent.of(placed))
    )  # fmt: skip
    assert list(traces(edges, "ord_smoke", [placed.event_id])) == [
        "notification keeps mails for it",
        "the in-house team was told of it",
        "analytics has counted it",
    ]


@pytest.mark.parametrize("rows", [[], [PaymentRow(order_id="ord_smoke")]])
def test_an_order_that_payment_took_for_a_real_one_is_not_unnoticed(edges, rows):
    for row in rows:
        Payments(edges).put(row)
    assert list(traces(edges, "ord_smoke", [])) == ["payment took it for a real order"]


@pytest.fixture
def queues(edges):
    """name -> URL of every consumer's queue and dead-letter queue."""
    names = [name for row in consumers() for name in (row.name, row.dead_letters)]
    create = edges.clients.sqs.create_queue
    return {name: create(QueueName=edges.settings.name(name))["QueueUrl"] for name in names}


def test_where_an_order_got_stuck_is_told_with_queue_and_dead_letter(edges, queues):
    send = edges.clients.sqs.send_message
    send(QueueUrl=queues["inventory"], MessageBody="waits")
    for order_id in ("ord_smoke", "ord_other"):
        reasons = {
            name: {"DataType": "String", "StringValue": text}
            for name, text in (("reason", "hopeless"), ("error", f"no stock row for {order_id}"))
        }
        body = json.dumps(entry(event(created(order_id))))
        send(QueueUrl=queues["inventory-dlq"], MessageBody=body, MessageAttributes=reasons)
    assert stuck(edges, "ord_smoke", "confirmed", 60, ["inventory.reserved"]) == (
        "ord_smoke is not confirmed after 60 s: there is no inventory.reserved. "
        "orders: 0 waiting, 0 in flight, 0 delayed. "
        "inventory: 1 waiting, 0 in flight, 0 delayed; dead letter: hopeless, no stock row for ord_smoke."
    )


def test_an_order_that_only_the_table_lags_behind_points_at_who_writes_it(edges, queues):
    assert stuck(edges, "ord_smoke", "cancelled", 9.5, []) == (
        "ord_smoke is not cancelled after 9.5 s. orders: 0 waiting, 0 in flight, 0 delayed."
    )


def test_a_queue_that_cannot_be_looked_at_hides_neither_where_the_order_is_nor_the_others(edges, queues):
    edges.clients.sqs.delete_queue(QueueUrl=queues["inventory-dlq"])
    told = stuck(edges, "ord_smoke", "confirmed", 60, ["inventory.reserved"])
    assert told.startswith("ord_smoke is not confirmed after 60 s: there is no inventory.reserved. ")
    assert "orders: 0 waiting, 0 in flight, 0 delayed." in told
    assert "inventory: its queues could not be looked at: An error occurred" in told


class Shop:
    """An API that answers what it is told, and remembers what it was asked."""

    url = "https://shop.example"

    def __init__(self, **answers):
        self.asked, self._answers = [], answers

    def request(self, method, path, body=None, headers=None):
        self.asked.append((method, path))
        return self._answers[method](path)

    def place(self, order, headers):
        return self.request("POST", "/orders", order, headers)

    def decide(self, order_id, action, reason):
        assert (action, bool(reason)) == ("cancel", True)
        return self.request("DELETE", f"/orders/{order_id}")

    def order(self, order_id):
        return self.request("GET", f"/orders/{order_id}")

    def timeline(self, order_id):
        return self.request("GET", f"/orders/{order_id}/timeline")


class Said:
    def __init__(self, body=None, status=200):
        self.body, self.status, self.ok = body, status, status < 300

    def require_ok(self):
        if not self.ok:
            raise Problem(f"The API answered {self.status}")
        return self.body


def test_an_api_that_does_not_come_up_is_told_with_its_last_answer():
    with pytest.raises(Problem, match=r"does not come up: https://shop\.example/health answers 500"):
        require_alive(Shop(GET=lambda path: Said(status=500)), 0)


def shop(**changes):
    placed = {"POST": lambda path: Said({"order_id": "ord_smoke"}), "PUT": lambda path: Said({"in_stock": 50})}
    return Shop(**{**placed, "DELETE": lambda path: Said(), **changes})


def fails(path):
    raise Problem("The API is gone.")


def interrupted(path):
    raise KeyboardInterrupt


@pytest.mark.parametrize(("went", "ended"), [(fails, Problem), (interrupted, KeyboardInterrupt)])
def test_whatever_goes_wrong_the_order_is_called_off(edges, went, ended):
    api = shop(GET=went)
    with pytest.raises(ended):
        Smoke(edges, api, lambda line: None, 0).run()
    assert ("DELETE", "/orders/ord_smoke") in api.asked


@pytest.mark.parametrize(
    "odd",
    [
        {"POST": lambda path: Said("<html>")},
        {"POST": lambda path: Said({})},
        {"PUT": lambda path: Said()},
        {"GET": lambda path: Said([])},
    ],
)
def test_an_answer_that_makes_no_sense_is_a_fault_of_what_was_released(edges, odd):
    with pytest.raises(Problem, match="answers are not those that were asked for"):
        Smoke(edges, shop(**odd), lambda line: None, 0).run()


def test_an_order_that_cannot_be_called_off_is_told_as_well(edges):
    api = shop(GET=fails, DELETE=lambda path: Said(status=409))
    with pytest.raises(Problem, match=r"The API is gone\. The order could not be cancelled: The API answered 409"):
        Smoke(edges, api, print, 0).run()


def test_there_is_enough_to_order_and_no_more_is_made_up_then(edges):
    restocked = {}
    for copies in (9, 10):
        api = shop(GET=fails, PUT=lambda path, copies=copies: Said({"in_stock": copies}))
        with pytest.raises(Problem):
            Smoke(edges, api, print, 0).run()
        restocked[copies] = ("POST", "/catalog/orderwire-smoke/stock") in api.asked
    assert restocked == {9: True, 10: False}


def test_an_api_answers_under_its_own_name_in_aws_and_at_the_endpoint_in_the_embedded_aws():
    found = Deployed(region="eu-central-1", functions=(), api="a1b2")
    assert address(found, PROD, "https://apigateway") == "https://a1b2.execute-api.eu-central-1.amazonaws.com/api"
    local = replace(PROD, emulated=True)
    assert address(found, local, "http://127.0.0.1:4566") == "http://127.0.0.1:4566/restapis/a1b2/api/_user_request_"


def test_a_stage_without_an_api_is_a_problem_that_says_what_to_do(edges):
    session = edges.clients._session
    with pytest.raises(Problem, match="orderwire deploy prod"):
        api_of(session.client, PROD)
