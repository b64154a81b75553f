"""A cache of the layer that Chalice packs, so that a release packs it once for its check and its deployment.

Chalice has a cache too, but its key is a hash of the files' contents without their names: a renamed module would be
deployed under its old name. Here the key is a hash of names and contents, of Python's and of Chalice's version. Only
the newest layer is kept.
"""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

KEPT = ".chalice/deployments"
LAYERS = "managed-layer-*.zip"


@contextmanager
def cached_layer(copy: Path, root: Path) -> Iterator[None]:
    """Puts the cached layer of the same sources, if there is one, where Chalice looks for it in the clean copy. What it
    packs in the block is cached in the checkout `root`, unless the block fails."""
    inside, kept = copy / KEPT, root / KEPT / digest(copy)
    try:
        shutil.copytree(kept, inside)
    except OSError:  # not packed yet, or just now replaced by somebody else
        shutil.rmtree(inside, ignore_errors=True)
    yield
    if not kept.exists() and (packed := list(inside.glob(LAYERS))):
        keep(packed, kept)


def keep(packed: list[Path], kept: Path) -> None:
    """Replaces all earlier layers. Atomic, so that neither a crash nor another process leaves half a layer."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".", dir=kept.parent) as folder:
        part = Path(folder) / kept.name
        part.mkdir()
        for layer in packed:
            shutil.copyfile(layer, part / layer.name)
        for other in kept.parent.glob("[!.]*"):
            shutil.rmtree(other, ignore_errors=True)
        with suppress(OSError):  # somebody else has just kept the same
            part.rename(kept)


def digest(copy: Path) -> str:
    """The cache key: a hash of every file's name and content and of the versions of Python and Chalice."""
    found = sha256(f"{sys.version} {version('chalice')}".encode())
    for path in sorted(path for path in copy.rglob("*") if path.is_file()):
        content = sha256(path.read_bytes()).hexdigest()
        found.update(f"{path.relative_to(copy)}\0{content}\n".encode())
    return found.hexdigest()
