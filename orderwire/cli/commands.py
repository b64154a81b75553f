"""The tree of commands. `orderwire -h` tells all of them in a line each, without importing any: a command imports much
of the system, so its module is imported when the command is asked for.
"""

from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from orderwire.console.signals import ended_at_once

if TYPE_CHECKING:
    from typer._click import Command, Context


class Listed(NamedTuple):
    """The module of `orderwire.cli` that has a command or a group of them, and what its help says first."""

    module: str
    says: str


COMMANDS = {
    "run": Listed("system", "Run everything on this machine until Ctrl-C."),
    "demo": Listed("system", "Place the sample orders, wait until they settle, check stock and money."),
    "clean": Listed("system", "Delete the local stage: every order, and the rest of this machine's state."),
    "routes": Listed("flow", "Show who publishes which event, and who hears it."),
    "queues": Listed("flow", "Show how many messages wait for each consumer, how long, and how many are dead letters."),
    "pause": Listed("flow", "Let a consumer's messages wait in its queue until `resume`."),
    "resume": Listed("flow", "Let a paused consumer handle its messages again."),
    "reconcile": Listed("flow", "Compare the payments table with the payment provider's ledger."),
    "mails": Listed("told", "Show the mails to customers, the latest first: order, kind of mail, when it was sent."),
    "order-log": Listed("told", "Show the messages to the in-house team, the latest first, from the order-log table."),
    "delivered": Listed("told", "Show what the rules of subscriptions/ delivered to people and other teams."),
    "infra": Listed("stages", "Create or update a stage's stack, with your AWS credentials."),
    "package": Listed("stages", "Write the files that a deployment of a stage would upload."),
    "deploy": Listed("stages", "Deploy a stage's functions, with your AWS credentials."),
    "api-settings": Listed("stages", "Set what Chalice does not: API Gateway's own errors, throttling, access log."),
    "release": Listed("release", "Release this checkout to a stage."),
    "release-check": Listed("release", "Say whether this checkout can be released to a stage."),
    "rollback": Listed("release", "Go back to the previous release of a stage."),
    "redeploy": Listed(
        "release", "Deploy the released commit of a stage again, and undo changes that were made by hand."
    ),
    "teardown": Listed("release", "Delete a stage."),
    "replay": Listed("replay", "Send archived events to consumers again, and show what that changed."),
    "search": Listed("search", "Find events in the backup that meet all conditions."),
    "blackfriday": Listed("blackfriday", "Play a rush of orders while analytics is slow and twelve orders are bad."),
    "smoke": Listed("smoke", "Test a stage with an order that is followed and cancelled."),
    "rehearse": Listed("rehearse", "Rehearse a release on this machine."),
    "docs": Listed("reference", "Write the reference of events for subscribers."),
    "dlq": Listed("dead_letters", "Dead-letter queues: what failed for good, why, and how to send it back."),
    "schemas": Listed("schemas", "The event schemas: what changed, and the registry of a stage."),
    "subscriptions": Listed(
        "subscriptions", "Rules of other teams and of people: check, preview, deploy and verify them."
    ),
    "catalog": Listed("catalog", "The catalog: import and list products."),
    "order": Listed("order", "Orders: place, show and list them."),
}


class Modules(MutableMapping[str, "Command"]):
    """The commands by name, each imported when it is taken."""

    def __init__(self) -> None:
        self._taken: dict[str, Command] = {}

    def __getitem__(self, name: str) -> "Command":
        if name not in self._taken:
            with ended_at_once():
                group = get_group(import_module(f"orderwire.cli.{COMMANDS[name].module}").app)
            group.name = name
            self._taken[name] = group.commands.get(name, group)
        return self._taken[name]

    def __setitem__(self, name: str, command: "Command") -> None:
        self._taken[name] = command

    def __delitem__(self, name: str) -> None:
        del self._taken[name]

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class LazyGroup(TyperGroup):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands = Modules()

    def list_commands(self, ctx: "Context") -> list[str]:  # noqa: ARG002
        return list(self.commands)

    def get_command(self, ctx: "Context", cmd_name: str) -> "Command | None":  # noqa: ARG002  (the signature is typer's)
        """For a list of all commands. What is run comes from `resolve_command`."""
        listed = COMMANDS.get(cmd_name)
        return TyperCommand(cmd_name, help=listed.says) if listed else None

    def resolve_command(self, ctx: "Context", args: list[str]) -> "tuple[str | None, Command | None, list[str]]":
        name, _, rest = super().resolve_command(ctx, args)
        return name, self.commands[name] if name else None, rest
