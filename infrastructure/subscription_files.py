"""The files of subscriptions/: what each says, and what none may say.

A file is checked against the contracts before anything is rendered: it names events that exist, reads fields that they
have, and lets nothing personal out that it does not name in `discloses`. Secrets never leave.
"""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

import schemas.events  # noqa: F401  (fills the registry)
from infrastructure.bus import HOURS_24, MOST_ATTEMPTS
from infrastructure.pattern_form import form_problems
from infrastructure.subscription_input import LONGEST_TEMPLATE, Input, input_problems
from infrastructure.targets import Arn, check_dead_letter, check_target
from infrastructure.yaml_or_json import Unreadable, document_of, text_of
from schemas.envelope import REGISTRY, EventData
from schemas.parse import pointed
from schemas.personal import personal_fields, secret_fields
from schemas.types import Email

HOME = Path(__file__).resolve().parent.parent / "subscriptions"

OURS = ("replay-name", "replay", "test")
"""What keeps replays and smoke orders away from people and other teams is added to every pattern."""

LONGEST_NAME = 34
"""Characters of a file's name: a rule has 64, with those of the longest stage and of what is put around both."""

_NAME = re.compile(f"[a-z][a-z0-9-]{{0,{LONGEST_NAME - 1}}}")


class SubscriptionRefused(ValueError):
    """A file that cannot be rendered; the text says which and why."""


class Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Retry(Model):
    """EventBridge's retry policy of the target."""

    maximum_age_seconds: Annotated[int, Field(ge=60, le=HOURS_24)] = HOURS_24
    maximum_attempts: Annotated[int, Field(ge=0, le=MOST_ATTEMPTS)] = MOST_ATTEMPTS


class SubscriptionFile(Model):
    """One rule. `pattern` is EventBridge's own; `stage_values` maps the JSON pointer of a number in it to the stack's
    parameter that takes its place. `target` is an ARN that may hold `${Stage}`, `${AWS::Region}` and
    `${AWS::AccountId}`; so may `dead_letter`, the ARN of the team's own queue for what could not be delivered.
    `discloses` names the personal fields that the message holds.
    """

    name: str
    team: Annotated[str, Field(min_length=1)]
    contact: Email
    description: Annotated[str, Field(min_length=1, max_length=400)]
    pattern: dict[str, Any]
    stage_values: dict[str, Literal["HighValueTotal"]] = Field(default_factory=dict)
    target: Annotated[str, AfterValidator(check_target)]
    input: Input | None = None
    retry: Retry = Retry()
    dead_letter: Annotated[str | None, AfterValidator(check_dead_letter)] = None
    discloses: frozenset[str] = frozenset()

    @cached_property
    def arn(self) -> Arn:
        return Arn.of(self.target)

    @property
    def topic(self) -> str | None:
        """Which of the stage's own topics it ends at: then the rule is part of the stage's stack."""
        return self.arn.topic

    @cached_property
    def told(self) -> Input | None:
        """The input transformer: the file's, or one that leaves out what is personal, or None if nothing is.

        Raises SubscriptionRefused where only a person can say what may leave."""
        hidden = {contract: personal_fields(contract) - self.discloses for contract in self.contracts}
        if self.input or not any(hidden.values()):
            return self.input
        if len(self.contracts) > 1:
            named = ", ".join(sorted(contract.DETAIL_TYPE for contract, fields in hidden.items() if fields))
            raise SubscriptionRefused(
                f"{self.name}: {named} has personal fields: give it a file of its own, or an input"
            )
        return without(self.contracts[0], hidden[self.contracts[0]])

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
            raise SubscriptionRefused(
                f"{self.name}: /pattern/detail-type: must be a list of events that exist, by their exact names: "
                "only so is it known which of their fields are personal and stay here"
            )
        return tuple(known[each] for each in named)


MODELS: tuple[type[BaseModel], ...] = (SubscriptionFile, Input, Retry)


def paths_in(home: Path = HOME) -> list[Path]:
    """Every file of the folder that somebody may have meant as a subscription, by name."""
    return sorted(path for path in home.iterdir() if path.suffix in (".yaml", ".yml", ".json"))


def load(home: Path = HOME) -> list[SubscriptionFile]:
    """Every file of the folder, by name. Raises SubscriptionRefused."""
    return [read_named(path) for path in paths_in(home)]


def read_named(path: Path) -> SubscriptionFile:
    """Raises SubscriptionRefused, also for a file of the folder that has another ending than all others."""
    if path.suffix != ".yaml":
        raise SubscriptionRefused(f"{path.name}: must end in .yaml, as all of subscriptions/ do: {path.stem}.yaml")
    return read(path)


def load_each(home: Path = HOME) -> tuple[list[SubscriptionFile], dict[str, str]]:
    """The files of the folder that are right, and the name of each other with the reason why it is refused."""
    files, refused = list[SubscriptionFile](), dict[str, str]()
    for path in paths_in(home):
        try:
            files.append(read_named(path))
        except SubscriptionRefused as error:
            refused[path.stem] = str(error)
    return files, refused


def in_house(home: Path = HOME) -> list[SubscriptionFile]:
    """Those that end at the stage's own topics. Raises SubscriptionRefused."""
    return [file for file in load(home) if file.topic]


