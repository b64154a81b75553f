"""`orderwire dlq`."""

from dataclasses import dataclass, replace
from typing import Annotated

import typer
from rich.progress import Progress

from edges.connect import Edges
from edges.dead_letters import RULES
from edges.queues import counts
from orderwire.cli.options import HOME, ConsumerName, HomeFolder, Json, StageName, at, declared, names
from orderwire.console.output import emit, emit_json, err, progress, say
from orderwire.console.problem import Problem
from orderwire.operate.dlq import DeadLetter, DeadLetters
from orderwire.workplace.stage import Target

app = typer.Typer(no_args_is_help=True, help="Dead-letter queues: what failed for good, why, and how to send it back.")

OrderId = Annotated[str | None, typer.Option("--order", help="Only the messages of this order.")]
COLUMNS = ("order_id", "event", "reason", "error", "attempts")
"""What a terminal has room for; --json has more."""
LONGEST_ERROR = 200
"""Characters of an error in the table; --json has it whole."""

MOST_SHOWN = 1000
Limit = Annotated[int, typer.Option(min=1, max=100_000, help="At most this many.")]

Consumers = Annotated[str | None, typer.Argument(help="A consumer; all of them if none is named.", show_default=False)]
FASTEST = 500
"""Messages a second that SQS moves at most."""
Rate = Annotated[
    int | None, typer.Option(min=1, max=FASTEST, help="Messages a second; without it as fast as possible.")
]


NO_WAY_BACK = (
    "What the rules of {0} could not deliver has no queue of ours to go back to: they end at people and other teams. "
    "See `orderwire dlq show {0}` for what and why, mend the target or its policy, and tell them of these orders "
    "yourself: no replay reaches them."
)


@dataclass(frozen=True)
class Waiting:
    consumer: str
    dead_letters: int


@dataclass(frozen=True)
class RedriveResult:
    consumer: str
    moved: int


@app.command("list")
def list_(as_json: Json = False, stage: StageName = "local", home: HomeFolder = HOME) -> None:
    """Show how many dead letters each consumer has, and the rules of subscriptions/ together."""
    edges = at(stage, home).edges
    shown = [*names(), RULES]
    rows = [Waiting(name, sum(counts(edges.clients.sqs, edges.settings.name(f"{name}-dlq")))) for name in shown]
    emit(rows, as_json, "There are no consumers.")


@app.command()
def show(
    consumer: ConsumerName,
    limit: Limit = MOST_SHOWN,
    as_json: Json = False,
    stage: StageName = "local",
    home: HomeFolder = HOME,
) -> None:
    """Show each dead letter of a consumer: reason, attempts, order and event.

    `subscriptions` instead of a consumer shows what the rules of subscriptions/ could not deliver, and the name of
    another team's subscription what that rule could not deliver.
    """
    where = at(stage, home)
    name = consumer if consumer == RULES or is_subscription(where, consumer) else declared(consumer).name
    letters = DeadLetters(where.edges.clients.sqs, where.edges.settings, name)
    found, total = letters.show(limit), letters.count()
    if total > len(found) >= limit:
        say(f"These are {len(found)} of about {total} dead letters; --limit shows more.", console=err)
    emit(found if as_json else list(map(shortened, found)), as_json, f"{name} has no dead letters.", COLUMNS)


@app.command()
def redrive(
    consumer: Consumers = None,
    order_id: OrderId = None,
    rate: Rate = None,
    as_json: Json = False,
    stage: StageName = "local",
    home: HomeFolder = HOME,
) -> None:
    """Send the dead letters of a consumer, or of all consumers, back to their queue."""
    if consumer == RULES:
        raise Problem(NO_WAY_BACK.format(RULES))
    where = at(stage, home)
    if consumer and is_subscription(where, consumer):
        raise Problem(NO_WAY_BACK.format(consumer))
    chosen, edges = [declared(consumer).name] if consumer else names(), where.edges
    with progress() as bars:
        found = [RedriveResult(name, send_back(edges, name, order_id, rate, bars)) for name in chosen]
    if as_json:
        emit_json(vars(found[0]) if consumer else [vars(each) for each in found])
        return
    for each in found:
        if each.moved:
            what = "message is" if each.moved == 1 else "messages are"
            say(f"{each.moved} {what} on the way back to {each.consumer}")
    if not any(each.moved for each in found):
        whose = f"{consumer} has" if consumer else "There are"
        say(f"{whose} no dead letters{f' of {order_id}' if order_id else ''}.")


def is_subscription(where: Target, name: str) -> bool:
    """Whether another team's subscription of that name is deployed."""
    from orderwire.subscriptions.deploying import deployed  # imports every consumer

    return name not in names() and name in deployed(where.client, where.stage)


def shortened(letter: DeadLetter) -> DeadLetter:
    """With an error that leaves room for the other letters."""
    error = letter.error
    return replace(letter, error=f"{error[:LONGEST_ERROR]}…") if error and len(error) > LONGEST_ERROR else letter


def send_back(edges: Edges, consumer: str, order_id: str | None, rate: int | None, bars: Progress) -> int:
    letters = DeadLetters(edges.clients.sqs, edges.settings, consumer, clock=edges.clock)
    task = bars.add_task(consumer, total=letters.count())
    return letters.redrive(order_id, lambda moved: bars.update(task, completed=moved), rate)
