"""EventBridge's own replays: started so that they enter at some consumers' rules only, and followed to their ends."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from consumers.declaration import Consumer
from edges.connect import Edges
from orderwire.console.problem import Problem
from orderwire.console.waiting import wait_until
from orderwire.operate.replay.period import Period
from orderwire.workplace.settling import HERE

ENDED = frozenset({"COMPLETED", "CANCELLED", "FAILED"})
EVERYBODY = "all"

Progress = Callable[[str, float], None]
"""Gets the state of a replay as EventBridge has it, and the part that is done as far as that tells, 0 to 1."""


def hearers(wanted: Sequence[str], declared: Iterable[Consumer]) -> list[str]:
    """The names of those consumers, or of everybody who hears replays. Raises Problem for any who must not."""
    known = {row.name: row for row in declared}
    hearing = [row.name for row in known.values() if row.hears_replays]
    for name in wanted:
        if name not in known and name != EVERYBODY:
            raise Problem(f"There is no consumer {name!r}. Replays are heard by: {', '.join(hearing)}, or {EVERYBODY}.")
        if name not in [*hearing, EVERYBODY]:
            raise Problem(
                f"{name} hears no replays: it counts, keeps or tells what happened, and that happened once. "
                f"Its rule leaves them out. Replays are heard by: {', '.join(hearing)}."
            )
    return hearing if EVERYBODY in wanted else [name for name in hearing if name in wanted]


def start(edges: Edges, name: str, period: Period, consumers: Iterable[str]) -> None:
    """Starts the replay `name` of what was archived in that time; it enters at the rules of these consumers."""
    events, settings = edges.clients.events, edges.settings
    archive = events.describe_archive(ArchiveName=settings.bus)
    rules = [events.describe_rule(Name=settings.name(each), EventBusName=settings.bus)["Arn"] for each in consumers]
    events.start_replay(
        ReplayName=name,
        EventSourceArn=archive["ArchiveArn"],
        EventStartTime=period.start,
        EventEndTime=period.end,
        Destination={"Arn": archive["EventSourceArn"], "FilterArns": rules},
    )


def follow(
    edges: Edges, name: str, told: Progress, seconds: float = math.inf, between_looks: float = HERE.between
) -> None:
    """Waits until all of the replay is on its way to the consumers. Raises Problem if that does not come about."""
    replay: Mapping[str, Any] = {}

    def ended() -> bool:
        nonlocal replay
        replay = edges.clients.events.describe_replay(ReplayName=name)
        told(str(replay["State"]), part_done(replay))
        return replay["State"] in ENDED

    if not wait_until(ended, seconds, between_looks):
        raise Problem(f"The replay {name} is not done after {seconds:g} s.")
    if replay["State"] != "COMPLETED":
        reason = replay.get("StateReason", "no reason given")
        raise Problem(f"The replay {name} ended as {replay['State']}: {reason}")


def part_done(replay: Mapping[str, Any]) -> float:
    """From how far it has come in the time that it covers; EventBridge replays the oldest first."""
    if replay["State"] == "COMPLETED":
        return 1.0
    if "EventLastReplayedTime" not in replay:
        return 0.0
    first, last, here = (replay[key] for key in ("EventStartTime", "EventEndTime", "EventLastReplayedTime"))
    whole = (last - first).total_seconds()
    return float(min(1.0, max(0.0, (here - first).total_seconds() / whole))) if whole else 1.0
