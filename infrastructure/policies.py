"""The IAM policy of each function, from its grants: what it may do, on which resource, and nothing else."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from consumers.registry import names
from edges.functions import Function
from edges.grants import ANYTHING, EACH_CONSUMER, Grant, OnlyIf
from edges.settings import Settings
from infrastructure.stages import Stage

GLOBAL = frozenset({"s3"})
"""Services whose ARNs name no region and no account."""

TRACE = Grant("xray", ("PutTelemetryRecords", "PutTraceSegments"), ANYTHING)
"""What Lambda does in the function's name where it is traced; AWS knows no narrower resource."""

Document = dict[str, Any]


def file_name(function: Function, stage: str) -> str:
    """The policy's file below `.chalice/`."""
    return f"policy-{stage}-{function.name}.json"


def leftovers(root: Path, files: Collection[str]) -> list[Path]:
    """Policy files below `root` that no function has."""
    return [path for path in root.glob(".chalice/policy-*.json") if f".chalice/{path.name}" not in files]


def policy(function: Function, stage: Stage) -> Document:
    """The policy document of a function in a stage. Region and account are `*`: the file is the same wherever the stage
    is deployed, and a role reaches no other account's resources unless that account lets it."""
    settings = Settings.from_environment(stage.environment)
    found = merged(filled_in(each, settings) for grant in grants(function, stage) for each in per_consumer(grant))
    return {"Version": "2012-10-17", "Statement": list(statements(found))}


def grants(function: Function, stage: Stage) -> list[Grant]:
    """As they are declared, and what Lambda needs to run the function."""
    return [*function.grants, own_log(function), *([TRACE] if stage.traced else [])]


def resources(function: Function, stage: Stage) -> Iterator[tuple[Grant, list[str]]]:
    """Each grant of a function, and the ARNs that it comes to in a stage."""
    settings = Settings.from_environment(stage.environment)
    for grant in grants(function, stage):
        yield grant, [arn(filled_in(each, settings)) for each in per_consumer(grant)]


def own_log(function: Function) -> Grant:
    """Writing to its own log group, which the stack creates."""
    group = f"log-group:/aws/lambda/{function.lambda_name('{stage}')}:*"
    return Grant("logs", ("CreateLogStream", "PutLogEvents"), group)


def per_consumer(grant: Grant) -> Iterator[Grant]:
    """A grant on something that each consumer has, once for each."""
    if EACH_CONSUMER not in grant.resource:
        yield grant
        return
    for consumer in names():
        yield replace(grant, resource=grant.resource.replace(EACH_CONSUMER, consumer))


def filled_in(grant: Grant, settings: Settings) -> Grant:
    """The grant with the stage's name, and with its settings where a condition names one."""
    known = settings.model_dump()
    only_if = tuple(
        replace(each, values=tuple(value.format_map(known) for value in each.values)) for each in grant.only_if
    )
    return replace(grant, resource=grant.resource.replace("{stage}", settings.stage), only_if=only_if)


def merged(grants: Iterable[Grant]) -> list[Grant]:
    """One grant per resource and condition, with the actions of all that name it."""
    actions: dict[tuple[str, str, tuple[OnlyIf, ...]], list[str]] = {}
    for grant in grants:
        actions.setdefault((grant.service, grant.resource, grant.only_if), []).extend(grant.actions)
    return [
        Grant(service, tuple(sorted(set(found))), resource, only_if)
        for (service, resource, only_if), found in actions.items()
    ]


def statements(grants: Iterable[Grant]) -> Iterator[Document]:
    """One statement for all resources on which the same may be done."""
    resources: dict[Grant, list[str]] = {}
    for grant in grants:
        resources.setdefault(replace(grant, resource=""), []).append(arn(grant))
    for may, found in resources.items():
        conditions = {"Condition": condition(may.only_if)} if may.only_if else {}
        yield {
            "Effect": "Allow",
            "Action": [f"{may.service}:{action}" for action in may.actions],
            "Resource": found,
            **conditions,
        }


def condition(only_if: Iterable[OnlyIf]) -> Document:
    """ForAllValues alone would hold for a request that says nothing under the key."""
    found: Document = {}
    for each in only_if:
        values = list(each.values) if len(each.values) > 1 else each.values[0]
        found.setdefault("ForAllValues:StringEquals" if each.each else "StringEquals", {})[each.key] = values
        if each.each:
            found.setdefault("Null", {})[each.key] = "false"
    return found


def arn(grant: Grant) -> str:
    if grant.resource == ANYTHING:
        return ANYTHING
    place = ":" if grant.service in GLOBAL else "*:*"
    return f"arn:aws:{grant.service}:{place}:{grant.resource}"
