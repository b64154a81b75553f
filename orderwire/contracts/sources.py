"""Where a set of contracts is read from: a folder, a commit, or what a stage has registered."""

from collections.abc import Iterable
from pathlib import Path

from infrastructure.stages import STAGES
from orderwire.cloudformation.template_bucket import ClientOf
from orderwire.console.problem import Problem
from orderwire.contracts.contracts import Contracts, Examples, contracts_of
from orderwire.contracts.registry import registered
from orderwire.workplace.git import Repository
from orderwire.workplace.home import ROOT
from schemas import example
from schemas.envelope import REGISTRY
from schemas.generate import HOME, rendered

CURRENT = HOME
"""The contracts of this checkout, as they are rendered."""
RELEASED = CURRENT.parent / "released"
"""The contracts of the last release, in the form of schemas/json."""

LAST_RELEASE = "released"


def current() -> Contracts:
    """What the classes of this checkout say, whether or not it was rendered already."""
    return contracts_of(rendered())


def from_folder(home: Path) -> Contracts:
    """Raises Problem if nothing is there."""
    files = {str(path.relative_to(home)): path.read_text(encoding="utf-8") for path in home.glob("*/*.json")}
    if not files:
        raise Problem(f"There are no schemas in {home}.")
    return contracts_of(files)


def examples() -> Examples:
    """The newest example of each major. Raises NoExample."""
    return {key: example.examples(contract)[contract.VERSION] for key, contract in REGISTRY.items()}


def from_git(ref: str, root: Path = ROOT) -> Contracts:
    """What schemas/json held in a commit, tag or branch. Raises Problem."""
    below, repository = f"{CURRENT.relative_to(ROOT)}/", Repository(root)
    try:
        commit = repository.version(ref).commit
    except Problem as missing:
        raise Problem(f"{ref} is neither `{LAST_RELEASE}` nor a stage, and {missing}") from None
    paths = repository.git("ls-tree", "-r", "-z", "--name-only", commit, "--", below).split("\0")
    names = [path for path in paths if path.endswith(".json")]
    if not names:
        raise Problem(f"There are no schemas in {below} of {ref}.")
    return contracts_of({path.removeprefix(below): repository.git("show", f"{commit}:{path}") for path in names})


def old_side(against: str, client: ClientOf, root: Path = ROOT, stages: Iterable[str] = tuple(STAGES)) -> Contracts:
    """`against` is `released`, a stage, or else a git ref; a branch named as a stage is refs/heads/<name>.

    Raises Problem.
    """
    if against == LAST_RELEASE:
        return from_folder(RELEASED)
    if against in stages:
        found = registered(client, STAGES[against])
        if not found:
            raise Problem(f"Stage {against} has no schemas registered: orderwire schemas publish --stage {against}")
        return found
    return from_git(against, root)
