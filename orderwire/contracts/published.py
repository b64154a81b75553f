"""What our producers publish, as the rules' checker describes it: from the schemas and the examples of a folder."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eventbridge_rules import REPLAYED, EventType, House, Mark, Shape, shape_of

from schemas.generate import EXAMPLES, HOME, example_files

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


def published(schemas_home: Path = HOME, examples: Path = EXAMPLES) -> list[Shape]:
    """Every event that our producers publish, from the schemas and examples of a folder."""
    return [
        shape_of_schema(json.loads(path.read_text()), _example(examples, path))
        for path in sorted(schemas_home.glob("*/v*.json"))
    ]


def shape_of_schema(schema: Mapping[str, Any], example: Mapping[str, Any]) -> Shape:
    """The shape of a schema that `schemas.generate` wrote, in this release or an earlier one. Producers name themselves
    and their version, which may be an earlier minor one."""
    source = schema["x-source"]
    major, minor = map(int, schema["x-version"].split("."))
    versions = tuple(f"{major}.{each}" for each in range(minor + 1))
    fixed = {"detail.metadata.producer": (source,), "detail.metadata.version": versions}
    return shape_of(EventType(schema["title"], source, schema, example, (major, minor), fixed), HOUSE)


def _example(home: Path, schema: Path) -> Mapping[str, Any]:
    """The detail of the newest example of the schema's type and major."""
    found = example_files(schema.parent.name, int(schema.stem[1:]), home)
    return json.loads(found[-1].read_text()) if found else {}
