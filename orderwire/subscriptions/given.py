"""What `orderwire subscriptions deploy`, `verify` and `remove` do with the files and names that they are given."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infrastructure.stages import LOCAL, Stage
from infrastructure.subscriptions.files import load, read
from infrastructure.subscriptions.folder import HOME
from infrastructure.subscriptions.model import SubscriptionFile, SubscriptionRefused
from orderwire.cloudformation.template_bucket import ClientOf
from orderwire.console.problem import Problem
from orderwire.console.tell import Tell
from orderwire.subscriptions.deploying import (
    ReviewOf,
    deploy,
    deploy_all,
    deployed,
    of_other_teams,
    remove,
    require_delivered,
    stands_in,
)
from orderwire.subscriptions.target_policy import in_short, statement_of, to_add


@dataclass(frozen=True)
class DeployedFiles:
    """`changed` are the names of those that are other than before; `files` are those with a stack of their own."""

    changed: Sequence[str]
    files: Sequence[SubscriptionFile]


def deploy_given(
    client: ClientOf, stage: Stage, path: Path | None, tell: Tell, review_of: ReviewOf, may_go: Callable[[str], bool]
) -> DeployedFiles:
    """Deploys the file at this path; with None those of subscriptions/, and no others: `may_go` is asked before a
    subscription without a file is removed. Raises Problem."""
    if path is None:
        files = our_files()
        return DeployedFiles(deploy_all(client, stage, files, tell, review_of, may_go), of_other_teams(files))
    file = given_file(path)
    changed = [file.name] if deploy(client, stage, file, tell, review_of) else []
    return DeployedFiles(changed, of_other_teams([file]))


def remove_given(client: ClientOf, stage: Stage, name: str, tell: Tell, may_go: Callable[[str], bool]) -> None:
    """Deletes a deployed subscription, if `may_go` says so. Raises Problem, before anybody is asked."""
    known = sorted(deployed(client, stage))
    if name not in known:
        raise Problem(f"{name} has no stack in stage {stage.name}. Those that have: {', '.join(known) or 'none'}.")
    require_delivered(client, stage, [name])
    if not may_go(name):
        return
    remove(client, stage, name, tell)
    if name in {file.name for file in our_files()}:
        tell(f"subscriptions/{name}.yaml is still there: the next `deploy --all` brings it back.")


def given_file(path: Path) -> SubscriptionFile:
    """Raises Problem for a file that is refused, or has the name of one in subscriptions/."""
    try:
        file = read(path)
    except SubscriptionRefused as error:
        raise Problem(str(error)) from None
    if not is_ours(path) and (HOME / path.name).exists():
        raise Problem(f"{path}: subscriptions/{path.name} has this name already: give the file another name.")
    return file


def our_files() -> list[SubscriptionFile]:
    """Every file of subscriptions/. Raises Problem for one that is refused."""
    try:
        return load()
    except SubscriptionRefused as error:
        raise Problem(str(error)) from None


def is_ours(path: Path) -> bool:
    return path.resolve().parent == HOME


def statements(client: ClientOf, stage: Stage, files: Sequence[SubscriptionFile]) -> dict[str, Any]:
    """What each team has to add to its target's policy, by the subscription's name."""
    return {file.name: statement_of(client, stage.name, file) for file in files}


def what_next(client: ClientOf, stage: Stage, file: SubscriptionFile) -> list[str]:
    """What the team has to do, or where what would reach it arrives here, in lines."""
    if not stands_in(client, stage, file):
        return [f"{file.name}:", *to_add(file, statement_of(client, stage.name, file))]
    there = f" What arrives there: orderwire delivered {file.name}" if stage.name == LOCAL.name else ""
    return [f"Here a queue stands in for the {in_short(file, stage)}.{there}"]
