"""Routes and queue depths as the commands tell them."""

import dataclasses
from datetime import timedelta

from consumers.declaration import Consumer
from consumers.registry import consumers
from infrastructure.subscriptions.files import load
from orderwire.operate.queues import CloudWatchAges, queue_rows
from orderwire.operate.routes import routes
from schemas.envelope import REGISTRY
from schemas.events import OrderCreated
from tests.support.edges import NOON, moto_edges


def test_every_event_has_a_route_and_every_consumer_is_on_one():
    found = routes(consumers())
    assert [each.event for each in found] == [contract.DETAIL_TYPE for contract in REGISTRY.values()]
    heard = {name for each in found for name in each.heard_by}
    assert heard == {each.name for each in consumers()}


def test_an_event_that_no_consumer_publishes_comes_from_the_api():
    published = {each.event: each.published_by for each in routes(consumers())}
    assert published["order.created"] == ("api",)
    assert published["payment.completed"] == ("payment",)


def test_people_and_other_teams_are_told_of_the_events_that_their_files_name():
    told = {each.event: each.told for each in routes(consumers(), load())}
    assert told["inventory.low_stock"] == ("admins-low-stock (shop admins)",)
    assert "loyalty-orders (loyalty programme)" in told["order.created"]
    assert told["order.processed"] == ()


def test_what_a_consumer_does_not_hear_of_an_event_is_told():
    picky = Consumer(
        name="big",
        hears=(OrderCreated,),
        where={"data": {"total": [{"numeric": [">=", 100]}]}, "metadata": {"test": [{"exists": False}]}},
        hears_replays=False,
    )
    deaf = Consumer(name="deaf", hears=(OrderCreated,), hears_replays=False)
    alike = dataclasses.replace(deaf, name="alike")
    (route,) = [each for each in routes([picky, deaf, alike]) if each.heard_by]
    assert route.heard_by == ("big", "deaf", "alike")
    where = '{"data": {"total": [{"numeric": [">=", 100]}]}}'
    assert route.left_out == (f"big: no smoke orders; only where {where}; no replays", "deaf, alike: no replays")


def test_messages_that_wait_are_told_from_those_in_flight_and_delayed_and_dead():
    with moto_edges() as edges:
        sqs = edges.clients.sqs
        urls = {name: sqs.create_queue(QueueName=edges.settings.name(name))["QueueUrl"] for name in ("a", "a-dlq")}
        for delay in (0, 0, 0, 60):
            sqs.send_message(QueueUrl=urls["a"], MessageBody="x", DelaySeconds=delay)
        sqs.receive_message(QueueUrl=urls["a"])
        sqs.send_message(QueueUrl=urls["a-dlq"], MessageBody="x")
        ages = {edges.settings.name("a"): 7, edges.settings.name("a-dlq"): 9}
        (depth,) = queue_rows(sqs, edges.settings, ["a"], lambda _: ages, lambda name: name == "a")
    assert dataclasses.asdict(depth) == {
        "consumer": "a",
        "waiting": 2,
        "in_flight": 1,
        "delayed": 1,
        "oldest_seconds": 7,
        "dead": 1,
        "oldest_dead_seconds": 9,
        "paused": True,
    }


def test_an_empty_queue_has_no_oldest_message():
    with moto_edges() as edges:
        for name in ("a", "a-dlq"):
            edges.clients.sqs.create_queue(QueueName=edges.settings.name(name))
        (depth,) = queue_rows(
            edges.clients.sqs, edges.settings, ["a"], lambda queues: dict.fromkeys(queues, 99), lambda _: False
        )
    assert (depth.oldest_seconds, depth.oldest_dead_seconds) == (None, None)


class FakeCloudWatch:
    def __init__(self, *points):
        self.points, self.asked = points, None

    def get_metric_data(self, **asked):
        [query] = asked["MetricDataQueries"]
        self.asked = query["MetricStat"]["Metric"]
        times, values = zip(*self.points, strict=True) if self.points else ((), ())
        return {"MetricDataResults": [{"Id": query["Id"], "Timestamps": times, "Values": values}]}


def test_in_aws_the_age_is_the_last_one_that_cloudwatch_knows():
    client = FakeCloudWatch((NOON, 30.0), (NOON - timedelta(minutes=1), 300.0))
    assert CloudWatchAges(client, lambda: NOON)(["orderwire-dev-a"]) == {"orderwire-dev-a": 30}
    assert client.asked["Dimensions"] == [{"Name": "QueueName", "Value": "orderwire-dev-a"}]
    assert CloudWatchAges(FakeCloudWatch(), lambda: NOON)(["orderwire-dev-a"]) == {}
