"""Tests whether a subscription's rule can deliver to its target.

For the test a second rule is put beside the deployed one, with the same target, role, transformer and dead-letter
queue. It matches only one test event, which has a source of its own that no other rule matches. So nobody takes the
test event for an order, and what is tested is the way from the bus to the target. Whether the deployed rule matches its
example event is asked of EventBridge (TestEventPattern).
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Literal

from infrastructure.resources.bus import VERIFYING
from infrastructure.stages import Stage
from infrastructure.subscriptions.input_transformer import is_json
from infrastructure.subscriptions.model import SubscriptionFile
from infrastructure.subscriptions.places import may_break, node_at
from infrastructure.subscriptions.resources import values_of, whole_pattern
from orderwire.cloudformation.template_bucket import ClientOf
from orderwire.console.output import plain
from orderwire.console.problem import Problem
from orderwire.console.tell import Tell
from orderwire.console.waiting import wait_until
from orderwire.subscriptions.deploying import require_heard
from orderwire.subscriptions.foreign_queue import ForeignQueue, Message, NotThere, OutOfSight, foreign_queue
from schemas.envelope import EventData

DETAIL_TYPE = "subscription.verified"
"""The test event's detail-type, which no event of ours has: nobody who looks at it alone takes it for an order."""

MARKED = frozenset({"$.detail.metadata", "$.detail.metadata.correlation_id", "$.detail.data.order_id"})
"""The places in the test event that hold the marker."""

HARD_TEXT = 'a "quoted" \\ text\nof two lines'

