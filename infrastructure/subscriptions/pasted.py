"""Knows what people have at hand and paste in place of a file of subscriptions/: a pattern as AWS's console shows it, a
rule of a CloudFormation template, what `aws events describe-rule` prints. Pure."""

from collections.abc import Iterator
from typing import Any

from schemas.parse import json_pointer

OF_AN_EVENT = frozenset({
    "source", "detail-type", "detail", "resources", "account", "region", "time", "id", "replay-name", "$or",
})  # fmt: skip
OF_A_FILE = frozenset({"team", "contact", "description", "pattern", "target"})
SAM = frozenset({"EventBridgeRule", "CloudWatchEvent"})
"""Types of an event in AWS SAM, whose pattern is called just that."""
PATTERNS = frozenset({"EventPattern", "eventPattern", "event_pattern"})
"""What CloudFormation, the CDK and Terraform call a rule's pattern."""
DEEPEST = 12


def pasted(document: dict[str, Any]) -> str | None:
    """What stands in a file in place of a subscription, and what to do with it; None if nothing does."""
    if OF_A_FILE & document.keys():
        return None
    if OF_AN_EVENT & document.keys():
        return (
            "is a pattern as AWS takes it, and not yet a subscription: put it under pattern:, and team:, contact:, "
            "description: and target: beside that"
        )
    return declared_elsewhere(document)


def declared_elsewhere(document: Any) -> str | None:
    """Where in a declaration of CloudFormation's, SAM's or EventBridge's own the pattern is; None if it is none."""
    if not isinstance(document, dict) or OF_AN_EVENT & document.keys():
        return None
    for way, value in rules_in(document, ()):
        form = "the JSON in the text at" if isinstance(value, str) else "what stands at"
        return f"declares a rule as AWS does: take {form} {json_pointer(way)}, and put it under pattern:"
    if "AWSTemplateFormatVersion" in document or "Resources" in document:
        return "is a CloudFormation template, and no rule of it has an EventPattern"
    return None


def rules_in(node: Any, way: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """The way to each pattern that is declared within, and the pattern."""
    if len(way) > DEEPEST or not isinstance(node, dict | list):
        return
    if isinstance(node, list):
        node = dict(enumerate(node))
    for name, value in node.items():
        if name in PATTERNS and isinstance(value, dict | str):
            yield (*way, name), value
        elif name == "Properties" and str(node.get("Type")) in SAM and isinstance(value, dict) and "Pattern" in value:
            yield (*way, name, "Pattern"), value["Pattern"]
        else:
            yield from rules_in(value, (*way, name))
