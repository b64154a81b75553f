"""A replay from its start until the consumers have dealt with it, and what it changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.progress import Progress

from edges.connect import Edges
from edges.queues import counts
from orderwire.replay.changes import Change, changes, owned, prints
from orderwire.replay.period import Period
from orderwire.replay.replays import follow, start
from orderwire.waiting import wait_until

STILL_SECONDS = 1.0
"""Queues that are empty twice, this far apart, stay so: what follows from an event is on its way sooner."""


@dataclass(frozen=True)
class Replayed:
    """`waiting` counts messages that the consumers have not dealt with in time, `dead` those that became dead letters
    meanwhile. `changes` has the tables that the consumers own."""

    name: str
    consumers: Sequence[str]
    start: datetime
    end: datetime
    changes: list[Change]
    waiting: int
    dead: int

    @property
    def nothing_changed(self) -> bool:
        return not any(each.any for each in self.changes)

    @property
    def good(self) -> bool:
        return not self.waiting and not self.dead


def replay_name(edges: Edges) -> str:
    """One that was never used."""
    return f"{edges.settings.name('replay')}-{edges.clock.now():%Y%m%dT%H%M%S}-{edges.chance.token()[:6]}"


def replay(
    edges: Edges,
    period: Period,
    consumers: Sequence[str],
    hearing: Sequence[str],
    patience: float,
    between_looks: float,
    bars: Progress,
) -> Replayed:
    """Replays to `consumers` and waits for what follows from that at all who hear replays (`hearing`).

    `patience` is how many seconds these have. Raises Problem if the replay itself does not end well.
    """
    name, tables = replay_name(edges), owned(consumers)
    before, died = prints(edges, tables), messages(edges, [f"{each}-dlq" for each in hearing])
    start(edges, name, period, consumers)
    task = bars.add_task("replay", total=100)
    follow(edges, name, lambda state, part: bars.update(task, description=state.lower(), completed=100 * part),
           between_looks=between_looks)  # fmt: skip
    left = settle(edges, hearing, patience, bars)
    dead = messages(edges, [f"{each}-dlq" for each in hearing]) - died
    found = changes(before, prints(edges, tables))
    return Replayed(name, consumers, period.start, period.end, found, left, max(0, dead))


def settle(edges: Edges, consumers: Sequence[str], patience: float, bars: Progress) -> int:
    """Waits until nothing waits for these consumers; answers how many messages still do after `patience` seconds."""
    task = bars.add_task("consumers at work", total=None)

    def empty() -> bool:
        left = messages(edges, consumers)
        bars.update(task, description=f"{left} messages to go")
        return not left

    def twice() -> bool:
        if not empty():
            return False
        edges.clock.sleep(STILL_SECONDS)
        return empty()

    return 0 if wait_until(twice, patience, 0.2) else messages(edges, consumers)


def messages(edges: Edges, queues: Sequence[str]) -> int:
    """In all of these queues, whether waiting, in flight or delayed."""
    return sum(sum(counts(edges.clients.sqs, edges.settings.name(name))) for name in queues)
