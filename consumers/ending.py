"""How records end: deleted when they are done, delayed when they may succeed later, else dead-lettered with why.

Ending one record can fail too (SQS is unreachable, a receipt has expired). That holds up no other record: it counts as
left in the queue, where SQS shows it again after its visibility timeout.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from aws_lambda_powertools import Logger

from consumers.problems import describe
from consumers.queue import SourceQueue
from consumers.subscription import Subscription
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
    subscription: Subscription,
    queue: SourceQueue,
    retry_seconds: int,
    log: Logger,
) -> int:
    """Ends every record, whatever happens to the others; answers how many are left in the queue."""
    left = 0 if _left_queue(partial(_delete, finished, queue), log) else len(finished)
    for each in failed:
        with about(log, **each.ids):
            left += not _left_queue(partial(_end, each, subscription, queue, retry_seconds, log), log)
    return left


def _left_queue(ending: Callable[[], bool], log: Logger) -> bool:
    try:
        return ending()
    except Exception as error:  # the caller counts it as left, for which the batch raises
        log.error("not ended", extra={"error": describe(error)})
        return False


def _delete(finished: Sequence[Mapping[str, Any]], queue: SourceQueue) -> bool:
    queue.delete(finished)
    return True


def _end(failed: Failed, subscription: Subscription, queue: SourceQueue, retry_seconds: int, log: Logger) -> bool:
    """Delays or dead-letters a failed record; answers whether it has left the queue."""
    attempts = receive_count(failed.record)
    told = {"error": failed.error, "attempt": attempts, "message_id": failed.record["messageId"]}
    if failed.may_pass and attempts < subscription.receives:
        log.warning("failed", extra={"reason": failed.reason, **told})
        queue.delay(failed.record, 0 if failed.reason == "unreached" else growing_delay(attempts, retry_seconds))
        return False
    reason = "exhausted" if failed.may_pass else failed.reason
    log.error("dead-lettered", extra={"reason": reason, **told})
    queue.bury(failed.record, reason=reason, error=failed.error, attempts=attempts, order_id=failed.ids.get("order_id"))
    return True


def growing_delay(attempts: int, first: int) -> int:
    """Seconds to wait after that many attempts: `first`, then four times as long each time, up to 15 minutes."""
    return int(min(LONGEST_DELAY, first * GROWTH ** (attempts - 1)))
