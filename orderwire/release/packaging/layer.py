"""Whether Chalice has packed everything: it warns of a package that it could not get, and deploys without it."""

from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from orderwire.console.problem import Problem

INFO = ".dist-info"


def require_complete(layer: Path, requirements: Path) -> None:
    """Raises Problem if a package of the lock `requirements` is not in the layer, or in another version."""
    packed = set(distributions(layer))
    missing = [pin for pin in pins(requirements.read_text()) if pin not in packed]
    if missing:
        names = ", ".join(f"{name} {version}" for name, version in missing)
        raise Problem(
            f"Chalice could not pack {names}: not to be had for Lambda, or not with a hash of {requirements.name}."
        )


def pins(lock: str) -> Iterator[tuple[str, str]]:
    """Name and version of what a lock asks for on this Python, where Chalice reads it too."""
    for line in lock.splitlines():
        if line and not line.startswith(("#", " ")):
            wanted = Requirement(line.removesuffix("\\"))
            if wanted.marker is None or wanted.marker.evaluate():
                [version] = wanted.specifier
                yield canonicalize_name(wanted.name), version.version


def distributions(layer: Path) -> Iterator[tuple[str, str]]:
    """Name and version of what a layer holds."""
    with ZipFile(layer) as file:
        folders = {part for name in file.namelist() for part in name.split("/") if part.endswith(INFO)}
    for folder in folders:
        name, _, version = folder.removesuffix(INFO).partition("-")
        yield canonicalize_name(name), version
