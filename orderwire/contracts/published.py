"""What our producers publish, as the rules' checker describes it: from the schemas and the examples of a folder."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eventbridge_rules.shapes import Shape, shape_of

from schemas.generate import EXAMPLES, HOME, example_files


def published(schemas_home: Path = HOME, examples: Path = EXAMPLES) -> list[Shape]:
    """Every event that our producers publish, from the schemas and examples of a folder."""
    return [
        shape_of(json.loads(path.read_text()), _example(examples, path))
        for path in sorted(schemas_home.glob("*/v*.json"))
    ]


def _example(home: Path, schema: Path) -> Mapping[str, Any]:
    """The detail of the newest example of the schema's type and major."""
    found = example_files(schema.parent.name, int(schema.stem[1:]), home)
    return json.loads(found[-1].read_text()) if found else {}
