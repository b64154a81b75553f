"""Commands about what customers, people and other teams were told."""

from typing import Annotated

import typer

from orderwire.cli.options import HOME, HomeFolder, Json, StageName, at
from orderwire.console.output import emit, say
from orderwire.console.problem import Problem
from orderwire.operate.mails import Letter, letters, mailed
from orderwire.operate.order_log import logged
from orderwire.subscriptions.readers import delivered as all_delivered
from orderwire.subscriptions.readers import receivers
from orderwire.workplace.embedded import Inside
from orderwire.workplace.stage import Target

app = typer.Typer()

OfOrder = Annotated[str | None, typer.Option("--order", help="Only of this order.")]
Limit = Annotated[int, typer.Option(min=1, max=10_000, help="At most this many.")]
Text = Annotated[bool, typer.Option("--text", help="Show the mails' texts; on this machine only.")]
To = Annotated[str | None, typer.Argument(metavar="RECEIVER", help="A topic, or another team's queue.")]


@app.command()
def mails(
    order: OfOrder = None,
    text: Text = False,
    limit: Limit = 20,
    as_json: Json = False,
    stage: StageName = "local",
    home: HomeFolder = HOME,
) -> None:
    """Show the mails to customers, the latest first: order, kind of mail, when it was sent."""
    where = at(stage, home)
    if text and where.api is None:
        raise Problem("SES keeps no mail that it has sent: --text works on this machine's stage only.")
    found = mailed(where.edges, order, limit)
    if not text:
        emit(found, as_json, "There are no mails.", ("order_id", "mail", "state", "sent_at"))
        return
    written = letters(found, inside(where).mails())
    if as_json or not written:
        emit(written, as_json, "There are no mails.")
        return
    for letter in written:
        show(letter)


def show(letter: Letter) -> None:
    say(f"{letter.subject}\n[{letter.mail}, {letter.sent_at:%Y-%m-%d %H:%M:%S} UTC]\n", "bold")
    say(letter.text)


@app.command("order-log")
def order_log(
    order: OfOrder = None,
    limit: Limit = 20,
    as_json: Json = False,
    stage: StageName = "local",
    home: HomeFolder = HOME,
) -> None:
    """Show the messages to the in-house team, the latest first, from the order-log table."""
    found = logged(at(stage, home).edges, order, limit)
    emit(found, as_json, "The order log is empty.", ("id", "posted", "message"))


@app.command()
def delivered(to: To = None, limit: Limit = 20, as_json: Json = False, home: HomeFolder = HOME) -> None:
    """Show what the rules of subscriptions/ delivered to people and other teams, the latest first; locally only.

    On this machine queues stand in for the readers of a topic and for other teams' queues. In AWS the messages are with
    whoever subscribed.
    """
    from orderwire.subscriptions.deploying import deployed

    where = at("local", home)
    known = receivers(deployed(where.client, where.stage))
    if to not in (None, *known):
        raise Problem(f"Nobody gets messages as {to!r} here. There are: {', '.join(known)}.")
    found = all_delivered(where.edges, inside(where), known if to is None else [to])[:limit]
    emit(found, as_json, "Nothing was delivered yet.", ("at", "to", "message"))


def inside(where: Target) -> Inside:
    """Of the engine of this machine's stage."""
    return Inside(where.edges.clients.sqs.meta.endpoint_url)
