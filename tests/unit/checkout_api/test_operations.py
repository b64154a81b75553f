"""For the admin page: the shop's figures, its queues, and the way back for dead letters."""

import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from threading import Thread
from types import SimpleNamespace

import pytest
from chalice.app import Chalice
from chalice.test import Client

from checkout_api.admin.figures import DAYS, HOURS
from checkout_api.admin.queues import NO_WAY_BACK
from checkout_api.redrive import MOVING_SECONDS
from checkout_api.registry import register
from consumers.analytics import AnalyticsConsumer
from consumers.registry import consumers
from edges.queues import oldest_seconds
from schemas.events import InventoryLowStock
from tests.support.checkout_api.api import bury, running_api
from tests.support.edges import NOON
from tests.support.events import created, delivery, event, one_of_each
from tests.support.services.sqs import Moves, WithoutMoves

CONSUMERS = ("orders", "payment")
FIGURES = {"orders", "revenue", "units", "average_basket", "refunds", "failures"}


@contextmanager
def shop(*events):
    """The API of a shop in which these events were counted."""
    with running_api(CONSUMERS) as api:
        AnalyticsConsumer(api.edges).handle_together([delivery(each) for each in events])
        yield api


def test_the_figures_are_those_of_the_last_hours_and_days_without_a_gap():
    earlier = event(created("ord_2", total=10), NOON - timedelta(days=3))
    with shop(*one_of_each("ord_1"), earlier) as api:
        answer = api.get("/metrics", admin=True)
    assert answer.status == 200
    hours, days, tops = answer.body["hours"], answer.body["days"], answer.body["top_products"]
    assert (len(hours), len(days)) == (HOURS, DAYS)
    assert hours[-1] == {
        "hour": "2026-11-20T12:00:00.000Z",
        "orders": 1,
        "revenue": 69.98,
        "units": 2,
        "average_basket": 69.98,
        "refunds": 1,
        "failures": 1,
    }
    assert (days[-1]["day"], days[-1]["orders"], days[-1]["revenue"]) == ("2026-11-20", 1, 69.98)
    assert (days[-4]["day"], days[-4]["orders"], days[-4]["average_basket"]) == ("2026-11-17", 1, 10)
    assert tops == [{"sku": "book-1", "name": "Middlemarch", "units": 2, "ordered": 59.98}]


def test_a_shop_without_orders_has_no_average_basket():
    with shop() as api:
        answer = api.get("/metrics", admin=True).body
    assert set(answer["hours"][0]) == FIGURES | {"hour"}
    assert {each["average_basket"] for each in answer["hours"]} == {None}
    assert answer["top_products"] == []


def test_the_latest_events_are_those_of_all_orders_newest_first():
    low = InventoryLowStock(order_id="ord_1", sku="book-1", on_hand=1, threshold=2)
    told = [event(low, NOON), event(created("ord_2"), NOON - timedelta(days=3)), event(created("ord_3"), test=True)]
    with shop(*told) as api:
        answer = api.get("/events", admin=True)
        assert api.get("/events").status == 401
    assert answer.body == [
        {
            "type": "inventory.low_stock",
            "at": "2026-11-20T12:00:00.000Z",
            "event_id": told[0].event_id,
            "order_id": "ord_1",
            "sku": "book-1",
        },
        {
            "type": "order.created",
            "at": "2026-11-17T12:00:00.000Z",
            "event_id": told[1].event_id,
            "order_id": "ord_2",
            "sku": None,
        },
    ]


def test_every_consumers_queue_is_shown_with_its_dead_letters():
    with shop() as api:
        bury(api.edges, "payment", "one", "two")
        url = api.edges.clients.sqs.get_queue_url(QueueName="orderwire-test-orders")["QueueUrl"]
        api.edges.clients.sqs.send_message(QueueUrl=url, MessageBody="waits")
        answer = api.get("/queues", admin=True)
    empty = {"in_flight": 0, "delayed": 0, "oldest_seconds": None, "oldest_dead_seconds": None, "redrivable": True}
    assert answer.body[:2] == [
        {"name": "orders", "waiting": 1, **empty, "dead": 0},
        {"name": "payment", "waiting": 0, **empty, "dead": 2},
    ]


