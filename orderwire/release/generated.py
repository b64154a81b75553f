"""The files of a release that are generated from the declarations, as they must be."""

from checkout_api import generate
from infrastructure import render
from orderwire.contracts.reference import asyncapi
from schemas import generate as schemas


def generated() -> dict[str, str]:
    """Path -> text of every file that a release is made of and that is generated."""
    return {
        **render.rendered(),
        "docs/openapi.json": generate.rendered(),
        "docs/asyncapi.json": asyncapi.rendered(),
        **{f"schemas/json/{path}": text for path, text in schemas.rendered().items()},
    }
