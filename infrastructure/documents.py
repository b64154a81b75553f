"""What pages of docs/ say of the declarations. It stands between two marks, and `make render` writes it."""

import re
from collections.abc import Iterable
from importlib import import_module

from troposphere import Template

from consumers.declaration import Consumer
from consumers.registry import consumers
from edges import metrics
from infrastructure.stack.subscription import template as subscription
from infrastructure.stack.template import template
from infrastructure.subscriptions.files import load
from schemas.envelope import EventData

ARCHITECTURE = "docs/architecture.md"
PER_ALARM, PER_METRIC = 0.10, 0.30
"""US dollars a month: for each metric that an alarm reads, and for each metric of one's own."""


class NoSuchPart(ValueError):
    """The page does not have the marks of a part, once and in order."""


def with_part(page: str, name: str, part: str) -> str:
    """The page's text with `part`, Markdown, between its marks. Raises NoSuchPart."""
    first, last = f"<!-- {name}: written by `make render` -->", f"<!-- end of {name} -->"
    if page.count(first) != 1 or page.count(last) != 1 or page.index(first) > page.index(last):
        raise NoSuchPart(f"the page has not, once, the lines {first} and {last}")
    before, rest = page.split(first)
    return f"{before}{first}\n\n{part}\n\n{last}{rest.split(last)[1]}"


def architecture(page: str) -> str:
    """The page's text with the table of all consumers."""
    return with_part(page, "consumers", consumers_table())


def runbook(page: str) -> str:
    """The page's text with what the alarms cost, and each consumer's objective."""
    return with_part(with_part(page, "figures", alarm_figures()), "objectives", objectives())


def alarm_figures() -> str:
    """What stands in CloudWatch's bill for a watched stage."""
    stage = metrics_read(template())
    theirs = {len(metrics_read(subscription(file))) for file in load() if not file.topic} or {0}
    ours = sum(isinstance(each, metrics.OwnMetric) for each in vars(metrics).values())
    read = sum(stage)
    return (
        f"| | how many | a month |\n| --- | --- | --- |\n"
        f"| alarms of a watched stage | {len(stage)}, which read {read} metrics | ${read * PER_ALARM:.2f} |\n"
        f"| alarms of each subscription of another team | {max(theirs)} | |\n"
        f"| metrics of a stage's own, watched or not | {ours} | ${ours * PER_METRIC:.2f} if all were sent |"
    )


def metrics_read(stack: Template) -> list[int]:
    """For each alarm of a stack, how many metrics it reads."""
    found = [each["Properties"] for each in stack.to_dict()["Resources"].values()
             if each["Type"] == "AWS::CloudWatch::Alarm"]  # fmt: skip
    return [len(alarm["Metrics"]) - 1 if "Metrics" in alarm else 1 for alarm in found]


def objectives() -> str:
    rows = sorted(consumers(), key=lambda row: row.objective)
    lines = [f"| {row.name} | {spell(row.objective)} |" for row in rows]
    return "\n".join(["| consumer | objective |", "| --- | --- |", *lines])


def spell(seconds: int) -> str:
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds % length == 0:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def consumers_table() -> str:
    """A line of Markdown per consumer: what it is for, which events it hears, and which it publishes."""
    rows = [(row.name, purpose(row), heard(row), named(row.publishes)) for row in consumers()]
    head = ("consumer", "what it does", "hears", "publishes")
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows))


def purpose(consumer: Consumer) -> str:
    """What the first line of the consumer's module says after its name. Raises ValueError if it does not."""
    module = f"consumers.{consumer.name.replace('-', '_')}"
    said = re.match(rf"{consumer.name}: (.+)", import_module(module).__doc__ or "")
    if said is None:
        raise ValueError(f'{module} has to begin with a docstring such as """{consumer.name}: what it does."""')
    return said[1].rstrip(".")


def heard(consumer: Consumer) -> str:
    if consumer.topic:
        return f"what the topic {consumer.topic} posts"
    return "every event" if EventData in consumer.hears else named(consumer.hears)


def named(events: Iterable[type[EventData]]) -> str:
    return ", ".join(event.DETAIL_TYPE for event in events) or "-"
