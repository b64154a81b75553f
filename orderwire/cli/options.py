"""Options and arguments that more than one command takes, and what they stand for."""

from pathlib import Path
from typing import Annotated

import typer

from consumers.declaration import Consumer
from consumers.registry import consumers
from orderwire.console.problem import Problem
from orderwire.machine.pollers.pauses import LocalPauses, MappingPauses, Pauses
from orderwire.workplace.home import Home
from orderwire.workplace.stage import Target, target


def a_length(value: float | None) -> float | None:
    """Refuses what is no number: a wait for NaN seconds never ends."""
    if value is not None and not value >= 0:
        raise typer.BadParameter(f"{value:g} is no length of time: write seconds, 0 or more.")
    return value


Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
StageName = Annotated[
    str, typer.Option("--stage", help="A stage in AWS, or local: the system that runs on this machine.")
]
HomeFolder = Annotated[Path, typer.Option("--home", help="The folder with this machine's state.", show_default=False)]
ConsumerName = Annotated[str, typer.Argument(help="A consumer, as `orderwire routes` names it.")]

HOME = Home().path


def at(stage: str, home: Path) -> Target:
    """Raises Problem if there is no such stage, or if stage `local` is asked for and is not running."""
    return target(stage, Home(home))


def declared(consumer: str) -> Consumer:
    """Raises Problem if nobody has that name."""
    known = {each.name: each for each in consumers()}
    if consumer not in known:
        raise Problem(f"There is no consumer {consumer!r}. There are: {', '.join(known)}.")
    return known[consumer]


def names() -> list[str]:
    return [each.name for each in consumers()]


def pauses(where: Target, home: Path) -> Pauses:
    if where.api:
        return LocalPauses(Home(home).paused, where.edges.clock.sleep)

    def queue_arn(consumer: str) -> str:
        sqs = where.edges.clients.sqs
        url = sqs.get_queue_url(QueueName=where.edges.settings.name(consumer))["QueueUrl"]
        answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return str(answer["Attributes"]["QueueArn"])

    return MappingPauses(where.client("lambda"), queue_arn)
