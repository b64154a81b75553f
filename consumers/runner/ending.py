"""How records end: deleted when they are done, delayed when they may succeed later, else dead-lettered with why.

Ending one record can fail too (SQS is unreachable, a receipt has expired). That holds up no other record: it counts as
left in the queue, where SQS shows it again after its visibility timeout.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from aws_lambda_powertools import Logger

from consumers.declaration import Consumer
from consumers.runner.problems import describe
from consumers.runner.queue import NotDeleted, SourceQueue
from edges.log import about

Reason = Literal["failed", "unreached", "invalid", "hopeless"]
GROWTH, LONGEST_DELAY = 4, 900


@dataclass(frozen=True)
class Failed:
    """`failed` and `unreached` may succeed later; `invalid` and `hopeless` cannot. `ids` say what it was about."""

    record: Mapping[str, Any]
    reason: Reason
    error: str
    ids: Mapping[str, str] = field(default_factory=dict)

    @property
    def may_pass(self) -> bool:
        return self.reason in {"failed", "unreached"}


def receive_count(record: Mapping[str, Any]) -> int:
    return int(record["attributes"]["ApproximateReceiveCount"])


def end_all(
    finished: Sequence[Mapping[str, Any]],
    failed: Sequence[Failed],
    consumer: Consumer,
    queue: SourceQueue,
    retry_seconds: int,
    log: Logger,
) -> int:
    """Ends every record, whatever happens to the others; returns how many are left in the queue.

    A batch without a failure is left to Lambda, which deletes it when the function returns.
    """
    left = _left(partial(_delete, finished, queue), len(finished), log) if failed else 0
    for each in failed:
        with about(log, **each.ids):
            left += _left(partial(_end, each, consumer, queue, retry_seconds, log), 1, log)
    return left


def _left(ending: Callable[[], int], concerned: int, log: Logger) -> int:
    """Calls `ending`; returns how many records it has left in the queue: all that it concerns, if it fails."""
    try:
        return ending()
    except Exception as error:  # the batch raises for what is left
        log.error("not ended", extra={"error": describe(error)})
        return error.count if isinstance(error, NotDeleted) else concerned


def _delete(finished: Sequence[Mapping[str, Any]], queue: SourceQueue) -> int:
    queue.delete(finished)
    return 0


def _end(failed: Failed, consumer: Consumer, queue: SourceQueue, retry_seconds: int, log: Logger) -> int:
    """Delays or dead-letters a failed record; returns 1 if that leaves it in the queue, else 0."""
    attempts = receive_count(failed.record)
    told = {"error": failed.error, "attempt": attempts, "message_id": failed.record["messageId"]}
    if failed.may_pass and attempts < consumer.receives:
        log.warning("failed", extra={"reason": failed.reason, **told})
        queue.delay(failed.record, 0 if failed.reason == "unreached" else growing_delay(attempts, retry_seconds))
        return 1
    reason = "exhausted" if failed.may_pass else failed.reason
    queue.bury(failed.record, reason=reason, error=failed.error, attempts=attempts, order_id=failed.ids.get("order_id"))
    log.error("dead-lettered", extra={"reason": reason, **told})
    return 0


def growing_delay(attempts: int, first: int) -> int:
    """Seconds to wait after that many attempts: `first`, then four times as long each time, up to 15 minutes."""
    return int(min(LONGEST_DELAY, first * GROWTH ** (attempts - 1)))
