"""The files of `pages/`: two HTML pages and what they load. All are text, and only what is there can be asked for.

`shop/` and `admin/` hold a page each with what is its own, `shared/` what both use; neither page's folder knows the
other's. A file goes by its folder and name, for example `shared/dom.js`.

The assets share one version, a hash of them all, which is part of their path: a page's modules always fit each other,
and browsers need never ask again. A page names the version in place of `{{version}}`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Self

FOLDER = Path(__file__).parents[1] / "pages"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
"""Content types by a file's suffix; none is among those that Chalice takes for binary."""
PAGE = ".html"


@dataclass(frozen=True)
class StaticFile:
    text: str
    content_type: str


@dataclass(frozen=True)
class StaticFiles:
    pages: Mapping[str, StaticFile]
    assets: Mapping[str, StaticFile]
    version: str

    @classmethod
    def read(cls, folder: Path = FOLDER) -> Self:
        """Reads the folder's folders. Raises KeyError for a file of a kind that is not served."""
        files = {
            path.relative_to(folder).as_posix(): StaticFile(path.read_text("utf-8"), TYPES[path.suffix])
            for path in sorted(folder.glob("*/*"))
        }
        assets = {name: file for name, file in files.items() if not name.endswith(PAGE)}
        pages = {name: file for name, file in files.items() if name.endswith(PAGE)}
        return cls(pages, assets, version_of(assets))


def version_of(assets: Mapping[str, StaticFile]) -> str:
    """The same for the same files, whatever machine packs them."""
    whole = sha256()
    for name, file in sorted(assets.items()):
        for part in (name, file.text):
            whole.update(sha256(part.encode()).digest())
    return whole.hexdigest()[:16]
