"""The steps of a release, each taken alone: which commit may take it, and what it does."""

from pathlib import Path

from infrastructure.stack.one_stack import to_merge
from infrastructure.stack.template import template
from infrastructure.stack.text import as_body
from infrastructure.stages import Stage
from orderwire.cloudformation.stack import bring_up
from orderwire.cloudformation.template_bucket import ClientOf
from orderwire.console.tell import Tell
from orderwire.release.history import HistoryOf
from orderwire.release.packaging import package as packing
from orderwire.release.review import Review, and_begin
from orderwire.release.sources import require_begun, require_commit
from orderwire.workplace.git import Repository


def bring_infrastructure(
    client: ClientOf, stage: Stage, tell: Tell, review: Review, show: bool = False, repair: bool = False
) -> bool:
    """Creates or updates the stack; returns whether anything changed. A repair is for the commit that the stage has; to
    `show` what would change, any will do. Raises Problem, DataAtRisk."""
    repository = Repository()
    if repair and not show:
        require_begun(client, stage, repository)
    elif not show:
        require_commit(stage, repository)
    begun = and_begin(review, lambda: HistoryOf(client, stage).begin(repository.label()))
    return bring_up(client, stage, as_body(template()), tell, begun, repair)


def write_package(stage: Stage, folder: Path, architecture: str | None, whole: bool) -> packing.Package:
    """Packs the functions; `whole` merges the stack's template into Chalice's. Raises Problem."""
    return packing.package(stage, folder, architecture, to_merge(stage) if whole else None)


def deploy_functions(client: ClientOf, stage: Stage, tell: Tell, architecture: str | None, new: bool) -> None:
    """Deploys the commit that the stage has begun with, or, if it is said to be `new`, any. Raises Problem."""
    if new:
        require_commit(stage, Repository())
    else:
        require_begun(client, stage, Repository())
    packing.deploy(client, stage, tell, architecture)
