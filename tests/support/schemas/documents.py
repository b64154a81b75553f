"""Documents with something else in one place, and JSON values at which readers of JSON disagree."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

from edges.publisher import AnyEvent

EDGE_VALUES = Path(__file__).parent.parent / "contract/edge_values.txt"

LONG = [
    *("x" * length for length in (39, 40, 41, 63, 64, 65, 128, 129, 200, 201, 254, 255, 256, 500, 501)),
    *("\U0001f600" * length for length in (200, 201, 500, 501)),
    *(f"{'x' * length}@b.c" for length in (64, 65)),
    *(f"a@{'b' * length}.c" for length in (63, 64)),
    *(f"a@{'b.' * 125}{end}" for end in ("c", "cc", "ccc")),
    "9" * 5000 + ".0",
]
VALUES = [
    *(line for line in EDGE_VALUES.read_text().splitlines() if line[0] != "#"),
    *(f"{sign}1{'0' * 400}" for sign in ("", "-")),
    *map(json.dumps, LONG),
]
"""JSON texts that are put in the place of every field of every event in turn."""

HOLE = "\ue000"


def paths(document: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands in a document, the whole first."""
    yield here
    children = document.items() if isinstance(document, dict) else ()
    for key, child in enumerate(document) if isinstance(document, list) else children:
        yield from paths(child, (*here, key))


def replaced(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A copy of the document with `value` at `path`."""
    if not path:
        return value
    copy = deepcopy(document)
    parent = copy
    for key in path[:-1]:
        parent = parent[key]
    parent[path[-1]] = value
    return copy


def without(document: Any, path: tuple[Any, ...]) -> Any:
    copy = deepcopy(document)
    parent = copy
    for key in path[:-1]:
        parent = parent[key]
    del parent[path[-1]]
    return copy


def full(event: AnyEvent) -> Any:
    """The event's detail with every optional field present."""
    detail = json.loads(event.to_json())
    detail["metadata"] |= {"traceparent": f"00-{'a' * 32}-{'b' * 16}-01", "replay": True, "test": True}
    return detail
