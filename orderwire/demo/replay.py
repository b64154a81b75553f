"""Replays the archive, in whole, to the consumers that hear replays."""

from datetime import datetime, timedelta

from consumers.registry import subscriptions
from orderwire.problem import Problem
from orderwire.stage import Target
from orderwire.waiting import wait_until

ENDED = frozenset({"COMPLETED", "CANCELLED", "FAILED"})
REPLAY_SECONDS = 120
MARGIN = timedelta(seconds=5)


def replay_everything(target: Target, name: str, since: datetime) -> None:
    """Replays what was archived since then and waits until all of it is on its way. Raises Problem."""
    edges = target.edges
    archive = edges.clients.events.describe_archive(ArchiveName=edges.settings.bus)
    edges.clients.events.start_replay(
        ReplayName=name,
        EventSourceArn=archive["ArchiveArn"],
        EventStartTime=since - MARGIN,
        EventEndTime=edges.clock.now() + MARGIN,
        Destination={"Arn": archive["EventSourceArn"], "FilterArns": rule_arns(target)},
    )
    if not wait_until(lambda: state(target, name) in ENDED, REPLAY_SECONDS):
        raise Problem(f"The replay {name} is not done after {REPLAY_SECONDS} s.")
    if state(target, name) != "COMPLETED":
        raise Problem(f"The replay {name} ended as {state(target, name)}.")


def rule_arns(target: Target) -> list[str]:
    """The ARNs of the rules of the consumers that hear replays."""
    events, settings = target.edges.clients.events, target.edges.settings
    names = [settings.name(row.name) for row in subscriptions() if row.hears_replays]
    return [events.describe_rule(Name=name, EventBusName=settings.bus)["Arn"] for name in names]


def state(target: Target, name: str) -> str:
    return str(target.edges.clients.events.describe_replay(ReplayName=name)["State"])
