"""Our own CloudWatch metrics: each is declared here, and written as a line of the log in the embedded metric format."""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

NAMESPACE = "Orderwire"
SERVICE, STAGE = "service", "stage"
"""The dimensions that each of them has."""


@dataclass(frozen=True)
class OwnMetric:
    """`service` says which part of the code counts it."""

    name: str
    service: str
    unit: MetricUnit = MetricUnit.Count


ORDERS_PLACED = OwnMetric("OrdersPlaced", "analytics")
UNITS_ORDERED = OwnMetric("UnitsOrdered", "analytics")
REFUNDS = OwnMetric("Refunds", "analytics")
FAILURES = OwnMetric("Failures", "analytics")
ORDERED = OwnMetric("Ordered", "analytics", MetricUnit.NoUnit)
REVENUE = OwnMetric("Revenue", "analytics", MetricUnit.NoUnit)

MAILS_REFUSED = OwnMetric("MailsRefused", "notification")
"""Mails that SES does not send to their recipients."""
ENTRIES_REFUSED = OwnMetric("EntriesRefused", "publisher")
"""Events that PutEvents did not take in the time there was. AWS's own PutEventsFailedEntriesCount has no dimensions: it
counts every bus of the account together, and entries that were taken a moment later."""


def write_metrics(values: Mapping[OwnMetric, float], stage: str) -> None:
    """One line of the log for each service among them."""
    for service in dict.fromkeys(metric.service for metric in values):
        line = EphemeralMetrics(namespace=NAMESPACE, service=service)
        line.add_dimension(STAGE, stage)
        for metric, value in values.items():
            if metric.service == service:
                line.add_metric(metric.name, metric.unit, value)
        line.flush_metrics()