def read(path: Path) -> SubscriptionFile:
    """The checked subscription of a file, which is named after it."""
    try:
        document = document_of(text_of(path))
    except Unreadable as error:
        raise SubscriptionRefused(f"{path.name}: {error}") from None
    if not isinstance(document, dict) or not _NAME.fullmatch(path.stem):
        raise SubscriptionRefused(
            f"{path.name}: must hold a mapping and be named in small letters and hyphens, {LONGEST_NAME} at most"
        )
    try:
        file = SubscriptionFile.model_validate({**document, "name": path.stem})
    except ValidationError as error:
        places = "; ".join(f"{pointer or '/'}: {message}{hint(pointer)}" for pointer, message in pointed(error))
        raise SubscriptionRefused(f"{path.name}: {places}") from None
    for problem in problems(file):
        raise SubscriptionRefused(f"{path.name}: {problem}")
    return file


def hint(pointer: str) -> str:
    """The field of a file that may have been meant by the one at this place, which has another name."""
    name, known = pointer.rpartition("/")[2], {field for model in MODELS for field in model.model_fields}
    near = get_close_matches(name, known - {name}, 1)
    return f"; did you mean {near[0]}?" if near and name not in known else ""


def without(contract: type[EventData], hidden: set[str]) -> Input:
    """Passes the event on in EventBridge's own form, without these fields of its data."""
    kept = [name for name in contract.model_fields if name not in hidden]
    optional = [name for name in kept if not contract.model_fields[name].is_required()]
    if optional:  # EventBridge would leave a hole in the JSON where an event has no such field
        raise SubscriptionRefused(
            f"{contract.DETAIL_TYPE} has optional fields ({', '.join(optional)}): say in an input what to tell"
        )
    envelope = {"version", "id", "detail-type", "source", "account", "time", "region", "resources"}
    paths = {name: f"$.{name}" for name in sorted(envelope)}
    paths |= {"metadata": "$.detail.metadata", **{f"data_{name}": f"$.detail.data.{name}" for name in kept}}
    data = ", ".join(f'"{name}": <data_{name}>' for name in kept)
    head = ", ".join(f'"{name}": <{name}>' for name in sorted(envelope))
    return Input(paths=paths, template=f'{{{head}, "detail": {{"metadata": <metadata>, "data": {{{data}}}}}}}')


def pattern_with(pattern: dict[str, Any], stage_values: Mapping[str, str], values: Mapping[str, Any]) -> dict[str, Any]:
    """The pattern with the values of these parameters in their places. Raises KeyError, IndexError or TypeError for a
    place that is not there."""
    changed = deepcopy(pattern)
    for pointer, parameter in stage_values.items():
        *way, last = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
        place: Any = changed
        for part in way:
            place = place[int(part) if isinstance(place, list) else part]
        last_ = int(last) if isinstance(place, list) else last
        if not isinstance(place[last_], int | float):
            raise TypeError(f"{pointer} is no number")
        place[last_] = values[parameter]
    return changed


def problems(file: SubscriptionFile) -> Iterator[str]:
    """What is wrong with a file that has the right form."""
    yield from form_problems(file.pattern)
    sources = sorted({contract.SOURCE for contract in file.contracts})
    if sorted(file.pattern["source"]) != sources:
        yield f"/pattern/source: must be {sources}, exactly where these events come from"
    yield from pattern_problems(file)
    yield from discloses_problems(file)
    if file.arn.service == "events":
        yield from bus_problems(file)
    if file.input:
        yield from input_problems(file.input, file.contracts, file.discloses)
    elif file.told and len(file.told.template) > LONGEST_TEMPLATE:
        yield "has more fields than a transformer takes: say in an input what to tell"


def bus_problems(file: SubscriptionFile) -> Iterator[str]:
    if file.input:
        yield "/input: an event bus takes events as they are, without an input"
    for contract in file.contracts:
        event, secret = contract.DETAIL_TYPE, ", ".join(sorted(secret_fields(contract)))
        hidden = ", ".join(sorted(personal_fields(contract) - file.discloses))
        if secret:
            yield (
                f"/target: an event bus takes events as they are, and {event} has what is secret ({secret}), so it can "
                "never go to a bus: make a queue, topic or function the target"
            )
        elif hidden:
            yield (
                f"/target: an event bus takes events as they are, with the personal fields of {event}: name them "
                f"(discloses: [{hidden}]), or make a queue, topic or function the target"
            )


def pattern_problems(file: SubscriptionFile) -> Iterator[str]:
    metadata = file.pattern.get("detail", {}).get("metadata", {})
    for key in OURS:
        if key in file.pattern or key in metadata:
            yield f"{key} is added to every pattern and cannot be set"
    majors = {key for key in REGISTRY if key[0] in file.pattern["detail-type"]}
    if len(majors) > len(file.contracts) and "version" not in metadata:
        yield "one of these events has several versions: say in detail.metadata.version which"
    for pointer, parameter in file.stage_values.items():
        try:
            pattern_with(file.pattern, {pointer: parameter}, {parameter: 0})
        except (KeyError, IndexError, TypeError, ValueError):
            yield f"stage_values: {pointer} is not the place of a number in the pattern"


def discloses_problems(file: SubscriptionFile) -> Iterator[str]:
    for contract in file.contracts:
        for name in sorted(file.discloses & secret_fields(contract)):
            yield f"{name} is secret and leaves the saga not at all"
    known = {name for contract in file.contracts for name in personal_fields(contract)}
    for name in sorted(file.discloses - known):
        yield f"discloses must name personal fields of these events, and no others: {name}"
