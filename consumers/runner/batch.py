"""Runs a batch of SQS records and ends each of them: deleted, delayed, or dead-lettered with its reason.

A batch takes three steps: every record is validated and handled, the events that follow are published together, and
only then are the records ended (`consumers.runner.ending`). If any record is left in the queue, the function raises
after all others are ended: right with and without ReportBatchItemFailures on the mapping, at the price of a Lambda
error metric and a slower poll for every batch with a failure in it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from aws_lambda_powertools import Logger

from consumers.declaration import Consumer
from consumers.runner.ending import Failed, Reason, end_all, receive_count
from consumers.runner.errors import Hopeless
from consumers.runner.posting import Posting, posting_of
from consumers.runner.problems import describe, readable_ids
from consumers.runner.queue import SourceQueue
from edges.log import about
from edges.publisher import AnyEvent, NotPublished, Publisher
from schemas.parse import document_in, event_in, is_replay, parse_entry
from schemas.personal import impersonal

RESERVE = 5.0
"""Seconds kept back at the end of a batch for publishing and deleting."""


@dataclass(frozen=True)
class Delivery:
    """One event as a consumer gets it; `replayed` is true for a replay and for whatever a replay led to.

    `posting` is there if the event came in a message to people; then the event is without its personal fields.
    """

    event: AnyEvent
    replayed: bool
    attempt: int
    posting: Posting | None = None


@dataclass(frozen=True)
class Live:
    """An event that is published as it is, though a replay was being handled: it follows from a live event, whose
    unfinished work the replay has finished."""

    event: AnyEvent


class Handler(Protocol):
    """Takes the event's effect, and returns the events that follow from it: also if the effect was taken before. What
    follows from a replay is marked as one."""

    def __call__(self, delivery: Delivery) -> Sequence[AnyEvent | Live]: ...


@runtime_checkable
class BatchHandler(Protocol):
    """Takes the effect of a whole batch at once, for a consumer that publishes nothing."""

    def handle_together(self, deliveries: Sequence[Delivery]) -> Sequence[Exception | None]:
        """For each delivery, in order, None or why it failed. If it raises, all of them have failed with that error."""


AnyHandler = Handler | BatchHandler


class BatchIncomplete(Exception):
    """Some records of the batch were left in the queue; all others are done."""


@dataclass(frozen=True)
class Handled:
    """A record whose effect is taken, with the events that follow from it. `ids` say what it was about."""

    record: Mapping[str, Any]
    events: list[AnyEvent]
    ids: dict[str, str]


def run_batch(
    records: Sequence[Mapping[str, Any]],
    consumer: Consumer,
    handle: AnyHandler,
    queue: SourceQueue,
    publisher: Publisher,
    remaining: Callable[[], float],
    retry_seconds: int,
    log: Logger,
) -> None:
    """Handles SQS `records` as a Lambda event has them. `remaining` returns the seconds left to the function.

    Raises BatchIncomplete if a record was left in the queue.
    """
    if isinstance(handle, BatchHandler):
        handled, failed = handle_together(records, handle, log)
    else:
        handled, failed = handle_all(records, handle, remaining, RESERVE + consumer.longest, log)
    finished, unpublished = publish_all(handled, publisher, max(1.0, remaining() - RESERVE))
    left = end_all(finished, failed + unpublished, consumer, queue, retry_seconds, log)
    if left:
        raise BatchIncomplete(f"{left} of {len(records)} records are left in the queue")


def handle_all(
    records: Sequence[Mapping[str, Any]], handle: Handler, remaining: Callable[[], float], needed: float, log: Logger
) -> tuple[list[Handled], list[Failed]]:
    """Handles record after record while `needed` seconds remain; the others are failed as `unreached`.

    Records that have been received most often come first. Otherwise a record could stay unreached in every batch and
    become a dead letter without having been handled.
    """
    handled: list[Handled] = []
    failed: list[Failed] = []
    waiting = sorted(records, key=known_receives, reverse=True)
    for number, record in enumerate(waiting):
        if number and remaining() < needed:
            failed += [Failed(each, "unreached", "the function's time was up") for each in waiting[number:]]
            break
        outcome = handle_one(record, handle, log)
        handled += [outcome] if isinstance(outcome, Handled) else []
        failed += [outcome] if isinstance(outcome, Failed) else []
    return handled, failed


def known_receives(record: Mapping[str, Any]) -> int:
    """How often the record was received; 0 if it does not say so, which `opened` then reports."""
    try:
        return receive_count(record)
    except (KeyError, ValueError):
        return 0


def handle_one(record: Mapping[str, Any], handle: Handler, log: Logger) -> Handled | Failed:
    delivery = opened(record)
    if isinstance(delivery, Failed):
        return delivery
    with about(log, **delivery.event.ids):
        try:
            events = handle(delivery)
        except Exception as error:  # whatever it is, the record is retried and at last dead-lettered with it
            return failure(record, delivery, error)
    return done(record, delivery, log, events)


def handle_together(
    records: Sequence[Mapping[str, Any]], handle: BatchHandler, log: Logger
) -> tuple[list[Handled], list[Failed]]:
    """Hands the readable records of the batch to the consumer together."""
    read = [(record, opened(record)) for record in records]
    taken = [(record, delivery) for record, delivery in read if isinstance(delivery, Delivery)]
    try:
        outcomes = handle.handle_together([delivery for _, delivery in taken])
    except Exception as error:  # as in handle_one
        outcomes = [error] * len(taken)
    ended = list(zip(taken, outcomes, strict=True))
    handled = [done(record, delivery, log) for (record, delivery), error in ended if error is None]
    failed = [delivery for _, delivery in read if isinstance(delivery, Failed)]
    failed += [failure(record, delivery, error) for (record, delivery), error in ended if error is not None]
    return handled, failed


def done(record: Mapping[str, Any], delivery: Delivery, log: Logger, events: Sequence[AnyEvent | Live] = ()) -> Handled:
    """Says so in the log, with the ids of what it was about."""
    with about(log, **delivery.event.ids):
        log.info("handled", extra={"event_type": delivery.event.type, "attempt": delivery.attempt})
    return Handled(record, [as_published(each, delivery.replayed) for each in events], delivery.event.ids)


def as_published(event: AnyEvent | Live, replayed: bool) -> AnyEvent:
    if isinstance(event, Live):
        return event.event
    return event.marked_replay() if replayed else event


def opened(record: Mapping[str, Any]) -> Delivery | Failed:
    try:
        return deliver(record)
    except Exception as error:
        return Failed(record, "invalid", describe(error), readable_ids(record))


def failure(record: Mapping[str, Any], delivery: Delivery, error: Exception) -> Failed:
    reason: Reason = "hopeless" if isinstance(error, Hopeless) else "failed"
    return Failed(record, reason, describe(error, delivery.event), delivery.event.ids)


def deliver(record: Mapping[str, Any]) -> Delivery:
    """The typed event of an SQS record. Raises ContractError."""
    document = document_in(record["body"])
    entry, posting = event_in(document), posting_of(document)
    event = parse_entry(entry, impersonal) if posting else parse_entry(entry)
    return Delivery(event, is_replay(entry), receive_count(record), posting)


def publish_all(
    handled: Sequence[Handled], publisher: Publisher, within: float
) -> tuple[list[Mapping[str, Any]], list[Failed]]:
    """Publishes what follows from all records at once: (records that are finished, those with an event not taken)."""
    missing: dict[str, str] = {}
    try:
        publisher.publish([event for each in handled for event in each.events], within)
    except NotPublished as error:
        missing = error.failed
    finished, unpublished = [], []
    for each in handled:
        reasons = [missing[event.event_id] for event in each.events if event.event_id in missing]
        if reasons:
            unpublished.append(Failed(each.record, "failed", f"not published: {', '.join(reasons)}", each.ids))
        else:
            finished.append(each.record)
    return finished, unpublished
