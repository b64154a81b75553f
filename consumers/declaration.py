"""How a consumer is declared: one row, from which its rule, queues, policies, alarms and trigger follow."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from edges.grants import Grant, publish
from schemas.envelope import EventData

EVERY_EVENT: dict[str, Any] = {"source": [{"prefix": "orderwire."}]}
"""Matches what our own code publishes, in every version, and nothing that other teams put on the bus."""


@dataclass(frozen=True)
class Consumer:
    """What a consumer hears and how it is run. Times are in seconds.

    - `hears`: classes of events; their common base, `EventData`, stands for every event there is or will be.
    - `topic`: the SNS topic that feeds the queue in place of a rule, with the events in messages to people.
    - `where`: a filter on the event's detail, as in an EventBridge pattern, for example
      `{"data": {"total": [{"numeric": [">=", 100]}]}}`.
    - `hears_replays`: False for a consumer that counts, keeps or tells what happened.
    - `window`: the batching window. `timeout`: the function's limit. `longest`: what one record may take of it.
    - `receives`: the receive after which a message that failed is dead-lettered with its reason. (If the function dies
      each time, SQS moves the message two receives later.)
    - `objective`: the age of the oldest message above which an alarm is raised. Longer than the visibility timeout, for
      which one attempt that dies hides its message.
    - `touches`: what the function may do besides reading its queue.
    """

    name: str
    hears: tuple[type[EventData], ...]
    publishes: tuple[type[EventData], ...] = ()
    topic: str | None = None
    where: Mapping[str, Any] = field(default_factory=dict)
    hears_replays: bool = True
    batch_size: int = 10
    window: int = 0
    concurrency: int = 10
    receives: int = 5
    objective: int = 300
    timeout: int = 30
    longest: int = 10
    memory: int = 512
    touches: tuple[Grant, ...] = ()

    @property
    def dead_letters(self) -> str:
        return f"{self.name}-dlq"

    @property
    def most_receives(self) -> int:
        """SQS's maxReceiveCount. The batch runner, which can say why, dead-letters a message two receives earlier."""
        return self.receives + 2

    @property
    def grants(self) -> tuple[Grant, ...]:
        """Everything the consumer's function may do."""
        queue = "orderwire-{stage}-" + self.name
        take = Grant(
            "sqs",
            ("ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "GetQueueAttributes", "GetQueueUrl"),
            queue,
        )
        bury = Grant("sqs", ("SendMessage", "GetQueueUrl"), f"{queue}-dlq")
        return (take, bury, *publish(*self.publishes), *self.touches)

    def pattern(self) -> dict[str, Any]:
        """The EventBridge event pattern of the consumer's rule."""
        return event_pattern(self.hears, self.where, self.hears_replays)


def event_pattern(
    hears: tuple[type[EventData], ...], where: Mapping[str, Any], hears_replays: bool = False
) -> dict[str, Any]:
    """The pattern that matches these events and no other version of them, with `where` on the detail."""
    pattern, metadata = (EVERY_EVENT, {}) if EventData in hears else named_events(hears)
    if not hears_replays:
        pattern = pattern | {"replay-name": [{"exists": False}]}
        metadata = metadata | {"replay": [{"exists": False}]}
    return pattern | {"detail": {**where, "metadata": {**metadata, **where.get("metadata", {})}}}


def named_events(hears: tuple[type[EventData], ...]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a pattern asks of the event, and of its metadata."""
    majors = sorted({contract.major() for contract in hears})
    pattern = {
        "source": sorted({contract.SOURCE for contract in hears}),
        "detail-type": sorted({contract.DETAIL_TYPE for contract in hears}),
    }
    return pattern, {"version": [{"prefix": f"{major}."} for major in majors]}
