"""`orderwire dlq`."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial
from typing import Annotated

import typer
from rich.progress import Progress

from orderwire.cli.options import HOME, ConsumerName, HomeFolder, Json, StageName, at, names
from orderwire.console.output import emit, emit_json, err, progress, say
from orderwire.operate.dlq import DeadLetter, Tick
from orderwire.operate.redriving import Named, dead_letter_counts, dead_letters_of, redrive_each
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


@app.command("list")
def list_(as_json: Json = False, stage: StageName = "local", home: HomeFolder = HOME) -> None:
    """Show how many dead letters each consumer has, and the rules of subscriptions/ together."""
    emit(dead_letter_counts(at(stage, home).edges, names()), as_json, "There are no consumers.")


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
    where = cache(partial(at, stage, home))
    found = dead_letters_of(where().edges, named(where), consumer, limit)
    if found.total > len(found.letters) >= limit:
        say(f"These are {len(found.letters)} of about {found.total} dead letters; --limit shows more.", console=err)
    letters = found.letters if as_json else list(map(shortened, found.letters))
    emit(letters, as_json, f"{consumer} has no dead letters.", COLUMNS)


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
    where = cache(partial(at, stage, home))
    with progress() as bars:
        found = redrive_each(lambda: where().edges, named(where), consumer, order_id, rate, lambda *of: bar(bars, *of))
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


def named(where: Callable[[], Target]) -> Named:
    def subscribed() -> Iterator[str]:
        from orderwire.subscriptions.deploying import deployed  # imports every consumer

        return deployed(where().client, where().stage)

    return Named(names(), subscribed)


def bar(bars: Progress, consumer: str, total: int) -> Tick:
    task = bars.add_task(consumer, total=total)
    return lambda moved: bars.update(task, completed=moved)


def shortened(letter: DeadLetter) -> DeadLetter:
    """With an error that leaves room for the other letters."""
    error = letter.error
    return replace(letter, error=f"{error[:LONGEST_ERROR]}…") if error and len(error) > LONGEST_ERROR else letter
