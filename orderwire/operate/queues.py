"""How full the consumers' queues are, as a person at the command line sees it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from edges.queues import Ages, depths, oldest_seconds
from edges.settings import Settings
from orderwire.workplace.embedded import Inside


@dataclass(frozen=True)
class QueueRow:
    """A consumer's queue and dead-letter queue. Ages are in seconds, None if empty or not known yet."""

    consumer: str
    waiting: int
    in_flight: int
    delayed: int
    oldest_seconds: int | None
    dead: int
    oldest_dead_seconds: int | None
    paused: bool


def queue_rows(
    sqs: Any, settings: Settings, consumers: Iterable[str], ages: Ages, paused: Callable[[str], bool]
) -> list[QueueRow]:
    names = {each: (settings.name(each), settings.name(f"{each}-dlq")) for each in consumers}
    found = depths(sqs, [queue for pair in names.values() for queue in pair], ages)
    rows = ((consumer, found[own], found[dead]) for consumer, (own, dead) in names.items())
    return [
        QueueRow(
            consumer=consumer,
            waiting=own.waiting,
            in_flight=own.in_flight,
            delayed=own.delayed,
            oldest_seconds=own.oldest_seconds,
            dead=dead.total,
            oldest_dead_seconds=dead.oldest_seconds,
            paused=paused(consumer),
        )
        for consumer, own, dead in rows
    ]


class EngineAges:
    """`edges.queues.Ages` of the engine's queues, by a look into them; SQS itself does not tell ages."""

    def __init__(self, inside: Inside, now: Callable[[], datetime]) -> None:
        self._inside, self._now = inside, now

    def __call__(self, queues: Sequence[str]) -> Mapping[str, int]:
        sent = {queue: [message["SentTimestamp"] for message in self._inside.queue(queue)] for queue in queues}
        now = int(self._now().timestamp())
        return {queue: max(0, now - min(times)) for queue, times in sent.items() if times}


class CloudWatchAges:
    """`edges.queues.Ages` as CloudWatch knows them, up to five minutes late."""

    def __init__(self, client: Any, now: Callable[[], datetime]) -> None:
        self._client, self._now = client, now

    def __call__(self, queues: Sequence[str]) -> Mapping[str, int]:
        return oldest_seconds(self._client, queues, self._now())
