"""Runs a batch of SQS records and ends each of them: deleted, delayed, or dead-lettered with its reason.

A batch takes three steps: every record is validated and handled, the events that follow are published together, and
only then are the records deleted. A record that failed gets a growing visibility timeout; one that can never succeed,
or had its last receive, is moved to the dead-letter queue by hand, so that it says why. If any record is left, the
function raises after the others are deleted: right with and without ReportBatchItemFailures on the mapping, at the
price of a Lambda error metric and a slower poll for every batch with a failure in it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from aws_lambda_powertools import Logger
from pydantic import ValidationError

from consumers.errors import Hopeless
from consumers.queue import SourceQueue
from consumers.subscription import Subscription
from edges.publisher import AnyEvent, NotPublished, Publisher
from schemas.parse import ContractError, is_replay, parse_entry, pointed, unwrap

RESERVE = 5.0
"""Seconds kept back at the end of a batch for publishing and deleting."""
GROWTH, LONGEST_DELAY = 4, 900


@dataclass(frozen=True)
class Delivery:
    """One event as a consumer gets it; `replayed` is true for a replay and for whatever a replay led to."""

    event: AnyEvent
    replayed: bool
    attempt: int


class Handler(Protocol):
    """Takes effect and answers the events that follow from it, those found already stored included."""

    def __call__(self, delivery: Delivery) -> Sequence[AnyEvent]: ...


class BatchIncomplete(Exception):
    """Some records of the batch were left in the queue; all others are done."""


@dataclass(frozen=True)
class Failed:
    record: Mapping[str, Any]
    reason: str
    error: str
    order_id: str | None = None


@dataclass
class Outcome:
    """What became of the records so far. `done` holds each handled record with the events that follow from it."""

    done: list[tuple[Mapping[str, Any], list[AnyEvent]]]
    failed: list[Failed]


def run_batch(
    records: Sequence[Mapping[str, Any]],
    subscription: Subscription,
    handle: Handler,
    queue: SourceQueue,
    publisher: Publisher,
    remaining: Callable[[], float],
    retry_seconds: int,
    log: Logger,
) -> None:
    """Handles SQS `records` as a Lambda event has them. `remaining` answers the seconds left to the function.

    Raises BatchIncomplete if a record was left in the queue.
    """
    outcome = handle_all(records, handle, remaining, log)
    finished, unpublished = publish_all(outcome.done, publisher, max(1.0, remaining() - RESERVE))
    queue.delete(finished)
    left = 0
    for failed in outcome.failed + unpublished:
        left += not end_failed(failed, subscription, queue, retry_seconds, log)
    unreached = records[len(outcome.done) + len(outcome.failed) :]
    for record in unreached:
        queue.delay(record, 0)
    if left or unreached:
        raise BatchIncomplete(f"{left} of {len(records)} records failed, {len(unreached)} were not reached")


def handle_all(
    records: Sequence[Mapping[str, Any]], handle: Handler, remaining: Callable[[], float], log: Logger
) -> Outcome:
    """Handles record after record until all are handled or the time is nearly up."""
    outcome = Outcome([], [])
    for record in records:
        if remaining() < RESERVE and (outcome.done or outcome.failed):
            break
        handle_one(record, handle, outcome, log)
    return outcome


def handle_one(record: Mapping[str, Any], handle: Handler, outcome: Outcome, log: Logger) -> None:
    order_id: str | None = None
    try:
        delivery = deliver(record)
        order_id = delivery.event.data.order_id
        context = {
            "order_id": order_id,
            "event_id": delivery.event.event_id,
            "correlation_id": delivery.event.metadata.correlation_id,
        }
        with log.append_context_keys(**context):
            follow_ups = [event.marked_replay() if delivery.replayed else event for event in handle(delivery)]
            log.info("handled", extra={"event_type": delivery.event.type, "attempt": delivery.attempt})
        outcome.done.append((record, follow_ups))
    except ContractError as error:
        outcome.failed.append(Failed(record, "invalid", str(error), order_id))
    except Hopeless as error:
        outcome.failed.append(Failed(record, "hopeless", str(error), order_id))
    except Exception as error:  # whatever it is, the record is retried and at last dead-lettered with it
        outcome.failed.append(Failed(record, "failed", describe(error), order_id))


def describe(error: Exception) -> str:
    """Type and text of an error, without the values that pydantic would repeat: they may be personal."""
    told = "; ".join(map(": ".join, pointed(error))) if isinstance(error, ValidationError) else str(error)
    return f"{type(error).__name__}: {told}"


def deliver(record: Mapping[str, Any]) -> Delivery:
    """The typed event of an SQS record. Raises ContractError."""
    entry = unwrap(record["body"])
    return Delivery(parse_entry(entry), is_replay(entry), receive_count(record))


def receive_count(record: Mapping[str, Any]) -> int:
    return int(record["attributes"]["ApproximateReceiveCount"])


def publish_all(
    done: Sequence[tuple[Mapping[str, Any], list[AnyEvent]]], publisher: Publisher, within: float
) -> tuple[list[Mapping[str, Any]], list[Failed]]:
    """Publishes what follows from all records at once: (records that are finished, those with an event not taken)."""
    missing: dict[str, str] = {}
    try:
        publisher.publish([event for _, events in done for event in events], within)
    except NotPublished as error:
        missing = error.failed
    finished, unpublished = [], []
    for record, events in done:
        reasons = [missing[event.event_id] for event in events if event.event_id in missing]
        if reasons:
            unpublished.append(Failed(record, "failed", f"not published: {', '.join(reasons)}"))
        else:
            finished.append(record)
    return finished, unpublished


def end_failed(failed: Failed, subscription: Subscription, queue: SourceQueue, first_delay: int, log: Logger) -> bool:
    """Delays or dead-letters a failed record; answers whether it has left the queue."""
    attempts = receive_count(failed.record)
    last = attempts >= subscription.receives
    reason = "exhausted" if last and failed.reason == "failed" else failed.reason
    log.warning(
        "failed",
        extra={"reason": reason, "error": failed.error, "attempt": attempts, "order_id": failed.order_id},
    )
    if reason == "failed":
        queue.delay(failed.record, min(LONGEST_DELAY, first_delay * GROWTH ** (attempts - 1)))
        return False
    queue.bury(failed.record, reason=reason, error=failed.error, attempts=attempts, order_id=failed.order_id)
    return True
