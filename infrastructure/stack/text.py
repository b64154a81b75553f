"""A template as text: for people, and for CloudFormation."""

import json
from typing import Any

from cfn_flip import to_yaml
from troposphere import Template

FIRST = (
    "AWSTemplateFormatVersion",
    "Description",
    "Type",
    "Condition",
    "DependsOn",
    "DeletionPolicy",
    "UpdateReplacePolicy",
)
"""Keys that a reader wants before the others."""


def as_yaml(stack: Template) -> str:
    """For people: resources in the order of `resources`, each beginning with what it is."""
    document = stack.to_dict()
    ordered = {key: document[key] for key in sorted(document, key=rank)}
    ordered["Resources"] = {key: reordered(each) for key, each in document["Resources"].items()}
    return str(to_yaml(json.dumps(ordered), clean_up=True))


def as_body(stack: Template) -> str:
    """For CloudFormation, which takes 51,200 characters: JSON without white space."""
    return json.dumps(stack.to_dict(), separators=(",", ":"))


def reordered(resource: dict[str, Any]) -> dict[str, Any]:
    return {key: resource[key] for key in sorted(resource, key=rank)}


def rank(key: str) -> tuple[int, str]:
    """Sorts FIRST first, sections as CloudFormation's documentation has them, the rest by name."""
    order = (*FIRST, "Parameters", "Conditions", "Resources", "Outputs")
    return (order.index(key), "") if key in order else (len(order), key)
