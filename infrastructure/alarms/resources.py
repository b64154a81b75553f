"""Alarms as CloudFormation has them, and what a stage may say about them."""

from string import ascii_lowercase
from typing import Any

from troposphere import And, AWSHelperFn, Condition, Equals, Not, Parameter, Ref, Sub
from troposphere.cloudwatch import Alarm as CloudWatchAlarm
from troposphere.cloudwatch import Metric as CloudWatchMetric
from troposphere.cloudwatch import MetricDataQuery, MetricDimension, MetricStat

from infrastructure.alarms.alarm import DAY, MINUTES_5, MOST_CONCURRENCY, ORDERS_EXPECTED, QUIET, WATCHED, Alarm
from infrastructure.alarms.metrics import Metric
from infrastructure.names import name, title
from infrastructure.resources.topics import ALARM_TOPIC

RUNBOOK = "docs/runbook.md"


def parameters() -> list[Parameter]:
    return [
        Parameter(
            "Alarms", Type="String", AllowedValues=["yes", "no"], Default="yes", Description="yes watches the stage"
        ),
        Parameter(
            QUIET,
            Type="Number",
            Default=0,
            MinValue=0,
            MaxValue=DAY // MINUTES_5,
            Description="After how many times five minutes without an order somebody is told; 0 for never",
        ),
        Parameter(
            MOST_CONCURRENCY,
            Type="Number",
            Default=800,
            Description="How many of the account's concurrent executions may be taken before somebody is told",
        ),
    ]


def conditions() -> dict[str, AWSHelperFn]:
    """The emulator's CloudFormation has no alarms over several metrics, and nobody is on call for it."""
    return {
        WATCHED: And(Condition("OnAws"), Equals(Ref("Alarms"), "yes")),
        ORDERS_EXPECTED: And(Condition(WATCHED), Not(Equals(Ref(QUIET), 0))),
    }


def resource(alarm: Alarm, topic: Any = None) -> CloudWatchAlarm:
    """The alarm notifies `topic`, by default the stage's own for alarms."""
    told = topic or Ref(title(ALARM_TOPIC, "topic"))
    return CloudWatchAlarm(
        title(alarm.section, alarm.subject, "alarm"),
        Condition=alarm.condition,
        AlarmName=name(alarm.name),
        AlarmDescription=f"{alarm.says} {RUNBOOK}#{alarm.section}",
        ComparisonOperator="LessThanThreshold" if alarm.above is None else "GreaterThanThreshold",
        Threshold=alarm.below if alarm.above is None else or_parameter(alarm.above),
        EvaluationPeriods=or_parameter(alarm.periods),
        DatapointsToAlarm=or_parameter(alarm.breaches or alarm.periods),
        TreatMissingData="breaching" if alarm.silence_is_trouble else "notBreaching",
        AlarmActions=[told],
        OKActions=[told],
        **(watching_several(alarm) if alarm.math else watching_one(alarm.metrics[0], alarm.period)),
    )


def or_parameter(value: float | str) -> Any:
    return Ref(value) if isinstance(value, str) else value


def watching_one(metric: Metric, period: int) -> dict[str, Any]:
    """Of a percentile, periods with too few requests to be meaningful are ignored."""
    percentile = metric.statistic.startswith("p")
    statistic = {"ExtendedStatistic" if percentile else "Statistic": metric.statistic}
    return {
        "Namespace": metric.namespace,
        "MetricName": metric.name,
        "Dimensions": dimensions(metric),
        "Period": period,
        **statistic,
        **({"EvaluateLowSampleCountPercentile": "ignore"} if percentile else {}),
    }


def watching_several(alarm: Alarm) -> dict[str, Any]:
    read = [
        MetricDataQuery(
            Id=letter,
            ReturnData=False,
            MetricStat=MetricStat(
                Metric=CloudWatchMetric(
                    Namespace=metric.namespace, MetricName=metric.name, Dimensions=dimensions(metric)
                ),
                Period=alarm.period,
                Stat=metric.statistic,
            ),
        )
        for letter, metric in zip(ascii_lowercase, alarm.metrics, strict=False)
    ]
    return {"Metrics": [*read, MetricDataQuery(Id="watched", Expression=alarm.math, ReturnData=True)]}


def dimensions(metric: Metric) -> list[MetricDimension]:
    return [MetricDimension(Name=key, Value=Sub(value) if "${" in value else value) for key, value in metric.dimensions]