def test_what_could_not_be_brought_to_people_is_shown_though_it_has_no_queue_to_go_back_to():
    with shop() as api:
        bury(api.edges, "subscriptions", "an alert")
        shown = api.get("/queues", admin=True).body[-1]
        answer = api.admin("POST", "/queues/subscriptions/redrive")
    assert (shown["name"], shown["dead"], shown["redrivable"]) == ("subscriptions", 1, False)
    assert {shown[each] for each in ("waiting", "in_flight", "delayed", "oldest_seconds")} == {None}
    assert (answer.status, answer.body["detail"]) == (404, NO_WAY_BACK)


def test_the_age_is_the_newest_that_cloudwatch_knows():
    asked = {}

    def get_metric_data(**query):
        asked.update(query)
        minutes = [NOON - timedelta(minutes=2), NOON, NOON - timedelta(minutes=1)]
        known = {"Id": "q0", "Timestamps": minutes, "Values": [300.0, 90.0, 30.0]}
        return {"MetricDataResults": [known, {"Id": "q1", "Timestamps": [], "Values": []}]}

    assert oldest_seconds(SimpleNamespace(get_metric_data=get_metric_data), ["a", "b"], NOON) == {"a": 90}
    assert {each["MetricStat"]["Metric"]["Dimensions"][0]["Value"] for each in asked["MetricDataQueries"]} == {"a", "b"}


def test_an_age_is_shown_only_of_a_queue_with_something_in_it():
    with shop() as api:
        ages = {"q0": 90.0, "q2": 7.0, "q3": 70_000.0, "q4": 3.0}
        results = [{"Id": id_, "Timestamps": [NOON], "Values": [age]} for id_, age in ages.items()]
        known = {"MetricDataResults": results}
        api.edges.clients.__dict__["cloudwatch"] = SimpleNamespace(get_metric_data=lambda **_: known)
        url = api.edges.clients.sqs.get_queue_url(QueueName="orderwire-test-payment")["QueueUrl"]
        api.edges.clients.sqs.send_message(QueueUrl=url, MessageBody="waits")
        bury(api.edges, "payment", "dead")
        answer = api.get("/queues", admin=True).body
    shown = {each["name"]: (each["oldest_seconds"], each["oldest_dead_seconds"]) for each in answer}
    assert shown == {"orders": (None, None), "payment": (7, 70_000), "subscriptions": (None, None)}


def bodies(api, name):
    sqs = api.edges.clients.sqs
    url = sqs.get_queue_url(QueueName=f"orderwire-test-{name}")["QueueUrl"]
    found = []
    while more := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found += [message["Body"] for message in more]
    return sorted(found)


def test_dead_letters_go_back_to_their_consumer():
    sent = [f"letter {number:02}" for number in range(12)]
    with shop() as api:
        bury(api.edges, "payment", *sent)
        bury(api.edges, "orders", "stays")
        answer = api.admin("POST", "/queues/payment/redrive", {})
        assert (answer.status, answer.body) == (200, {"moved": 12, "done": True})
        assert bodies(api, "payment") == sent
        assert bodies(api, "orders-dlq") == ["stays"]
        assert api.admin("POST", "/queues/payment/redrive").body == {"moved": 0, "done": True}


def elsewhere(do, **what):
    """Somebody else does it, and not the function that is running."""
    other = Thread(target=do, kwargs=what)
    other.start()
    other.join()


class Restless(WithoutMoves):
    """Each look takes a second, finds one message at most, and meanwhile another message dies."""

    def __init__(self, sqs, time):
        super().__init__(sqs)
        self._time = time

    def receive_message(self, **receive):
        self._time.advance(1)
        elsewhere(self._sqs.send_message, QueueUrl=receive["QueueUrl"], MessageBody="another")
        return self._sqs.receive_message(**{**receive, "MaxNumberOfMessages": 1})


