"""Commands about events on their way: who hears them, where they wait, whether the money agrees."""

import typer

from consumers.registry import consumers
from infrastructure.subscriptions.files import load
from orderwire.cli.options import HOME, ConsumerName, HomeFolder, Json, StageName, at, declared, names, pauses
from orderwire.console.output import emit, emit_json, say
from orderwire.operate.queues import CloudWatchAges, EngineAges, queue_rows
from orderwire.operate.reconcile import differences
from orderwire.operate.routes import left_out
from orderwire.operate.routes import routes as all_routes
from orderwire.workplace.embedded import Inside
from orderwire.workplace.stage import Target

app = typer.Typer()


@app.command()
def routes(as_json: Json = False) -> None:
    """Show who publishes which event, and who hears it."""
    declared = list(consumers())
    columns = ("event", "published_by", "heard_by", "told")
    emit(all_routes(declared, load()), as_json, "There are no events.", columns)
    if not as_json:
        say("\n".join(["", *left_out(declared)]))


@app.command()
def queues(as_json: Json = False, stage: StageName = "local", home: HomeFolder = HOME) -> None:
    """Show how many messages wait for each consumer, how long, and how many are dead letters."""
    where = at(stage, home)
    edges = where.edges
    found = queue_rows(edges.clients.sqs, edges.settings, names(), ages(where), pauses(where, home).is_paused)
    emit(found, as_json, "There are no consumers.")


def ages(where: Target) -> EngineAges | CloudWatchAges:
    now = where.edges.clock.now
    if where.api:
        return EngineAges(Inside(where.edges.clients.sqs.meta.endpoint_url), now)
    return CloudWatchAges(where.client("cloudwatch"), now)


@app.command()
def pause(consumer: ConsumerName, as_json: Json = False, stage: StageName = "local", home: HomeFolder = HOME) -> None:
    """Let a consumer's messages wait in its queue until `resume`. SQS deletes what has waited for four days."""
    switch(consumer, True, as_json, stage, home)


@app.command()
def resume(consumer: ConsumerName, as_json: Json = False, stage: StageName = "local", home: HomeFolder = HOME) -> None:
    """Let a paused consumer handle its messages again."""
    switch(consumer, False, as_json, stage, home)


def switch(consumer: str, paused: bool, as_json: bool, stage: str, home: HomeFolder) -> None:
    name, where = declared(consumer).name, at(stage, home)
    pauses(where, home).set(name, paused)
    if as_json:
        emit_json({"consumer": name, "paused": paused})
    else:
        say(f"{name} {'is paused: its messages wait in its queue, for four days at the most' if paused else 'goes on'}")


@app.command()
def reconcile(as_json: Json = False, stage: StageName = "local", home: HomeFolder = HOME) -> None:
    """Compare the payments table with the payment provider's ledger. Exit code 1 if they differ."""
    found = differences(at(stage, home).edges)
    emit(found, as_json, "The payments table and the provider's ledger agree.")
    if any(not each.in_progress for each in found):
        raise typer.Exit(1)
