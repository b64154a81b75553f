"""What a file of subscriptions/ says, as a typed model.

Files are read by `infrastructure.subscriptions.files` and checked by `infrastructure.subscriptions.checks`.
"""

from collections.abc import Collection
from functools import cached_property
from typing import Annotated, Any, Literal

from eventbridge_rules.spelling import cut, nearest
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

import schemas.events  # noqa: F401  (fills the registry)
from infrastructure.resources.bus import HOURS_24, MOST_ATTEMPTS
from infrastructure.subscriptions.targets import Arn, check_dead_letter, check_key, check_target
from schemas.envelope import REGISTRY, EventData
from schemas.personal import personal_fields
from schemas.types import Email

LONGEST_TEMPLATE, MOST_PATHS = 8192, 100
"""Characters of an input template and variables of an input transformer that EventBridge takes."""


class SubscriptionRefused(ValueError):
    """A file that cannot be rendered; the text says which and why."""


class Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def listed(names: Any) -> Any:
    if isinstance(names, str):
        raise ValueError(f"must be a list: write [{cut(names)}]")
    if not isinstance(names, list | frozenset):
        raise ValueError("must be a list of names")
    return frozenset(names) if all(isinstance(each, str) for each in names) else names


def as_object(pattern: Any) -> Any:
    if isinstance(pattern, str):
        raise ValueError("must be an object, and this is a text: write it without quotes and without |")
    return pattern


class Retry(Model):
    """EventBridge's retry policy of the target."""

    maximum_age_seconds: Annotated[int, Field(strict=True, ge=60, le=HOURS_24)] = HOURS_24
    maximum_attempts: Annotated[int, Field(strict=True, ge=0, le=MOST_ATTEMPTS)] = MOST_ATTEMPTS


class Input(Model):
    """EventBridge's input transformer: `paths` maps variables to places in the event, `template` is JSON that has
    `<variable>` in it, within a string or as a value of its own."""

    paths: Annotated[dict[str, str], Field(max_length=MOST_PATHS)]
    template: Annotated[str, Field(min_length=1, max_length=LONGEST_TEMPLATE)]


class SubscriptionFile(Model):
    """One rule. `pattern` is EventBridge's own; `stage_values` maps the JSON pointer of a number in it to the stack's
    parameter that takes its place. `target` is an ARN that may hold `${Stage}`, `${AWS::Region}` and
    `${AWS::AccountId}`; so may `dead_letter`, the ARN of the team's own queue for what could not be delivered.
    `key` is the ARN of the KMS key under which a target in another account keeps what it gets. `discloses` names the
    personal fields that the message holds.
    """

    name: str
    team: Annotated[str, Field(min_length=1)]
    contact: Email
    description: Annotated[str, Field(min_length=1, max_length=400)]
    pattern: Annotated[dict[str, Any], BeforeValidator(as_object)]
    stage_values: dict[str, Literal["HighValueTotal"]] = Field(default_factory=dict)
    target: Annotated[str, AfterValidator(check_target)]
    input: Input | None = None
    retry: Retry = Retry()
    dead_letter: Annotated[str | None, AfterValidator(check_dead_letter)] = None
    key: Annotated[str, AfterValidator(check_key)] | None = None
    discloses: Annotated[frozenset[str], BeforeValidator(listed)] = frozenset()

    @property
    def rule_description(self) -> str:
        """Of the rule in EventBridge, where an operator finds whose it is."""
        return f"{self.description} ({self.team}, {self.contact})"

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
            raise SubscriptionRefused(f"{named} has personal fields: give it a file of its own, or an input")
        return without(self.contracts[0], hidden[self.contracts[0]])

    @cached_property
    def contracts(self) -> tuple[type[EventData], ...]:
        """The events that the pattern names by their detail-types."""
        known = {contract.DETAIL_TYPE: contract for contract in REGISTRY.values()}
        if wrong := unknown_events(self.pattern.get("detail-type"), known):
            raise SubscriptionRefused(f"/pattern/detail-type: {wrong}")
        return tuple(known[each] for each in self.pattern["detail-type"])


def unknown_events(named: Any, known: Collection[str]) -> str | None:
    """What is wrong with a condition on the detail-type, which may be missing; None if it names events and no more."""
    why = "only so is it known which of their fields are personal and stay here"
    if named is None:
        return f"is missing: write detail-type: and a list of events, by their exact names: {why}"
    if isinstance(named, str):
        return f"must be a list: write [{cut(named)}]"
    if not isinstance(named, list) or not named or not all(isinstance(each, str) for each in named):
        return f"must be a list of events that exist, by their exact names: {why}"
    unknown = [each for each in named if each not in known]
    if not unknown:
        return None
    near = {each: nearest(each, sorted(known), 0.75) for each in unknown}
    meant = [f"{cut(each)} (did you mean {like}?)" if like else cut(each) for each, like in near.items()]
    return f"there is no {', '.join(meant)}; events are named exactly: {why}"


MODELS: tuple[type[BaseModel], ...] = (SubscriptionFile, Input, Retry)


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
