"""With which commit and which Python a release, or a single step of one, may be taken: not with uncommitted work."""

import sys

from infrastructure.stages import Stage
from orderwire.cloudformation.template_bucket import ClientOf
from orderwire.console.problem import Problem
from orderwire.release.history import HistoryOf
from orderwire.workplace.git import SHORT, Repository, Version


def require_commit(stage: Stage, repository: Repository) -> Version | None:
    """The commit that is checked out; None in a stage that does not last, which takes anything. Raises Problem."""
    if not stage.lasting:
        return None
    require_python(stage)
    return released_version(repository, stage, dirty=False)


def require_begun(client: ClientOf, stage: Stage, repository: Repository) -> None:
    """Raises Problem if this is another commit than the one that was brought to the stage last.

    A step of a release that stopped is taken with that release's commit, and a repair with what is deployed.
    """
    version = require_commit(stage, repository)
    begun = HistoryOf(client, stage).read().begun
    if version and begun not in {None, version.commit}:
        raise Problem(
            f"Stage {stage.name} has {str(begun)[:SHORT]}; this checkout is {version}. To deploy again what is there:"
            f" orderwire redeploy {stage.name}. To bring this commit: orderwire release {stage.name}, or --new for this"
            " step alone."
        )


def released_version(repository: Repository, stage: Stage, dirty: bool) -> Version | None:
    """Raises Problem if what would be released is no commit, and nobody has said that it may be so."""
    if not dirty:
        version = repository.version()
        if version.changed:
            raise Problem(
                f"Not committed: {listed(version.changed)}. A release is a commit, so that it can be put back."
            )
        return version
    if stage.lasting:
        raise Problem(f"Stage {stage.name} gets nothing but commits; --dirty is for stages that do not last.")
    try:
        return repository.version()
    except Problem:
        return None


def listed(names: tuple[str, ...], most: int = 5) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def require_python(stage: Stage, running: tuple[int, int] = sys.version_info[:2]) -> None:
    """Chalice packs for, and has Lambda run, the Python that it runs with itself."""
    version = ".".join(map(str, running))
    if stage.python not in {None, version}:
        raise Problem(
            f"Stage {stage.name} runs with Python {stage.python}; this is {version}. Set up with that one, then go on:"
            f" rm -rf .venv && make PYTHON=python{stage.python} .venv/.ready-run"
            f" (where there is none: .uv/bin/uv python install {stage.python})"
        )
