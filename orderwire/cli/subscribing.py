"""`orderwire subscriptions deploy`, `list`, `remove` and `verify`: the rules of other teams, in a stage.

What a stack is made of imports every consumer, so these commands import what they need when they are called.
"""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edges.clock import Chance
from orderwire.cli.account import Yes, account, agreed, reviewer, teller
from orderwire.cli.asking import ask
from orderwire.cli.options import HOME, HomeFolder, Json, StageName, a_length, at
from orderwire.console.output import emit, emit_json, err, out
from orderwire.console.problem import Problem
from orderwire.console.signals import stoppable

if TYPE_CHECKING:
    from infrastructure.stages import Stage
    from orderwire.cloudformation.changes import ResourceChange
    from orderwire.cloudformation.stack import Review
    from orderwire.cloudformation.template_bucket import ClientOf
    from orderwire.subscriptions.verifying import TrialOutcome

app = typer.Typer()

File = Annotated[Path | None, typer.Argument(help="A subscription's file.")]
All = Annotated[
    bool, typer.Option("--all", help="Every file of subscriptions/; deployed subscriptions without a file are removed.")
]
Wait = Annotated[float | None, typer.Option(callback=a_length, help="Seconds to wait for the event to arrive.")]

LOCAL = "local"
EXIT_CODES = {"arrived": 0, "failed": 1, "left": 3}
"""Of `verify`, by what became of the event; 2 is an error of the caller."""

HERE, ACCOUNT = (0.0, 5.0), (30.0, 60.0)
"""Seconds until a new rule hears, and for an event to arrive: in the embedded AWS and in an account. EventBridge says
of a new rule only that it takes "a short period of time"."""


@app.command()
def deploy(
    file: File = None,
    all_: All = False,
    stage: StageName = LOCAL,
    yes: Yes = False,
    as_json: Json = False,
    home: HomeFolder = HOME,
) -> None:
    """Create or update the rule of a subscription, and say what its team has to add to the target's policy.

    Shows what would change, and asks, but not in stage local. A rule that would hear nothing is refused.
    """
    from orderwire.subscriptions.given import deploy_given, is_ours, statements, what_next

    if all_ == (file is not None):
        raise Problem("Name one file, or say --all.")
    client, declared = place(stage, home)
    sure, tell, changes = yes or stage == LOCAL, teller(as_json), list["ResourceChange"]()
    done = deploy_given(client, declared, file, tell, reviews(sure, as_json, changes), removal(sure))
    if as_json:
        found = {"changed": done.changed, "changes": [vars(each) for each in changes]}
        emit_json({"stage": stage, **found, "statements": statements(client, declared, done.files)})
        return
    for each in done.files:
        for line in what_next(client, declared, each):
            tell(line)
    if file and not is_ours(file):
        tell(
            f"{file} is not in subscriptions/: the next start of `make run` and `deploy --all` remove the subscription."
        )


@app.command("list")
def list_(stage: StageName = LOCAL, as_json: Json = False, home: HomeFolder = HOME) -> None:
    """Show every subscription: its team, target and verdict, whether it is deployed, its dead letters."""
    from infrastructure.subscriptions.files import load_each
    from orderwire.subscriptions.listing import listed

    client, declared = place(stage, home)
    files, refused = load_each()
    columns = ("name", "team", "ends_at", "verdict", "deployed", "dead_letters", *(("reason",) if refused else ()))
    emit(listed(client, declared, files, refused), as_json, "There are no subscriptions.", columns)


@app.command()
def remove(
    name: Annotated[str, typer.Argument(help="A subscription of another team, as `list` names it.")],
    stage: StageName = LOCAL,
    yes: Yes = False,
    home: HomeFolder = HOME,
) -> None:
    """Delete the rule of a subscription and its stack. Refused while it has dead letters."""
    from orderwire.subscriptions.given import remove_given

    client, declared = place(stage, home)
    remove_given(client, declared, name, teller(), removal(yes or stage == LOCAL))


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="A subscription's file.")],
    stage: StageName = LOCAL,
    wait: Wait = None,
    as_json: Json = False,
    home: HomeFolder = HOME,
) -> None:
    """Send a test event, which no other rule hears, to a rule's target, and say whether it arrived.

    Exit code 1 if it did not, 3 if it has left the bus but cannot be seen at the target from here.
    """
    from orderwire.subscriptions.given import given_file
    from orderwire.subscriptions.verifying import TrialWaits
    from orderwire.subscriptions.verifying import verify as tried

    client, declared = place(stage, home)
    settling, arriving = HERE if declared.emulated else ACCOUNT
    waits = TrialWaits(settling, arriving if wait is None else wait)
    with stoppable():
        found = tried(client, declared, given_file(file), f"verify-{Chance().token()}", waits, teller(as_json))
    conclude(found, as_json)


def conclude(found: "TrialOutcome", as_json: bool) -> None:
    """Tells what became of the trial, and exits with its code if it did not arrive."""
    if as_json:
        emit_json(asdict(found))
    else:
        teller()(f"{found.state}: {found.why}")
    if code := EXIT_CODES[found.state]:
        raise typer.Exit(code)


def place(stage: str, home: Path) -> "tuple[ClientOf, Stage]":
    """The running system here, or the account that the environment names."""
    if stage == LOCAL:
        where = at(stage, home)
        return where.client, where.stage
    return account(stage)


def reviews(sure: bool, as_json: bool, changes: "list[ResourceChange]") -> "Callable[[str], Review]":
    return lambda stack: reviewer(stack.removeprefix("orderwire-"), err if as_json else out, agreed(sure), (), changes)


def removal(sure: bool) -> Callable[[str], bool]:
    """Asks before a subscription goes. Raises Problem if nobody agrees."""

    def may_go(name: str) -> bool:
        if not sure:
            ask(f"Delete the subscription {name}, with its rule and its dead-letter queue?", "Nothing was deleted.")
        return True

    return may_go
