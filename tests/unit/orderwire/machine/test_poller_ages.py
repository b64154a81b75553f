"""The ages of what waits in queues, put where the API looks for them."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from edges.queues import oldest_seconds
from orderwire.machine.pollers.ages import AgeReporter
from orderwire.operate.queues import EngineAges
from tests.support.edges import NOON, moto_edges


def reporter(cloudwatch, ages):
    return AgeReporter(cloudwatch, ["a", "b"], lambda _: ages, lambda _: None)


def test_the_api_finds_the_ages_that_are_reported():
    with moto_edges() as edges:
        cloudwatch = edges.clients.cloudwatch
        reporter(cloudwatch, {"a": 7}).report()
        assert oldest_seconds(cloudwatch, ["a", "b"], datetime.now(UTC) + timedelta(minutes=1)) == {"a": 7}


class FakeCloudWatch:
    def __init__(self):
        self.put = []

    def put_metric_data(self, Namespace, MetricData):  # noqa: N803  (boto3's names)
        self.put.append({(Namespace, each["Dimensions"][0]["Value"]): each["Value"] for each in MetricData})


def test_a_queue_that_has_become_empty_is_reported_once_more_and_an_empty_one_never():
    cloudwatch, ages = FakeCloudWatch(), {"a": 7}
    reports = reporter(cloudwatch, ages)
    reports.report()
    ages.clear()
    reports.report()
    reports.report()
    ages["b"] = 0
    reports.report()
    assert cloudwatch.put == [{("AWS/SQS", "a"): 7}, {("AWS/SQS", "a"): 0}, {("AWS/SQS", "b"): 0}]


def test_the_engines_oldest_message_makes_the_age():
    now = int(NOON.timestamp())
    queues = {
        "a": [{"SentTimestamp": now - 5}, {"SentTimestamp": now - 90}],
        "b": [],
        "c": [{"SentTimestamp": now + 1}],
    }
    ages = EngineAges(SimpleNamespace(queue=queues.get), lambda: NOON)
    assert ages(["a", "b", "c"]) == {"a": 90, "c": 0}
