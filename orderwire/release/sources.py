"""From which commit a single step of a release may be taken in a stage that lasts: not from uncommitted work."""

from infrastructure.stages import Stage
from orderwire.cloudformation.template_bucket import ClientOf
from orderwire.console.problem import Problem
from orderwire.release.check import released_version, require_python
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
