"""How full queues are, as SQS tells it, and how old what waits in them is, as CloudWatch does."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed")

NAMESPACE = "AWS/SQS"
"""Where SQS puts its metrics."""

MOST_QUERIES = 500
"""Metrics of one request."""


def counts(sqs: Any, queue: str) -> tuple[int, int, int]:
    """Messages that wait, that are being handled, and that are delayed."""
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(COUNTS))["Attributes"]
    waiting, in_flight, delayed = (int(found[name]) for name in COUNTS)
    return waiting, in_flight, delayed


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
