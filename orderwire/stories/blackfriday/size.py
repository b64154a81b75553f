"""How large the story is."""

from dataclasses import dataclass

BAD = 12
LEAST = 3 * BAD
"""With fewer orders the bad ones would be the rush."""


@dataclass(frozen=True)
class Size:
    """How many orders come on the day before and in the rush, and how many shoppers there are. `rate` is how many dead
    letters are sent back a second."""

    before: int
    rush: int
    shoppers: int = 12
    rate: int = 10