def redriven_where_letters_keep_coming(*letters):
    with shop() as api:
        bury(api.edges, "payment", *letters)
        api.edges.clients.__dict__["sqs"] = Restless(api.edges.clients.sqs, api.time)
        return api.admin("POST", "/queues/payment/redrive").body


def test_letters_that_die_again_meanwhile_are_not_sent_round_and_round():
    assert redriven_where_letters_keep_coming("one", "two") == {"moved": 2, "done": True}


def test_many_letters_do_not_hold_the_request_for_ever():
    letters = [f"letter {number}" for number in range(int(MOVING_SECONDS) + 5)]
    assert redriven_where_letters_keep_coming(*letters) == {"moved": int(MOVING_SECONDS), "done": False}


def test_where_sqs_moves_letters_itself_the_answer_comes_at_once():
    with shop() as api:
        bury(api.edges, "payment", "one", "two")
        api.edges.clients.__dict__["sqs"] = moving = Moves(api.edges.clients.sqs, ["COMPLETED"])
        answer = api.admin("POST", "/queues/payment/redrive").body
    assert answer == {"moved": 2, "done": False}
    [task] = moving.started
    assert task["SourceArn"].endswith(":orderwire-test-payment-dlq")
    assert task["DestinationArn"].endswith(":orderwire-test-payment")


@pytest.mark.parametrize(
    ("looks", "refused"),
    [
        ([["RUNNING"]], ""),
        ([["COMPLETED"], ["RUNNING", "COMPLETED"]], "AWS.SimpleQueueService.UnsupportedOperation"),
        ([[], ["RUNNING"]], "InvalidParameterValue"),
    ],
)
def test_a_second_move_while_sqs_is_at_it_is_a_conflict_and_nothing_is_moved_twice(looks, refused):
    with shop() as api:
        bury(api.edges, "payment", "one", "two")
        api.edges.clients.__dict__["sqs"] = moving = Moves(api.edges.clients.sqs, *looks, code=refused)
        answer = api.admin("POST", "/queues/payment/redrive")
        assert (answer.status, answer.body["type"]) == (409, "urn:orderwire:problem:move-under-way")
        assert (moving.started, bodies(api, "payment"), bodies(api, "payment-dlq")) == ([], [], ["one", "two"])


def test_a_redrive_whose_function_fails_may_be_tried_again_and_says_nothing_of_why():
    with shop() as api:
        bury(api.edges, "payment", "one")
        api.edges.clients.functions.fail_with = RuntimeError("in the function's own log")
        answer = api.admin("POST", "/queues/payment/redrive")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert "own log" not in str(answer.body)


def test_where_there_is_no_lambda_the_api_does_it_in_its_own_process():
    with shop() as api:
        bury(api.edges, "payment", "one")
        del api.edges.clients.__dict__["functions"]
        app = Chalice(app_name="orderwire", configure_logs=False, env={})
        register(app, api.edges, keys=lambda url: api.keys, consumers=CONSUMERS)
        answer = replace(api, app=app, client=Client(app, project_dir="/nowhere")).admin(
            "POST", "/queues/payment/redrive"
        )
        assert (answer.status, answer.body) == (200, {"moved": 1, "done": True})
        assert bodies(api, "payment") == ["one"]


def test_a_queue_that_there_is_not_is_a_problem():
    with shop() as api:
        answer = api.admin("POST", "/queues/people/redrive")
    assert (answer.status, answer.body["type"]) == (404, "urn:orderwire:problem:unknown-queue")


def test_the_api_knows_the_consumers_names_without_importing_them():
    code = "import sys; from consumers.registry import names; print(*names()); print(*sys.modules)"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    known, loaded = (line.split() for line in printed.splitlines())
    assert known == [row.name for row in consumers()]
    assert not {f"consumers.{name.replace('-', '_')}" for name in known} & set(loaded)
