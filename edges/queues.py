"""How full queues are, as SQS tells it, and how old what waits in them is, as CloudWatch does."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed")

NAMESPACE = "AWS/SQS"
"""Where SQS puts its metrics."""

MOST_QUERIES = 500
"""Metrics of one request."""


Ages = Callable[[Sequence[str]], Mapping[str, int]]
"""Full names of queues -> seconds since their oldest message was sent. A queue that is empty, or of which nothing is
known, is left out."""


@dataclass(frozen=True)
class Depth:
    """The messages of one queue: how many wait, are being handled, and are delayed, and the age of the oldest in
    seconds, None if there is none, or nothing is known of it, or nobody asked."""

    waiting: int
    in_flight: int
    delayed: int
    oldest_seconds: int | None = None

    @property
    def total(self) -> int:
        return self.waiting + self.in_flight + self.delayed


def depth(sqs: Any, queue: str, ages: Mapping[str, int] | None = None) -> Depth:
    """Of the queue of this full name. An age that is still told of a queue that has become empty is left out."""
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(COUNTS))["Attributes"]
    waiting, in_flight, delayed = (int(found[name]) for name in COUNTS)
    oldest = (ages or {}).get(queue) if waiting or in_flight or delayed else None
    return Depth(waiting, in_flight, delayed, oldest)


def depths(sqs: Any, queues: Iterable[str], ages: Ages) -> dict[str, Depth]:
    """Full name -> depth, with ages."""
    names = list(queues)
    known = ages(names)
    return {name: depth(sqs, name, known) for name in names}


def oldest_seconds(cloudwatch: Any, queues: Sequence[str], now: datetime) -> dict[str, int]:
    """Queue -> age of its oldest message, as it was up to five minutes ago; queues of which nothing is known are left
    out. SQS itself does not tell ages."""
    answer = cloudwatch.get_metric_data(
        MetricDataQueries=[age_query(number, queue) for number, queue in enumerate(queues[:MOST_QUERIES])],
        StartTime=now - timedelta(minutes=10),
        EndTime=now,
    )
    newest = {
        result["Id"]: max(zip(result["Timestamps"], result["Values"], strict=True))[1]
        for result in answer["MetricDataResults"]
        if result["Values"]
    }
    return {queue: int(newest[f"q{number}"]) for number, queue in enumerate(queues) if f"q{number}" in newest}


def age_query(number: int, queue: str) -> dict[str, Any]:
    metric = {"Namespace": NAMESPACE, **age_metric(queue)}
    return {"Id": f"q{number}", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Maximum"}}


def age_metric(queue: str) -> dict[str, Any]:
    return {"MetricName": "ApproximateAgeOfOldestMessage", "Dimensions": [{"Name": "QueueName", "Value": queue}]}
