"""What an event pattern must be before anything in it is looked into: plain data, with objects where they belong."""

import math
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from decimal import Decimal
from typing import Any

from schemas.parse import json_pointer

_HALF = re.compile("[\ud800-\udfff]")

MOST_VALUES, DEEPEST = 10_000, 60
"""Values in a pattern, more than it has characters, and levels of nesting."""


def form_problems(pattern: dict[str, Any]) -> Iterator[str]:
    """What keeps the pattern from being looked into."""
    yield from plainness_problems(pattern)
    detail = pattern.get("detail", {})
    if not isinstance(detail, dict):
        yield "/pattern/detail: must be an object"
    elif not isinstance(detail.get("metadata", {}), dict):
        yield "/pattern/detail/metadata: must be an object"


def plainness_problems(pattern: dict[str, Any]) -> Iterator[str]:
    """The places of values that JSON does not have. A YAML alias counts each time, because it may contain itself."""
    left: list[tuple[tuple[str | int, ...], Any]] = [(("pattern",), pattern)]
    for _ in range(MOST_VALUES):
        if not left:
            return
        place, value = left.pop()
        if len(place) > DEEPEST or not is_plain(value):
            yield f"{json_pointer(place)}: must be a text, number, boolean, null, list or object, not nested too deeply"
        elif isinstance(value, Decimal):
            yield f"{json_pointer(place)}: has more digits than can be deployed"
        elif isinstance(value, dict):
            left += [((*place, name), each) for name, each in value.items()]
        elif isinstance(value, list):
            left += [((*place, index), each) for index, each in enumerate(value)]
    yield "/pattern: is too large"


def is_plain(value: Any) -> bool:
    """Half a character, which JSON can name, is in no text that is deployed."""
    if isinstance(value, dict):
        return all(isinstance(name, str) and is_plain(name) for name in value)
    if isinstance(value, str):
        return _HALF.search(value) is None
    return (
        value is None or isinstance(value, int | list) or (isinstance(value, float | Decimal) and math.isfinite(value))
    )


def pattern_with(pattern: dict[str, Any], stage_values: Mapping[str, str], values: Mapping[str, Any]) -> dict[str, Any]:
    """The pattern with the values of these parameters in their places. Raises KeyError, IndexError or TypeError for a
    place that is not there."""
    changed = deepcopy(pattern)
    for pointer, parameter in stage_values.items():
        *way, last = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
        place: Any = changed
        for part in way:
            place = place[int(part) if isinstance(place, list) else part]
        last_ = int(last) if isinstance(place, list) else last
        if not isinstance(place[last_], int | float):
            raise TypeError(f"{pointer} is no number")
        place[last_] = values[parameter]
    return changed
