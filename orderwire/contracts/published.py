"""What our producers publish, as the rules' checker describes it."""

from collections.abc import Mapping
from typing import Any

from eventbridge_rules.house import REPLAYED, EventType, House, Mark
from eventbridge_rules.shapes import Shape, shape_of

from schemas.envelope import REGISTRY
from schemas.example import examples
from schemas.generate import json_schema

HOUSE = House(
    marks=(
        REPLAYED,
        Mark("detail.metadata.replay", "hears what replays lead to too; to leave it out"),
        Mark("detail.metadata.test", "hears smoke orders too; to leave them out"),
    ),
    marked="replays or smoke orders",
    version="detail.metadata.version",
)
"""What all events of ours keep to: only replays and smoke orders have these marks, the other events are live."""

MARKS = HOUSE.mark_paths


def published() -> list[Shape]:
    """Every event that our producers publish, from its class and its newest example. Raises NoExample."""
    return [shape_of_schema(json_schema(each), examples(each)[each.VERSION]) for _, each in sorted(REGISTRY.items())]


def shape_of_schema(schema: Mapping[str, Any], example: Mapping[str, Any]) -> Shape:
    """The shape of a schema that `schemas.generate` wrote, in this release or an earlier one. Producers name themselves
    and their version, which may be an earlier minor one."""
    source = schema["x-source"]
    major, minor = map(int, schema["x-version"].split("."))
    versions = tuple(f"{major}.{each}" for each in range(minor + 1))
    fixed = {"detail.metadata.producer": (source,), "detail.metadata.version": versions}
    return shape_of(EventType(schema["title"], source, schema, example, (major, minor), fixed), HOUSE)
