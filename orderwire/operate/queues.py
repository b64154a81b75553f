"""How full the queues are."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from edges.queues import counts, oldest_seconds
from edges.settings import Settings
from orderwire.workplace.embedded import Inside


@dataclass(frozen=True)
class Depth:
    """A consumer's queue and dead-letter queue. Ages are in seconds, None if empty or not known yet."""

    consumer: str
    waiting: int
    in_flight: int
    delayed: int
    oldest_seconds: int | None
    dead: int
    oldest_dead_seconds: int | None
    paused: bool

    @property
    def total(self) -> int:
        return self.waiting + self.in_flight + self.delayed + self.dead


class Ages(Protocol):
    def __call__(self, queue: str) -> int | None:
        """The age in seconds of the oldest message of the queue of this full name, or None."""


def depths(
    sqs: Any, settings: Settings, consumers: Iterable[str], ages: Ages, paused: Callable[[str], bool]
) -> list[Depth]:
    return [depth(sqs, settings, consumer, ages, paused(consumer)) for consumer in consumers]


def depth(sqs: Any, settings: Settings, consumer: str, ages: Ages, paused: bool) -> Depth:
    queue, dead_letters = settings.name(consumer), settings.name(f"{consumer}-dlq")
    waiting, in_flight, delayed = counts(sqs, queue)
    return Depth(
        consumer=consumer,
        waiting=waiting,
        in_flight=in_flight,
        delayed=delayed,
        oldest_seconds=ages(queue) if waiting or in_flight or delayed else None,
        dead=(dead := sum(counts(sqs, dead_letters))),
        oldest_dead_seconds=ages(dead_letters) if dead else None,
        paused=paused,
    )


class EngineAges:
    """Looks into the engine's queues; SQS itself does not tell ages."""

    def __init__(self, inside: Inside, now: Callable[[], datetime]) -> None:
        self._inside, self._now = inside, now

    def __call__(self, queue: str) -> int | None:
        sent = [message["SentTimestamp"] for message in self._inside.queue(queue)]
        return max(0, int(self._now().timestamp()) - min(sent)) if sent else None


class CloudWatchAges:
    """Asks CloudWatch, which knows the age as it was up to five minutes ago."""

    def __init__(self, client: Any, now: Callable[[], datetime]) -> None:
        self._client, self._now = client, now

    def __call__(self, queue: str) -> int | None:
        return oldest_seconds(self._client, [queue], self._now()).get(queue)
