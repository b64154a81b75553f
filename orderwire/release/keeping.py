"""What of a stage's stack stays when the stage is torn down: what holds data, what that needs, and what guards it."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from infrastructure.holdings import held_by
from orderwire.console.problem import Problem

Resources = Mapping[str, Mapping[str, Any]]

EVERYTHING = "all"
"""Stands for every name."""

GUARDS = frozenset({"AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy"})
"""Policies that stay with the resource they guard: access to what is kept must not become wider."""

COSTS = {
    "AWS::DynamoDB::Table": "0.25 dollars per GB and month, 0.20 more for point-in-time recovery",
    "AWS::Events::Archive": "0.10 dollars per GB, once, and 0.023 per GB and month",
    "AWS::KMS::Key": "1 dollar a month",
    "AWS::Logs::LogGroup": "0.03 dollars per GB and month, until its lines expire",
    "AWS::S3::Bucket": "0.023 dollars per GB and month",
    "AWS::SecretsManager::Secret": "0.40 dollars a month",
}
"""List prices in us-east-1, 2026. What is not here costs nothing while nobody uses it."""


def deletable(resources: Resources) -> list[str]:
    """The names that a teardown may be told to delete with their data."""
    return sorted(name for name, each in resources.items() if held_by(each["Type"]))


def named(resources: Resources, names: Collection[str]) -> frozenset[str]:
    """The logical ids that `names` stand for. Raises Problem if one stands for none."""
    known = deletable(resources)
    if EVERYTHING in names:
        return frozenset(known)
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise Problem(
            f"Nothing that holds data is called {', '.join(unknown)}. There are: {', '.join(known)}, and all."
        )
    return frozenset(names)


def kept(resources: Resources, deleted: Collection[str]) -> frozenset[str]:
    """The logical ids that stay if those of `deleted` go. Raises Problem if one that stays needs one that goes."""
    found: set[str] = set()
    waiting = [name for name in deletable(resources) if name not in deleted]
    while waiting:
        name = waiting.pop()
        found.add(name)
        needs = set(references(resources[name], resources))
        if lost := needs & set(deleted):
            raise Problem(
                f"{name} stays and needs {', '.join(sorted(lost))}: name {name} too, or not {'/'.join(sorted(lost))}."
            )
        waiting += needs - found
    guards = (name for name, each in resources.items() if each["Type"] in GUARDS)
    return frozenset(found | {name for name in guards if set(references(resources[name], resources)) <= found})


def references(value: Any, resources: Resources) -> Iterator[str]:
    """The logical ids that a resource, or a part of one, refers to or depends on."""
    return (name for name in mentions(value) if name in resources)


def mentions(value: Any) -> Iterator[str]:
    match value:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), *_]}:
            yield name
        case {"Fn::Sub": str(text)} | {"Fn::Sub": [str(text), _]}:
            yield from re.findall(r"\$\{(\w+)[.}]", text)
    match value:
        case dict():
            needed = value.get("DependsOn", [])
            yield from [needed] if isinstance(needed, str) else needed
            yield from (name for each in value.values() for name in mentions(each))
        case list():
            yield from (name for each in value for name in mentions(each))


def costs(resources: Resources, names: Collection[str]) -> list[str]:
    """A line per type of what stays, with what keeping it costs."""
    types: dict[str, list[str]] = {}
    for name in sorted(names):
        if held_by(resources[name]["Type"]):
            types.setdefault(resources[name]["Type"], []).append(name)
    return [
        f"{type_}: {', '.join(found)} ({COSTS.get(type_, 'costs nothing')})" for type_, found in sorted(types.items())
    ]
