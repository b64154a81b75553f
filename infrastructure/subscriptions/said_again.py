"""Places of a pattern that decide whom an event may reach, and whether a file says them more than once.

EventBridge joins the names on the way to a condition with dots, and of two conditions at one path the last one counts,
whether the second stands in a branch of `$or` or under a name with dots in it. So what a file hears is only known if
these paths are said in their own place and nowhere else.
"""

from collections.abc import Iterator
from typing import Any

from schemas.parse import json_pointer

SOURCE, DETAIL_TYPE, VERSION = "source", "detail-type", "detail.metadata.version"
ADDED = ("replay-name", "detail.metadata.replay", "detail.metadata.test")
"""Conditions at these are added to every pattern: they keep replays and smoke orders away."""

GUARDED = frozenset({SOURCE, DETAIL_TYPE, VERSION, *ADDED})

Way = tuple[str | int, ...]


def said_again(pattern: dict[str, Any]) -> Iterator[str]:
    """What is wrong with each condition that a pattern has at a guarded path besides the one in the path's own place.
    `pattern` is plain data, as `pattern_form` has it."""
    for way, names, in_branch in conditions(pattern, (), (), False):
        path = ".".join(names)
        if path in ADDED:
            yield f"{json_pointer(('pattern', *way))}: is added to every pattern and cannot be set"
        elif path in GUARDED and (in_branch or list(names) != path.split(".")):
            yield (
                f"{json_pointer(('pattern', *way))}: would count in place of {path}: say it once, at "
                f"{json_pointer(('pattern', *path.split('.')))}, for only so is it known what the file hears"
            )


def conditions(
    node: dict[str, Any], way: Way, names: tuple[str, ...], in_branch: bool
) -> Iterator[tuple[Way, tuple[str, ...], bool]]:
    """Every condition: the way to it in the pattern, the names in its path, and whether it is in a branch of `$or`."""
    for name, value in node.items():
        here = (*way, name)
        if name == "$or" and isinstance(value, list):
            for index, branch in enumerate(value):
                if isinstance(branch, dict):
                    yield from conditions(branch, (*here, index), names, True)
        if isinstance(value, dict):
            yield from conditions(value, here, (*names, name), in_branch)
        else:
            yield here, (*names, name), in_branch
