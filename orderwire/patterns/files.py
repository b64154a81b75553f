"""Reads the rule of a file: a subscription of ours, or a pattern as AWS takes it, alone or under `pattern`."""

import json
from pathlib import Path
from typing import Any

import yaml

from infrastructure.stages import Stage
from infrastructure.subscription_files import SubscriptionRefused, read
from infrastructure.subscriptions import values_of, whole_pattern
from schemas.parse import load_json

MOST_TARGETS = 5
"""Targets that AWS lets a rule have."""

MOST_NODES = 10_000
"""Values and objects in a file: more than a pattern has characters, and an input template beside it."""


class NoRule(ValueError):
    """A file without a rule that could be deployed. The text says why."""


def pattern_of(path: Path, stage: Stage) -> Any:
    """The pattern that is deployed in the stage. Raises NoRule, Refused."""
    document = document_of(text_of(path))
    if not isinstance(document, dict):
        raise NoRule("must hold an object")
    if "pattern" not in document:
        return document
    targets = document.get("targets", [])
    if isinstance(targets, list) and len(targets) > MOST_TARGETS:
        raise NoRule(f"has {len(targets)} targets; AWS lets a rule have {MOST_TARGETS}")
    return deployed(path, stage) if "team" in document else document["pattern"]


def written(path: Path) -> Any:
    """The pattern of a subscription that was refused, as far as it is one. Raises NoRule."""
    return document_of(text_of(path))["pattern"]


class Refused(NoRule):
    """A subscription of ours that has a pattern, and is wrong for another reason than that."""


def deployed(path: Path, stage: Stage) -> Any:
    """The pattern of one of our subscriptions with what is added to all of them. Raises Refused."""
    try:
        return whole_pattern(read(path), values_of(stage))
    except SubscriptionRefused as error:
        raise Refused(str(error).partition(": ")[2]) from None


def text_of(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise NoRule(f"cannot be read: {getattr(error, 'strerror', None) or 'it is not text'}") from None


def document_of(text: str) -> Any:
    """Decoded JSON, or else YAML (which takes 5e2 for a text, so it comes second). Raises NoRule."""
    try:
        json.loads(text)
    except ValueError:
        return _yaml(text)
    except RecursionError:
        raise NoRule("is nested too deeply") from None
    return json.loads(text, object_pairs_hook=_once)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise NoRule(f"says {name} twice in one object, of which only the last would count")
    return dict(pairs)


def _yaml(text: str) -> Any:
    try:
        _each_once(yaml.compose(text, yaml.SafeLoader))
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise NoRule(f"is neither JSON nor YAML: {error.problem} in line {line}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise (error if isinstance(error, NoRule) else NoRule("is neither JSON nor YAML")) from None


def _each_once(root: Any) -> None:
    """Holds that no name is there twice. What `*` stands for counts each time, so that a text of a few lines can be
    without end. Raises NoRule."""
    left, seen = [root], 0
    while left:
        node, seen = left.pop(), seen + 1
        if seen > MOST_NODES:
            raise NoRule("is too large to be a rule")
        if isinstance(node, yaml.MappingNode):
            _once([(key.value, None) for key, _ in node.value])
            left += [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            left += node.value


def event_of(text: str) -> dict[str, Any]:
    """The event of a JSON text. Raises ValueError."""
    event = load_json(text)
    if not isinstance(event, dict):
        raise ValueError("must be an object")
    return event
