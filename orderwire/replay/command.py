"""A replay from its start until the consumers have dealt with it, and what it changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.progress import Progress

from edges.connect import Edges
from orderwire.replay.changes import Change, changes, owned, prints
from orderwire.replay.period import Period
from orderwire.replay.replays import follow, start
from orderwire.settling import messages, settle


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
    sent = bars.add_task("replay", total=100)
    follow(edges, name, lambda state, part: bars.update(sent, description=state.lower(), completed=100 * part),
           between_looks=between_looks)  # fmt: skip
    heard = bars.add_task("consumers at work", total=None)
    left = settle(edges, hearing, patience, lambda left: bars.update(heard, description=f"{left} messages to go"))
    dead = messages(edges, [f"{each}-dlq" for each in hearing]) - died
    found = changes(before, prints(edges, tables))
    return Replayed(name, consumers, period.start, period.end, found, left, max(0, dead))
