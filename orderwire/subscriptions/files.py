"""Reads the rule of a file: a subscription of ours, or a pattern as AWS takes it, alone or under `pattern`."""

from pathlib import Path
from typing import Any

from eventbridge_rules.reading import read_json

from infrastructure.stages import Stage
from infrastructure.subscriptions.files import read
from infrastructure.subscriptions.model import SubscriptionRefused
from infrastructure.subscriptions.pasted import declared_elsewhere
from infrastructure.subscriptions.resources import values_of, whole_pattern
from infrastructure.subscriptions.yaml_or_json import Unreadable, document_of, text_of

MOST_TARGETS = 5
"""Targets that AWS lets a rule have."""


def pattern_of(path: Path, stage: Stage) -> Any:
    """The pattern that is deployed in the stage. Raises Unreadable."""
    document = document_of(text_of(path))
    if not isinstance(document, dict):
        raise Unreadable("must hold an object")
    if is_subscription(document):
        return deployed(path, stage)
    if "pattern" not in document:
        if elsewhere := declared_elsewhere(document):
            raise Unreadable(elsewhere)
        return document
    targets = document.get("targets", [])
    if isinstance(targets, list) and len(targets) > MOST_TARGETS:
        raise Unreadable(f"has {len(targets)} targets; AWS lets a rule have {MOST_TARGETS}")
    return document["pattern"]


def is_subscription(document: Any) -> bool:
    """Whether the file is one of ours, or was meant to be."""
    return isinstance(document, dict) and bool({"team", "target"} & document.keys())


def written(path: Path) -> Any:
    """The pattern of a subscription that was refused, None if it has none. Raises Unreadable."""
    return document_of(text_of(path)).get("pattern")


class FileRefused(Unreadable):
    """A subscription of ours that cannot be deployed. The text says why."""


def deployed(path: Path, stage: Stage) -> Any:
    """The pattern of one of our subscriptions with what is added to all of them. Raises Refused."""
    try:
        return whole_pattern(read(path), values_of(stage))
    except SubscriptionRefused as error:
        raise FileRefused(str(error).partition(": ")[2]) from None


def event_of(text: str) -> dict[str, Any]:
    """The event of a JSON text, with every digit of its numbers. Raises ValueError."""
    event = read_json(text)
    if not isinstance(event, dict):
        raise ValueError("must be an object")
    return event
