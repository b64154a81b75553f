"""Replays the archive, in whole, to the consumers that hear replays."""

from datetime import datetime, timedelta

from consumers.registry import consumers
from orderwire.operate.replay.period import Period
from orderwire.operate.replay.replays import EVERYBODY, follow, hearers, start
from orderwire.workplace.stage import Target

REPLAY_SECONDS = 900
MARGIN = timedelta(seconds=5)


def replay_everything(target: Target, name: str, since: datetime) -> None:
    """Replays what was archived since then and waits until all of it is on its way. Raises Problem."""
    edges = target.edges
    covered = Period(since - MARGIN, edges.clock.now() + MARGIN)
    start(edges, name, covered, hearers([EVERYBODY], consumers()))
    follow(edges, name, lambda _state, _part: None, REPLAY_SECONDS)
