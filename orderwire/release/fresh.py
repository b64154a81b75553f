"""Whether what is generated from the declarations is what is committed. Run as a module, it tells just that."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from checkout_api import generate
from infrastructure import render
from orderwire.console.problem import Problem
from orderwire.contracts.reference import asyncapi
from orderwire.workplace.home import ROOT
from schemas import generate as schemas


def require_fresh(root: Path) -> None:
    """Raises Problem if what is generated from the declarations is not what is committed."""
    files = expected()
    wrong = sorted(stale(root, files)) + [str(path.relative_to(root)) for path in render.leftovers(root, files)]
    if wrong:
        raise Problem(f"Not what the declarations render: {', '.join(wrong)}. Run: make render")


def expected() -> dict[str, str]:
    """Path -> text of every file that a release is made of and that is generated."""
    return {
        **render.rendered(),
        "docs/openapi.json": generate.rendered(),
        "docs/asyncapi.json": asyncapi.rendered(),
        **{f"schemas/json/{path}": text for path, text in schemas.rendered().items()},
    }


def stale(root: Path, files: Mapping[str, str]) -> Iterator[str]:
    return (path for path, text in files.items() if not (root / path).exists() or (root / path).read_text() != text)


if __name__ == "__main__":
    try:
        require_fresh(ROOT)
    except Problem as problem:
        sys.exit(str(problem))
