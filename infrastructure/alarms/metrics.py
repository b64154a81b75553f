"""The CloudWatch metrics of what the stack and Chalice make: which there are, under which dimensions.

Names are AWS's own, as its services' documentation has them; a dimension's value may hold `${Stage}`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from edges.functions import Function
from edges.metrics import NAMESPACE, SERVICE, STAGE, OwnMetric
from infrastructure.names import API_STAGE
from tables.declaration import Index, Table

BUS = "orders-${Stage}"


@dataclass(frozen=True)
class Metric:
    """`statistic` is that of a period: Sum, Maximum, Average, or a percentile such as p99."""

    namespace: str
    name: str
    statistic: str
    dimensions: tuple[tuple[str, str], ...] = ()

    def on_dashboard(self, **options: Any) -> list[Any]:
        """As a widget's source has it."""
        flat = [part for dimension in self.dimensions for part in dimension]
        return [self.namespace, self.name, *flat, {"stat": self.statistic, **options}]


def own(metric: OwnMetric) -> Metric:
    """Its datapoints are counts or amounts of a batch; only their sum means anything."""
    return Metric(NAMESPACE, metric.name, "Sum", ((SERVICE, metric.service), (STAGE, "${Stage}")))


def of_queue(name: str, queue: str) -> Metric:
    """SQS tells these once a minute, while a queue has been used in the last six hours."""
    return Metric("AWS/SQS", name, "Maximum", (("QueueName", f"orderwire-${{Stage}}-{queue}"),))


def of_rule(name: str, rule: str) -> Metric:
    """With the rule's name alone it would be one of the default bus. EventBridge sends no zeros."""
    return Metric("AWS/Events", name, "Sum", (("EventBusName", BUS), ("RuleName", f"orderwire-${{Stage}}-{rule}")))


def of_topic(name: str, topic: str) -> Metric:
    return Metric("AWS/SNS", name, "Sum", (("TopicName", f"orderwire-${{Stage}}-{topic}"),))


def of_function(name: str, function: Function) -> Metric:
    """Sent when the function is invoked, zeros included."""
    return Metric("AWS/Lambda", name, "Sum", (("FunctionName", function.lambda_name("${Stage}")),))


def of_api(name: str, statistic: str) -> Metric:
    """Chalice names the API as app.py names the app, with the stage in it: metrics of two stages in an account would
    be the same ones otherwise."""
    return Metric("AWS/ApiGateway", name, statistic, (("ApiName", "orderwire-${Stage}-api"), ("Stage", API_STAGE)))


def throttles(table: Table) -> Iterator[Metric]:
    """What DynamoDB held back of a table and of each of its indexes: the table's own metrics leave theirs out, and an
    index that takes no more writes holds back those of its table."""
    for index in (None, *table.indexes):
        yield of_table("ReadThrottleEvents", table, index)
        yield of_table("WriteThrottleEvents", table, index)


def of_table(name: str, table: Table, index: Index | None = None) -> Metric:
    named = (("TableName", f"orderwire-${{Stage}}-{table.name}"),)
    return Metric("AWS/DynamoDB", name, "Sum", (*named, ("GlobalSecondaryIndexName", index.name)) if index else named)


CONCURRENCY = Metric("AWS/Lambda", "ClaimedAccountConcurrency", "Maximum")
"""Of all functions of the account in this region, whoever's they are: so is the limit."""
