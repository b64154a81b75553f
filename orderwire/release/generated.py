"""The files of a release that are generated from the declarations, as they must be. Run as a module, it compares them
with those that are there."""

import sys

from checkout_api import generate
from infrastructure import render
from orderwire.console.problem import Problem
from orderwire.contracts.reference import asyncapi
from orderwire.release.fresh import require_fresh
from orderwire.workplace.home import ROOT
from schemas import generate as schemas


def generated() -> dict[str, str]:
    """Path -> text of every file that a release is made of and that is generated."""
    return {
        **render.rendered(),
        "docs/openapi.json": generate.rendered(),
        "docs/asyncapi.json": asyncapi.rendered(),
        **{f"schemas/json/{path}": text for path, text in schemas.rendered().items()},
        **{f"schemas/delivered/{path}": text for path, text in schemas.rendered_delivered().items()},
    }


if __name__ == "__main__":
    try:
        require_fresh(generated(), ROOT)
    except Problem as problem:
        sys.exit(str(problem))
