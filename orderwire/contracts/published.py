"""What our producers publish, as the rules' checker describes it."""

from eventbridge_rules.shapes import Shape, shape_of

from schemas.envelope import REGISTRY
from schemas.example import examples
from schemas.generate import json_schema


def published() -> list[Shape]:
    """Every event that our producers publish, from its class and its newest example. Raises NoExample."""
    return [shape_of(json_schema(each), examples(each)[each.VERSION]) for _, each in sorted(REGISTRY.items())]