RETRY = {"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 1}
"""The retry policy of the test's rule; with the deployed one, a failure would take a day to show."""

REASON, MESSAGE = "ERROR_CODE", "ERROR_MESSAGE"
"""Attributes of what EventBridge could not deliver."""

Fields = Mapping[str, Any]


@dataclass(frozen=True)
class TrialWaits:
    """Seconds: until a new rule hears, and for the event to arrive."""

    settling: float
    arriving: float


@dataclass(frozen=True)
class TrialOutcome:
    """`state` is arrived, failed, or left: the event has left the bus, but the target cannot be looked into from here.
    `marker` identifies the test event."""

    state: Literal["arrived", "left", "failed"]
    marker: str
    why: str
    message: str | None = None


@dataclass(frozen=True)
class DeployedRule:
    """The rule as EventBridge has it. `target` is a request's form of it."""

    bus: str
    name: str
    pattern: str
    target: Fields


@dataclass(frozen=True)
class Ends:
    """Where the event may end. `there` is the target, which has the ARN `arn`, or the reason why it cannot be looked
    into; `dead` is the dead-letter queue, or None if it cannot be looked into."""

    arn: str
    there: ForeignQueue | str
    dead: ForeignQueue | None


def verify(
    client: ClientOf, stage: Stage, file: SubscriptionFile, marker: str, waits: TrialWaits, tell: Tell
) -> TrialOutcome:
    """Raises Problem if the rule is not there, is not the file's, or EventBridge disagrees about what it hears."""
    if file.topic:
        raise Problem(f"{file.name} ends at our own topic {file.topic}, whose readers would be told of an order.")
    witness = require_heard(file, stage).witness
    assert witness is not None
    events = client("events")
    rule = find(events, stage, file)
    require_same(rule, whole_pattern(file, values_of(stage)), file, stage)
    require_matching(events, rule, witness)
    tell("EventBridge says that the deployed rule hears the example of `orderwire subscriptions check`")
    try:
        ends = ends_of(client, file, rule.target)
    except NotThere as missing:
        return TrialOutcome("failed", marker, f"there is no queue {missing} in this account and region: make it first")
    with rule_beside(events, rule, marker):
        wait_until(lambda: False, waits.settling)
        send(events, rule.bus, marked(witness, marker, contract_named(witness["detail-type"], file)))
        tell(f"sent the event {marker}")
        seen = look(ends, marker, waits.arriving)
    return outcome(file, ends, marker, waits.arriving, seen)


def find(events: Any, stage: Stage, file: SubscriptionFile) -> DeployedRule:
    """Raises Problem."""
    bus, name = f"orders-{stage.name}", f"orderwire-{stage.name}-{file.name}"
    try:
        rule = events.describe_rule(Name=name, EventBusName=bus)
        [target] = events.list_targets_by_rule(Rule=name, EventBusName=bus)["Targets"]
    except events.exceptions.ResourceNotFoundException:
        raise Problem(f"{file.name} is not deployed: {deploying(file, stage)}") from None
    if rule["State"] != "ENABLED":
        raise Problem(
            f"The rule {name} is {rule['State'].lower()}: aws events enable-rule --name {name} --event-bus-name {bus}"
        )
    return DeployedRule(bus, name, rule["EventPattern"], target)


def deploying(file: SubscriptionFile, stage: Stage) -> str:
    return f"orderwire subscriptions deploy {file.name}.yaml --stage {stage.name}"


def require_same(rule: DeployedRule, pattern: Fields, file: SubscriptionFile, stage: Stage) -> None:
    if json.loads(rule.pattern) != pattern:
        raise Problem(f"The rule {rule.name} has another pattern than the file: {deploying(file, stage)}")


def require_matching(events: Any, rule: DeployedRule, witness: Fields) -> None:
    answer = events.test_event_pattern(EventPattern=rule.pattern, Event=json.dumps(witness, default=plain))
    if not answer["Result"]:
        raise Problem(
            f"EventBridge says that the rule {rule.name} does not hear the example of `orderwire subscriptions check`. "
            "That is an error in Orderwire: please report it, with the file."
        )


def trial(marker: str) -> dict[str, Any]:
    """The pattern that matches the event with this marker and nothing else."""
    return {"source": [VERIFYING], "detail": {"metadata": {"correlation_id": [marker]}}}


def marked(witness: Fields, marker: str, contract: type[EventData]) -> dict[str, Any]:
    """The detail of the example, as a trial of this marker. Free texts in it are such as JSON has to escape: an input
    that puts one into a string would be found."""
    detail: dict[str, Any] = with_hard_texts(witness["detail"], "$.detail", contract)
    detail["metadata"] |= {"correlation_id": marker, "test": True}
    detail["data"]["order_id"] = marker
    return detail


def with_hard_texts(value: Any, path: str, contract: type[EventData]) -> Any:
    """A copy in which each text of no certain form is HARD_TEXT."""
    if isinstance(value, dict):
        return {name: with_hard_texts(each, f"{path}.{name}", contract) for name, each in value.items()}
    if isinstance(value, list):
        return [with_hard_texts(each, f"{path}[{index}]", contract) for index, each in enumerate(value)]
    return HARD_TEXT if isinstance(value, str) and may_break(node_at(contract, path)) else value


@contextmanager
def rule_beside(events: Any, rule: DeployedRule, marker: str) -> Iterator[None]:
    """The second rule, which is gone after the block, whatever happened in it."""
    name, target = f"{rule.name}-verify", {**rule.target, "RetryPolicy": RETRY}
    try:
        events.put_rule(Name=name, EventBusName=rule.bus, EventPattern=json.dumps(trial(marker)), State="ENABLED")
        require_accepted(events.put_targets(Rule=name, EventBusName=rule.bus, Targets=[target]))
        yield
    finally:
        with suppress(events.exceptions.ResourceNotFoundException):  # it was not made
            events.remove_targets(Rule=name, EventBusName=rule.bus, Ids=[rule.target["Id"]])
            events.delete_rule(Name=name, EventBusName=rule.bus)


def require_accepted(answer: Fields) -> None:
    """Raises Problem for what a batch request of EventBridge has not taken."""
    failed = [each for each in answer.get("FailedEntries", answer.get("Entries", [])) if each.get("ErrorCode")]
    if failed:
        raise Problem(f"EventBridge refused: {failed[0]['ErrorCode']}: {failed[0]['ErrorMessage']}")


def contract_named(detail_type: str, file: SubscriptionFile) -> type[EventData]:
    return next(contract for contract in file.contracts if detail_type == contract.DETAIL_TYPE)


def send(events: Any, bus: str, detail: Fields) -> None:
    text = json.dumps(detail, default=plain)
    entry = {"EventBusName": bus, "Source": VERIFYING, "DetailType": DETAIL_TYPE, "Detail": text}
    require_accepted(events.put_events(Entries=[entry]))


def ends_of(client: ClientOf, file: SubscriptionFile, target: Fields) -> Ends:
    """Raises NotThere if the target is a queue of this account that does not exist."""
    sqs, account, arn = client("sqs"), client("sts").get_caller_identity()["Account"], target["Arn"]
    dead: ForeignQueue | None = None
    with suppress(OutOfSight, NotThere):
        dead = foreign_queue(sqs, target["DeadLetterConfig"]["Arn"], account)
    try:
        there = foreign_queue(sqs, arn, account)
    except OutOfSight as hidden:
        return Ends(arn, str(hidden), dead)
    known = not file.told or MARKED & set(file.told.paths.values())
    return Ends(arn, there if known else "its input tells nothing by which the event could be known", dead)


def look(ends: Ends, marker: str, seconds: float) -> tuple[Message | None, Message | None]:
    """What has arrived in the target and in the dead-letter queue within this time."""
    seen: list[Message | None] = [None, None]

    def looked() -> bool:
        for number, place in enumerate((ends.there, ends.dead)):
            if isinstance(place, ForeignQueue):
                seen[number] = place.take(marker)
        return any(seen)

    wait_until(looked, seconds, pause=0.2, growth=1.5)
    return seen[0], seen[1]


def outcome(
    file: SubscriptionFile, ends: Ends, marker: str, seconds: float, seen: tuple[Message | None, Message | None]
) -> TrialOutcome:
    arrived, died = seen
    if arrived and file.told and not is_json(arrived["Body"]):
        return TrialOutcome("failed", marker, f"what arrived in {ends.arn} is no JSON", arrived["Body"])
    if arrived:
        return TrialOutcome(
            "arrived", marker, f"it has arrived in {ends.arn}, and was taken out again", arrived["Body"]
        )
    if died:
        return TrialOutcome("failed", marker, f"EventBridge could not deliver it to {ends.arn}: {error_of(died)}")
    if isinstance(ends.there, ForeignQueue):
        why = (
            f"it was not seen in {ends.arn} within {seconds:g} seconds. Whoever reads that queue may have been first: "
        )
        return TrialOutcome("failed", marker, f"{why}let them pause, and try again")
    letters = "is not in the dead-letter queue" if ends.dead else "nobody here can look into the dead-letter queue"
    why = (
        f"it has left the bus, and after {seconds:g} seconds {letters}. Whether it is in {ends.arn} cannot be seen here"
    )
    return TrialOutcome("left", marker, f"{why}, for {ends.there}: ask {file.team} ({file.contact}) for {marker}")


def error_of(letter: Message) -> str:
    """What EventBridge says of it."""
    found = {name: each.get("StringValue", "") for name, each in letter.get("MessageAttributes", {}).items()}
    return f"{found.get(REASON, 'no reason given')}: {found.get(MESSAGE, '-')}"
