"""Takes the contracts of this checkout as released: `schemas/released`, against which later changes are held.

It is a folder and not a tag, because a shallow clone has no tags and an archive has no git; and a file that changes is
seen in review.
"""

import shutil
from pathlib import Path

from infrastructure.stages import PROD
from orderwire.console.problem import Problem
from orderwire.contracts.check import accepted, compared, lines
from orderwire.contracts.covers import Coverage
from orderwire.contracts.sources import CURRENT, RELEASED, from_folder


def accept(reviewed: bool, current: Path = CURRENT, released: Path = RELEASED) -> int:
    """Returns how many changes were accepted. `reviewed` says that somebody has looked at what cannot be decided.

    Raises Problem for what breaks somebody, and for what cannot be decided unless it is reviewed.
    """
    found = compared(accepted(released), from_folder(current), PROD)
    if found.verdict == Coverage.BREAKING:
        raise Problem("\n".join(["These changes break what is released:", *lines(found)]))
    if found.verdict == Coverage.UNKNOWN and not reviewed:
        raise Problem("\n".join(["Look at these changes, and say --reviewed if they break nobody:", *lines(found)]))
    shutil.rmtree(released, ignore_errors=True)
    shutil.copytree(current, released)
    return len(found.changes)
