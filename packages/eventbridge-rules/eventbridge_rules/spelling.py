"""What somebody wrote, as a refusal shows it: which name may have been meant, and no more of a text than helps."""

from collections.abc import Iterable
from difflib import get_close_matches

LONGEST_SHOWN = 60
"""Characters of a value that a refusal shows."""


def nearest(name: str, known: Iterable[str], likeness: float) -> str | None:
    """The known name that it is most like, whatever the capitals, hyphens and underscores of both; None if none is as
    like it as `likeness`, from 0 to 1."""
    names = {_folded(each): each for each in known}
    near = get_close_matches(_folded(name), names, 1, likeness)
    return names[near[0]] if near else None


def _folded(name: str) -> str:
    return name.casefold().replace("-", "").replace("_", "")


def cut(text: str, longest: int = LONGEST_SHOWN) -> str:
    return text if len(text) <= longest else f"{text[:longest]}..."
