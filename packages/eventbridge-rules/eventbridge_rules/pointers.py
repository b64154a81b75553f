"""Places in documents: JSON pointers, by which refusals and verdicts name one, and the references of JSON Schema."""

from collections.abc import Mapping
from typing import Any


def json_pointer(location: tuple[int | str, ...]) -> str:
    """RFC 6901: `("items", 0, "sku")` is `/items/0/sku`."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)


def resolved(node: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    """A part of a schema, or what it refers to; of an optional field without its null, which no event has."""
    if "$ref" in node:
        return resolved(document["$defs"][node["$ref"].removeprefix("#/$defs/")], document)
    choices = [each for each in node.get("anyOf", ()) if each != {"type": "null"}]
    return resolved(choices[0], document) if len(choices) == 1 else node
