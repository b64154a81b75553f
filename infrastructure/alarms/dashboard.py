"""One look at a stage: are orders flowing, where do they wait, what failed. A row for each question.

The widgets follow from the declarations as the alarms do, and read the same metrics. A dashboard's source is JSON that
CloudFormation takes as text; stage, region and account are filled into it.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from troposphere import Sub
from troposphere.cloudwatch import Dashboard

from consumers.declaration import Consumer
from edges.dead_letters import UNDELIVERED
from edges.functions import Function
from edges.metrics import ENTRIES_REFUSED, FAILURES, MAILS_REFUSED, ORDERED, ORDERS_PLACED, REFUNDS, REVENUE
from infrastructure.alarms.alarm import MINUTES_5, WATCHED, Alarm
from infrastructure.alarms.metrics import CONCURRENCY, Metric, of_api, of_function, of_queue, of_rule, own, throttles
from infrastructure.names import arn
from infrastructure.subscriptions.model import SubscriptionFile
from tables import declaration

COLUMNS, HEIGHT = 24, 6
"""A dashboard's width, and a row's height, in its own units."""

Widget = dict[str, Any]


@dataclass(frozen=True)
class Declared:
    """What the dashboard shows."""

    consumers: Sequence[Consumer]
    files: Sequence[SubscriptionFile]
    functions: Sequence[Function]
    tables: Sequence[declaration.Table]
    alarms: Sequence[Alarm]

    @property
    def rules(self) -> list[str]:
        return [row.name for row in self.consumers if not row.topic] + [file.name for file in self.files]


def dashboard(declared: Declared) -> Dashboard:
    return Dashboard(
        "Dashboard",
        Condition=WATCHED,
        DashboardName=Sub("orderwire-${Stage}"),
        DashboardBody=Sub(json.dumps({"start": "-PT6H", "widgets": widgets(declared)}, separators=(",", ":"))),
    )


def widgets(declared: Declared) -> list[Widget]:
    rows = (flowing, waiting, failed, answering, underneath)
    return [widget for number, row in enumerate(rows) for widget in placed(row(declared), number)]


def placed(row: Sequence[Widget], number: int) -> list[Widget]:
    """The widgets side by side."""
    width = COLUMNS // len(row)
    return [
        {**widget, "x": place * width, "y": number * HEIGHT, "width": width, "height": HEIGHT}
        for place, widget in enumerate(row)
    ]


def flowing(declared: Declared) -> list[Widget]:
    counts = (ORDERS_PLACED, FAILURES, REFUNDS, MAILS_REFUSED)
    return [
        graph(
            "Orders, failures, refunds, refused mails in five minutes", [own(each).on_dashboard() for each in counts]
        ),
        graph("Ordered and taken in five minutes", [own(each).on_dashboard() for each in (ORDERED, REVENUE)]),
        alarm_states(declared.alarms),
    ]


def waiting(declared: Declared) -> list[Widget]:
    """Lines at the objectives would hide all others under the longest, so the alarms keep them."""
    age, count = "ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"
    names = [row.name for row in declared.consumers]
    return [
        graph("Oldest message by queue, seconds", labelled(names, lambda queue: of_queue(age, queue))),
        graph("Messages that wait by queue", labelled(names, lambda queue: of_queue(count, queue))),
    ]


def failed(declared: Declared) -> list[Widget]:
    count, names = "ApproximateNumberOfMessagesVisible", [row.name for row in declared.consumers]
    letters = labelled(names, lambda queue: of_queue(count, f"{queue}-dlq"))
    undelivered = of_queue(count, UNDELIVERED).on_dashboard(label="subscriptions")
    failures = labelled(declared.rules, lambda rule: of_rule("FailedInvocations", rule))
    refused = own(ENTRIES_REFUSED).on_dashboard(label="refused by the bus")
    return [
        graph("Dead letters by consumer", [*letters, undelivered]),
        graph("Errors by function", by_function("Errors", declared.functions)),
        graph("Events that were not taken or not delivered, by rule", [*failures, refused]),
    ]


def answering(declared: Declared) -> list[Widget]:
    requests = [of_api("Count", "Sum"), of_api("4XXError", "Sum"), of_api("5XXError", "Sum")]
    latency = [of_api("Latency", percentile) for percentile in ("p50", "p99")]
    matched = labelled(declared.rules, lambda rule: of_rule("MatchedEvents", rule))
    return [
        graph("Requests and errors of the API", [each.on_dashboard() for each in requests]),
        graph("Latency of the API, ms", [each.on_dashboard(label=each.statistic) for each in latency]),
        graph("Events by rule", matched),
    ]


def underneath(declared: Declared) -> list[Widget]:
    throttled = [
        each.on_dashboard(label=label_of(table, each)) for table in declared.tables for each in throttles(table)
    ]
    return [
        graph("Throttled functions", by_function("Throttles", declared.functions)),
        graph("Executions at once, of all functions of the account", [CONCURRENCY.on_dashboard()]),
        graph("Throttled tables and indexes", throttled),
        graph("DynamoDB's own errors by table", [system_errors(declared.tables)]),
    ]


def label_of(table: declaration.Table, metric: Metric) -> str:
    """For example `orders by-time write`."""
    index = dict(metric.dimensions).get("GlobalSecondaryIndexName")
    return " ".join(filter(None, [table.name, index, metric.name.removesuffix("ThrottleEvents").lower()]))


def by_function(metric: str, functions: Iterable[Function]) -> list[Any]:
    return [of_function(metric, function).on_dashboard(label=function.name) for function in functions]


def labelled(names: Iterable[str], metric: Callable[[str], Metric]) -> list[Any]:
    return [metric(name).on_dashboard(label=name) for name in names]


def system_errors(tables: Iterable[declaration.Table]) -> list[Any]:
    """Sent for each operation of a table that met one. They raise no alarm: the SDK tries again, and what does not pass
    fails functions and requests, which do."""
    names = " OR ".join(f'"orderwire-${{Stage}}-{table.name}"' for table in tables)
    search = (
        f"SEARCH('{{AWS/DynamoDB,Operation,TableName}} MetricName=\"SystemErrors\" TableName=({names})', 'Sum', 300)"
    )
    return [{"expression": search, "id": "errors"}]


def graph(title: str, metrics: list[Any]) -> Widget:
    properties = {
        "title": title,
        "region": "${AWS::Region}",
        "view": "timeSeries",
        "period": MINUTES_5,
        "metrics": metrics,
        "yAxis": {"left": {"min": 0}},
    }
    return {"type": "metric", "properties": properties}


def alarm_states(alarms: Iterable[Alarm]) -> Widget:
    """Those that the stage certainly has, the raised ones first."""
    there = [
        arn("cloudwatch", f"alarm:orderwire-${{Stage}}-{each.name}") for each in alarms if each.condition == WATCHED
    ]
    properties = {
        "title": "Alarms: what to do is in docs/runbook.md",
        "alarms": [each.data["Fn::Sub"] for each in there],
        "sortBy": "stateUpdatedTimestamp",
        "states": ["ALARM", "INSUFFICIENT_DATA"],
    }
    return {"type": "alarm", "properties": properties}
