"""Whether what is generated from the declarations is what is committed."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from infrastructure.policies import leftovers
from orderwire.console.problem import Problem


def require_fresh(files: Mapping[str, str], root: Path) -> None:
    """Raises Problem if what is generated from the declarations is not what is committed.

    `files` are those that are generated, by their paths: see `orderwire.release.generated`.
    """
    wrong = sorted(stale(root, files)) + [str(path.relative_to(root)) for path in leftovers(root, files)]
    if wrong:
        raise Problem(f"Not what the declarations render: {', '.join(wrong)}. Run: make render")


def stale(root: Path, files: Mapping[str, str]) -> Iterator[str]:
    return (
        path
        for path, text in files.items()
        if not (root / path).exists() or (root / path).read_text(encoding="utf-8") != text
    )
