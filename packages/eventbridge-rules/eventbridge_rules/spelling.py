"""Which name a misspelt one may have been meant to be."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, known: Iterable[str], likeness: float) -> str | None:
    """The known name that it is most like, whatever the capitals, hyphens and underscores of both; None if none is as
    like it as `likeness`, from 0 to 1."""
    names = {_folded(each): each for each in known}
    near = get_close_matches(_folded(name), names, 1, likeness)
    return names[near[0]] if near else None


def _folded(name: str) -> str:
    return name.casefold().replace("-", "").replace("_", "")
