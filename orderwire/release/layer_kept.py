"""Keeps the layer that Chalice packed, so that a release packs it once and not for its check and its deployment.

Chalice keeps it, too, where it runs, by a hash of what the files hold but not of their names: a module that was renamed
would be deployed under its old one. Here the hash is of both, and of all that a package depends on. The newest is kept.
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
def layer_kept(copy: Path, root: Path) -> Iterator[None]:
    """Chalice finds in the clean copy what it packed before of the same sources; what it packs in the block is kept in
    the checkout `root`, unless the block fails."""
    inside, kept = copy / KEPT, root / KEPT / digest(copy)
    try:
        shutil.copytree(kept, inside)
    except OSError:  # not packed yet, or just now replaced by somebody else
        shutil.rmtree(inside, ignore_errors=True)
    yield
    if not kept.exists() and (packed := list(inside.glob(LAYERS))):
        keep(packed, kept)


def keep(packed: list[Path], kept: Path) -> None:
    """In place of all others, and at once: a crash leaves no half a layer, nor does somebody who packs beside us."""
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
    """Of every file's name and content, and of who packs."""
    found = sha256(f"{sys.version} {version('chalice')}".encode())
    for path in sorted(path for path in copy.rglob("*") if path.is_file()):
        content = sha256(path.read_bytes()).hexdigest()
        found.update(f"{path.relative_to(copy)}\0{content}\n".encode())
    return found.hexdigest()
