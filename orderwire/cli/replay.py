"""`orderwire replay`."""

from typing import Annotated

import typer

from consumers.registry import consumers
from edges.clock import Clock
from orderwire.cli.account import Yes
from orderwire.cli.asking import ask
from orderwire.cli.options import HOME, HomeFolder, Json, StageName, a_length, at
from orderwire.console.output import emit_json, err, print_table, progress, say, table_of
from orderwire.operate.replay.command import Replayed, replay
from orderwire.operate.replay.period import Period, period
from orderwire.operate.replay.replays import hearers
from orderwire.workplace.settling import HERE, IN_AWS

app = typer.Typer()

To = Annotated[list[str], typer.Option("--to", help="A consumer that hears replays, or all; may be repeated.")]
Since = Annotated[str | None, typer.Option(help="How far back, for example 45m, 2h, 3d.")]
From = Annotated[str | None, typer.Option("--from", help="Instead of --since: a time such as 2026-11-20T09:30:00Z.")]
Until = Annotated[str | None, typer.Option(help="With --from: the end of the time; by default now.")]
Patience = Annotated[
    float, typer.Option(callback=a_length, help="Seconds to wait until the consumers have handled all of it.")
]

LAG = "EventBridge archives an event some minutes after it was published; younger ones may not be replayed."


@app.command("replay")
def replay_(
    to: To,
    since: Since = None,
    from_: From = None,
    until: Until = None,
    patience: Patience = 120,
    yes: Yes = False,
    as_json: Json = False,
    stage: StageName = "local",
    home: HomeFolder = HOME,
) -> None:
    """Send archived events to consumers again, and show what that changed: nothing, if nothing was lost.

    Exit code 1 if messages still wait at the end, or have become dead letters. In AWS the archive gets an event some
    minutes after the bus did.
    """
    declared = list(consumers())
    chosen, everyone = hearers(to, declared), [each.name for each in declared]
    covered = period(since, from_, until, Clock().now())
    where = at(stage, home)
    in_aws = where.api is None
    if in_aws:
        say(LAG, console=err)
    if not yes:
        ask(f"Replay {covered} of stage {where.stage.name} to {', '.join(chosen)}?", "Nothing was replayed.")
    with progress() as bars:
        done = replay(where.edges, covered, chosen, everyone, patience, IN_AWS if in_aws else HERE, bars)
    if as_json:
        emit_json({**vars(done), "changes": [vars(each) for each in done.changes]})
    else:
        show(done, covered)
    if not done.good:
        raise typer.Exit(1)


def show(done: Replayed, covered: Period) -> None:
    say(f"Replayed {covered} to {', '.join(done.consumers)}, as {done.name}.")
    print_table(table_of(done.changes))
    if done.waiting:
        say(f"{done.waiting} messages still wait for a consumer: orderwire queues", "red")
    if done.dead:
        say(f"{done.dead} messages became dead letters: orderwire dlq list", "red")
    if done.nothing_changed:
        say("Nothing changed: nothing was lost.")
    else:
        say("What was ordered or decided meanwhile is counted as well.")
