"""What must be right before anything is changed: generated files, the commit, Python, settings, schemas, package."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

from edges.settings import Settings
from infrastructure.resources.topics import ALARM_TOPIC, EVERY_TOPIC
from infrastructure.stages import Stage
from orderwire.cloudformation.template_bucket import ClientOf
from orderwire.console.problem import Problem
from orderwire.console.tell import Tell
from orderwire.contracts.check import against_registry
from orderwire.release.fresh import require_fresh
from orderwire.release.packaging.package import Package, package
from orderwire.release.sources import listed, released_version, require_python
from orderwire.workplace.git import Repository, Version
from orderwire.workplace.home import ROOT

LARGEST_UPLOAD, LARGEST_UNPACKED = 50 * 1024**2, 250 * 1024**2
"""Bytes that Lambda takes as a zip file in a request, and as a function with its layers once unpacked."""

NO_REGISTRY = "the embedded AWS has no schema registry: schemas are neither compared with it nor published"

NOBODYS = ".example"
"""Top-level domain of addresses that cannot exist (RFC 2606)."""


def check(
    client: ClientOf,
    stage: Stage,
    tell: Tell,
    files: Mapping[str, str],
    dirty: bool = False,
    architecture: str | None = None,
    root: Path = ROOT,
) -> Version | None:
    """Returns what would be released; None for a folder that is no repository, if `dirty` allows that. Raises Problem.

    `files` are those that are generated, by their paths: see `generated`.

    Changes nothing, neither here nor in the account.
    """
    require_fresh(files, root)
    version = released_version(Repository(root), stage, dirty)
    tell(f"releases {version}" if version else "releases a folder without a commit")
    require_python(stage)
    for remark in require_own_settings(stage):
        tell(remark)
    if stage.emulated:
        tell(NO_REGISTRY)
    else:
        against_registry(client, stage, tell)
    with TemporaryDirectory(prefix="orderwire-") as folder:
        tell(require_size(package(stage, Path(folder), architecture)))
    return version


def require_own_settings(stage: Stage) -> list[str]:
    """Remarks about settings that are nobody's yet. Raises Problem in a stage that lasts."""
    if stage.emulated:
        return []
    settings = Settings.from_environment(stage.environment)
    senders = {"mail_sender": settings.mail_sender, "account_email": settings.account_email}
    examples = [f"{name} ({address})" for name, address in senders.items() if address.endswith(NOBODYS)]
    if examples and stage.lasting:
        raise Problem(
            f"Nobody has {listed(tuple(examples))}: set yours for stage {stage.name} in infrastructure/stages.py."
        )
    if stage.lasting and stage.watched and ALARM_TOPIC not in stage.readers:
        raise Problem(
            f"Nobody would be told of an alarm: name who reads {ALARM_TOPIC} for stage {stage.name}, in readers of"
            " infrastructure/stages.py."
        )
    unread = [topic for topic in EVERY_TOPIC if topic not in stage.readers]
    return [
        *(f"no mail can be sent as {each}" for each in examples),
        *(f"nobody is set to read {topic} (readers in infrastructure/stages.py)" for topic in unread),
        *(["no alarm says that orders have ceased: quiet_minutes is not set"] if unnoticed(stage) else []),
    ]


def unnoticed(stage: Stage) -> bool:
    """Whether nobody is told when no order comes through any more."""
    return stage.watched and stage.quiet_minutes is None


def require_size(packed: Package) -> str:
    """A remark about the package's size. Raises Problem if Lambda would not take it."""
    zips = (packed.layer, packed.code)
    largest, unpacked = max(path.stat().st_size for path in zips), sum(map(unpacked_size, zips))
    if largest > LARGEST_UPLOAD or unpacked > LARGEST_UNPACKED:
        raise Problem(
            f"The package is too large for Lambda: {megabytes(largest)} of {megabytes(LARGEST_UPLOAD)} zipped, "
            f"{megabytes(unpacked)} of {megabytes(LARGEST_UNPACKED)} unpacked."
        )
    return f"the package has {megabytes(largest)}, {megabytes(unpacked)} unpacked, of {megabytes(LARGEST_UNPACKED)}"


def unpacked_size(path: Path) -> int:
    with ZipFile(path) as file:
        return sum(each.file_size for each in file.infolist())


def megabytes(size: int) -> str:
    return f"{size / 1024**2:.0f} MB"
