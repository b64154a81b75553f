"""`orderwire subscriptions deploy`, `list`, `remove` and `verify`: the rules of other teams, in a stage.

What a stack is made of imports every consumer, so these commands import what they need when they are called.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
    from infrastructure.subscriptions.model import SubscriptionFile
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
    from orderwire.subscriptions import deploying

    if all_ == (file is not None):
        raise Problem("Name one file, or say --all.")
    client, declared = place(stage, home)
    sure, tell, changes = yes or stage == LOCAL, teller(as_json), list["ResourceChange"]()
    review_of = reviews(sure, as_json, changes)
    files = [chosen(file)] if file else ours()
    if file:
        changed = [files[0].name] if deploying.deploy(client, declared, files[0], tell, review_of) else []
    else:
        changed = deploying.deploy_all(client, declared, files, tell, review_of, removal(sure))
    others = deploying.of_other_teams(files)
    if as_json:
        statements = {"statements": added(client, declared, others)}
        emit_json({"stage": stage, "changed": changed, "changes": [vars(each) for each in changes], **statements})
        return
    for each in others:
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
    from orderwire.subscriptions import deploying

    client, declared = place(stage, home)
    known = sorted(deploying.deployed(client, declared))
    if name not in known:
        raise Problem(f"{name} has no stack in stage {stage}. Those that have: {', '.join(known) or 'none'}.")
    deploying.require_delivered(client, declared, [name])
    removal(yes or stage == LOCAL)(name)
    deploying.remove(client, declared, name, teller())
    if name in {file.name for file in ours()}:
        teller()(f"subscriptions/{name}.yaml is still there: the next `deploy --all` brings it back.")


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
    from orderwire.subscriptions.verifying import TrialWaits
    from orderwire.subscriptions.verifying import verify as tried

    client, declared = place(stage, home)
    settling, arriving = HERE if declared.emulated else ACCOUNT
    waits = TrialWaits(settling, arriving if wait is None else wait)
    with stoppable():
        found = tried(client, declared, chosen(file), f"verify-{Chance().token()}", waits, teller(as_json))
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


def chosen(path: Path) -> "SubscriptionFile":
    """Raises Problem for a file that is refused, or has the name of one in subscriptions/."""
    from infrastructure.subscriptions.files import read
    from infrastructure.subscriptions.folder import HOME as FILES
    from infrastructure.subscriptions.model import SubscriptionRefused

    try:
        file = read(path)
    except SubscriptionRefused as error:
        raise Problem(str(error)) from None
    if not is_ours(path) and (FILES / path.name).exists():
        raise Problem(f"{path}: subscriptions/{path.name} has this name already: give the file another name.")
    return file


def ours() -> "list[SubscriptionFile]":
    """Every file of subscriptions/. Raises Problem for one that is refused."""
    from infrastructure.subscriptions.files import load
    from infrastructure.subscriptions.model import SubscriptionRefused

    try:
        return load()
    except SubscriptionRefused as error:
        raise Problem(str(error)) from None


def is_ours(path: Path) -> bool:
    from infrastructure.subscriptions.folder import HOME as FILES

    return path.resolve().parent == FILES


def reviews(sure: bool, as_json: bool, changes: "list[ResourceChange]") -> "Callable[[str], Review]":
    return lambda stack: reviewer(stack.removeprefix("orderwire-"), err if as_json else out, agreed(sure), (), changes)


def removal(sure: bool) -> Callable[[str], bool]:
    """Asks before a subscription goes. Raises Problem if nobody agrees."""

    def may_go(name: str) -> bool:
        if not sure:
            ask(f"Delete the subscription {name}, with its rule and its dead-letter queue?", "Nothing was deleted.")
        return True

    return may_go


def added(client: "ClientOf", stage: "Stage", files: "Sequence[SubscriptionFile]") -> dict[str, Any]:
    """What each team has to add, by the subscription's name."""
    from orderwire.subscriptions.target_policy import statement_of

    return {file.name: statement_of(client, stage.name, file) for file in files}


def what_next(client: "ClientOf", stage: "Stage", file: "SubscriptionFile") -> list[str]:
    from orderwire.subscriptions.deploying import stands_in
    from orderwire.subscriptions.listing import in_short
    from orderwire.subscriptions.target_policy import statement_of, to_add

    if not stands_in(client, stage, file):
        return [f"{file.name}:", *to_add(file, statement_of(client, stage.name, file))]
    there = f" What arrives there: orderwire delivered {file.name}" if stage.name == LOCAL else ""
    return [f"Here a queue stands in for the {in_short(file, stage)}.{there}"]
