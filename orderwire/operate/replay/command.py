"""A replay from its start until the consumers have dealt with it, and what it changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from rich.progress import Progress

from edges.connect import Edges
from orderwire.operate.replay.changes import TableChange, changes, owned, prints
from orderwire.operate.replay.period import Period
from orderwire.operate.replay.replays import follow, start
from orderwire.workplace.settling import Looks, messages, settle


@dataclass(frozen=True)
class Replayed:
    """`waiting` counts messages that the consumers have not dealt with in time, `dead` those that became dead letters
    meanwhile. `changes` has the tables of all consumers."""

    name: str
    consumers: Sequence[str]
    start: datetime
    end: datetime
    changes: list[TableChange]
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
    everyone: Sequence[str],
    patience: float,
    looks: Looks,
    bars: Progress,
) -> Replayed:
    """Replays to `consumers` and waits for what follows from that: the events that these publish are no replay, and any
    consumer (`everyone`) may hear them.

    `patience` is how many seconds these have. Raises Problem if the replay itself does not end well.
    """
    name, tables = replay_name(edges), owned(everyone)
    before, died = prints(edges, tables), messages(edges, [f"{each}-dlq" for each in everyone])
    start(edges, name, period, consumers)
    sent = bars.add_task("replay", total=100)
    follow(edges, name, lambda state, part: bars.update(sent, description=state.lower(), completed=100 * part),
           between_looks=looks.between)  # fmt: skip
    heard = bars.add_task("consumers at work", total=None)
    at_work = partial(bars.update, heard)
    left = settle(edges, everyone, patience, lambda left: at_work(description=f"{left} messages to go"), looks)
    dead = messages(edges, [f"{each}-dlq" for each in everyone]) - died
    found = changes(before, prints(edges, tables))
    return Replayed(name, consumers, period.start, period.end, found, left, max(0, dead))
