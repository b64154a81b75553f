"""The files of subscriptions/: what each says, and what none may say.

A file is checked against the contracts before anything is rendered: it names events that exist, reads fields that they
have, and lets nothing personal out that it does not name in `discloses`. Secrets never leave.
"""

import json
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

import schemas.events  # noqa: F401  (fills the registry)
from infrastructure.topics import TOPICS
from schemas.envelope import REGISTRY, EventData, Metadata
from schemas.parse import pointed
from schemas.personal import personal_fields, secret_fields
from schemas.types import Email

HOME = Path(__file__).resolve().parent.parent / "subscriptions"

LONGEST_TEMPLATE, MOST_PATHS = 8192, 100
"""Characters of an input template and variables of an input transformer that EventBridge takes."""

OURS = ("replay-name", "replay", "test")
"""What keeps replays and smoke orders away from people and other teams is added to every pattern."""

_NAME = re.compile("[a-z][a-z0-9-]{0,40}")
_PLACEHOLDER = re.compile(r"<([^<>\s]+)>")
_FIELD = re.compile(r"\$\.detail\.(data|metadata)\.([a-z_]+)(?:\.[a-z_]+|\[\d+\])*")
_NOT_PERSONAL = frozenset({"$.source", "$.detail-type", "$.time", "$.detail.metadata"})


class SubscriptionRefused(ValueError):
    """A file that cannot be rendered; the text says which and why."""


class Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Target(Model):
    """Where the message goes: one of our topics, the queue of another team by its ARN (which may hold `${Stage}`), or a
    stand-in for such a queue that exists in the emulated stage only, together with the rule."""

    topic: str | None = None
    queue_arn: Annotated[str | None, Field(pattern="^arn:aws:sqs:")] = None
    emulated_queue: Annotated[str | None, Field(pattern="^[a-z][a-z0-9-]{0,40}$")] = None

    @model_validator(mode="after")
    def _is_one(self) -> "Target":
        if len(self.model_dump(exclude_none=True)) != 1:
            raise ValueError("must be one of topic, queue_arn and emulated_queue")
        if self.topic not in (None, *TOPICS):
            raise ValueError(f"topic must be one of {', '.join(TOPICS)}")
        return self


class Input(Model):
    """EventBridge's input transformer: `paths` maps variables to places in the event, `template` is JSON that has
    `<variable>` in it, within a string or as a value of its own."""

    paths: Annotated[dict[str, str], Field(max_length=MOST_PATHS)]
    template: Annotated[str, Field(min_length=1, max_length=LONGEST_TEMPLATE)]


class SubscriptionFile(Model):
    """One rule. `pattern` is EventBridge's own, in which the name of a numeric stack parameter stands for its value.
    `discloses` names the personal fields that the message holds.
    """

    name: str
    team: Annotated[str, Field(min_length=1)]
    contact: Email
    description: Annotated[str, Field(min_length=1, max_length=512)]
    pattern: dict[str, Any]
    target: Target
    input: Input
    discloses: frozenset[str] = frozenset()

    @cached_property
    def contracts(self) -> tuple[type[EventData], ...]:
        """The events that the pattern names by their detail-types."""
        named = self.pattern.get("detail-type")
        known = {contract.DETAIL_TYPE: contract for contract in REGISTRY.values()}
        if (
            not isinstance(named, list)
            or not named
            or not all(isinstance(each, str) and each in known for each in named)
        ):
            raise SubscriptionRefused(f"{self.name}: detail-type must be a list of events that exist")
        return tuple(known[each] for each in named)


def load(home: Path = HOME) -> list[SubscriptionFile]:
    """Every file of the folder, by name. Raises SubscriptionRefused."""
    return [read(path) for path in sorted(home.glob("*.yaml"))]


def read(path: Path) -> SubscriptionFile:
    """The checked subscription of a file, which is named after it."""
    try:
        document = yaml.safe_load(path.read_text())
    except yaml.YAMLError as error:
        raise SubscriptionRefused(f"{path.name}: is not YAML: {error}") from None
    if not isinstance(document, dict) or not _NAME.fullmatch(path.stem):
        raise SubscriptionRefused(f"{path.name}: must hold a mapping and be named in small letters and hyphens")
    try:
        file = SubscriptionFile.model_validate({**document, "name": path.stem})
    except ValidationError as error:
        places = "; ".join(f"{pointer or '/'}: {message}" for pointer, message in pointed(error))
        raise SubscriptionRefused(f"{path.name}: {places}") from None
    for problem in problems(file):
        raise SubscriptionRefused(f"{path.name}: {problem}")
    return file


def problems(file: SubscriptionFile) -> Iterator[str]:
    """What is wrong with a file that has the right form."""
    sources = sorted({contract.SOURCE for contract in file.contracts})
    if sorted(file.pattern.get("source", [])) != sources:
        yield f"source must be {sources}, where these events come from"
    yield from pattern_problems(file)
    yield from template_problems(file.input)
    yield from path_problems(file)


def pattern_problems(file: SubscriptionFile) -> Iterator[str]:
    metadata = file.pattern.get("detail", {}).get("metadata", {})
    for key in OURS:
        if key in file.pattern or key in metadata:
            yield f"{key} is added to every pattern and cannot be set"
    majors = {key for key in REGISTRY if key[0] in file.pattern["detail-type"]}
    if len(majors) > len(file.contracts) and "version" not in metadata:
        yield "one of these events has several versions: say in detail.metadata.version which"


def template_problems(given: Input) -> Iterator[str]:
    used = set(_PLACEHOLDER.findall(given.template))
    for variable in sorted(used ^ given.paths.keys()):
        yield f"<{variable}> must be in the paths and in the template"
    try:
        json.loads(_PLACEHOLDER.sub("0", given.template))
    except ValueError:
        yield "the template must be JSON: a string in double quotes, or an object"


def path_problems(file: SubscriptionFile) -> Iterator[str]:
    fields = {variable: _FIELD.fullmatch(path) for variable, path in file.input.paths.items()}
    for variable, found in fields.items():
        if found:
            yield from field_problems(file, variable, found[1], found[2])
        elif file.input.paths[variable] not in _NOT_PERSONAL:
            yield f"{variable}: must be a field of $.detail.data or one of {', '.join(sorted(_NOT_PERSONAL))}"
    personal = {name for contract in file.contracts for name in personal_fields(contract)}
    disclosed = {found[2] for found in fields.values() if found and found[1] == "data"} & personal
    for name in sorted(disclosed ^ file.discloses):
        yield f"discloses must name the personal fields that are read, and no others: {name}"


def field_problems(file: SubscriptionFile, variable: str, part: str, name: str) -> Iterator[str]:
    for contract in file.contracts:
        if name not in (contract.model_fields if part == "data" else Metadata.model_fields):
            yield f"{variable}: {contract.DETAIL_TYPE} has no {part}.{name}"
        elif part == "data" and name in secret_fields(contract):
            yield f"{variable}: {name} is secret and leaves the saga not at all"
