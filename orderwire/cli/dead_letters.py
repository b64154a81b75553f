"""`orderwire dlq`."""

from dataclasses import dataclass
from typing import Annotated

import typer
from rich.progress import TaskID

from edges.queues import counts
from orderwire.cli.options import HOME, Consumer, HomeFolder, Json, StageName, at, declared, names
from orderwire.commands.dlq import DeadLetters
from orderwire.output import emit, emit_json, out, progress

app = typer.Typer(no_args_is_help=True, help="Dead letters: what failed for good, why, and the way back.")

OrderId = Annotated[str | None, typer.Option("--order", help="Only the messages of this order.")]


@dataclass(frozen=True)
class Waiting:
    consumer: str
    dead_letters: int


@app.command("list")
def list_(as_json: Json = False, stage: StageName = "local", home: HomeFolder = HOME) -> None:
    """How many dead letters each consumer has."""
    edges = at(stage, home).edges
    rows = [Waiting(name, sum(counts(edges.clients.sqs, edges.settings.name(f"{name}-dlq")))) for name in names()]
    emit(rows, as_json, "There are no consumers.")


@app.command()
def show(consumer: Consumer, as_json: Json = False, stage: StageName = "local", home: HomeFolder = HOME) -> None:
    """Each dead letter of a consumer: reason, attempts, order and event."""
    name, edges = declared(consumer).name, at(stage, home).edges
    emit(DeadLetters(edges.clients.sqs, edges.settings, name).show(), as_json, f"{name} has no dead letters.")


@app.command()
def redrive(
    consumer: Consumer,
    order_id: OrderId = None,
    as_json: Json = False,
    stage: StageName = "local",
    home: HomeFolder = HOME,
) -> None:
    """Send a consumer's dead letters back to it."""
    name, edges = declared(consumer).name, at(stage, home).edges
    sqs = edges.clients.sqs
    with progress() as bars:
        task: TaskID = bars.add_task(name, total=sum(counts(sqs, edges.settings.name(f"{name}-dlq"))))
        moved = DeadLetters(sqs, edges.settings, name).redrive(order_id, lambda n: bars.update(task, completed=n))
    if as_json:
        emit_json({"consumer": name, "moved": moved})
    else:
        out.print(f"{moved} messages are on their way back to {name}")
