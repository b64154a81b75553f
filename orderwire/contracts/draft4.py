"""An event's JSON Schema (draft 2020-12) as EventBridge's schema registry takes it: draft 4, with the envelope around.

The registry knows two forms. OpenAPI 3.0 has neither `null` nor `const`, so the contracts would lose what they say;
draft 4 has all of it under other names. What EventBridge adds to a detail is described as its own discovery does, with
`x-amazon-events-source` and `-detail-type`, from which code bindings are made. One thing differs: draft 4 does not call
1.0 a whole number, draft 2020-12 does. Our producers write 1.
"""

import json
from collections.abc import Mapping
from typing import Any

from orderwire.console.problem import Problem

DIALECT = "http://json-schema.org/draft-04/schema#"
_RENAMED = {"$defs": "definitions", "$id": "id"}
_SAME = frozenset({
    "type", "title", "description", "format", "pattern", "minLength", "maxLength", "minimum", "maximum", "multipleOf",
    "enum", "required", "minItems", "maxItems", "uniqueItems", "items", "anyOf", "oneOf", "allOf", "not", "properties",
    "additionalProperties", "patternProperties", "minProperties", "maxProperties", "definitions", "default", "$comment",
})  # fmt: skip
"""Keywords that mean the same in both, as far as the contracts use them; draft 4 knows no `$comment` and ignores it."""
_OF_THE_DOCUMENT = frozenset({"$schema", "id", "title", "description", "x-source", "x-version"})
_MAPS_OF_SCHEMAS = frozenset({"properties", "patternProperties", "definitions"})
_EXCLUSIVE = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}
_VALUES = frozenset({"enum", "required", "default"})

TEXT: Mapping[str, Any] = {"type": "string"}
ENVELOPE: Mapping[str, Any] = {
    "version": TEXT,
    "id": TEXT,
    "account": TEXT,
    "time": {"type": "string", "format": "date-time"},
    "region": TEXT,
    "resources": {"type": "array", "items": TEXT},
}
"""What EventBridge adds to every event."""


def registry_document(document: Mapping[str, Any], detail_type: str) -> dict[str, Any]:
    """The registered form of one file of schemas/json. Raises Problem for a keyword that it has no form for."""
    converted = draft4(document)
    definitions = converted.pop("definitions", {})
    detail = {key: value for key, value in converted.items() if key not in _OF_THE_DOCUMENT}
    source, name = document["x-source"], "".join(part.title() for part in detail_type.replace("_", ".").split("."))
    return {
        "$schema": DIALECT,
        "id": document["$id"],
        "title": detail_type,
        "description": document["description"],
        "x-amazon-events-detail-type": detail_type,
        "x-amazon-events-source": source,
        "x-source": source,
        "x-version": document["x-version"],
        "type": "object",
        "required": [*ENVELOPE, "detail-type", "source", "detail"],
        "properties": {
            **ENVELOPE,
            "detail-type": {"type": "string", "enum": [detail_type]},
            "source": {"type": "string", "enum": [source]},
            "detail": {"$ref": f"#/definitions/{name}Detail"},
        },
        "definitions": {f"{name}Detail": detail, **definitions},
    }


def draft4(schema: Any) -> Any:
    """A draft 2020-12 schema in the words of draft 4. Raises Problem."""
    if not isinstance(schema, Mapping):
        return [draft4(each) for each in schema] if isinstance(schema, list) else schema
    if "$ref" in schema:
        return reference(schema)
    converted: dict[str, Any] = {}
    for key, value in schema.items():
        converted |= keyword(key, value)
    return converted


def reference(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Draft 4 ignores what stands beside a reference."""
    target = {"$ref": str(schema["$ref"]).replace("#/$defs/", "#/definitions/")}
    beside = draft4({key: value for key, value in schema.items() if key != "$ref"})
    return {**beside, "allOf": [target, *beside.get("allOf", [])]} if beside else target


def keyword(key: str, value: Any) -> dict[str, Any]:
    name = _RENAMED.get(key, key)
    if key == "$schema":
        return {key: DIALECT}
    if key == "examples":
        return {}
    if key == "const":
        return {"enum": [value]}
    if name in _MAPS_OF_SCHEMAS:
        return {name: {each: draft4(inner) for each, inner in value.items()}}
    if key in _VALUES or key.startswith("x-") or name == "id":
        return {name: value}
    if key in _EXCLUSIVE:
        return {_EXCLUSIVE[key]: value, key: True}
    if name not in _SAME:
        raise Problem(f"The schema registry takes draft 4, which has no form for {key!r}.")
    return {name: draft4(value)}


def detail_document(content: str) -> str:
    """The schema of the detail alone, out of what `registry_document` made, in the form of schemas/json."""
    whole = json.loads(content)
    head = {key: whole[key] for key in ("x-source", "x-version")}
    return json.dumps({**head, **modern(whole["properties"]["detail"]), "definitions": modern(whole["definitions"])})


def modern(schema: Any) -> Any:
    """Draft 4 in the words of draft 2020-12, where these differ for us: a bound that is excluded is its own keyword."""
    if isinstance(schema, list):
        return [modern(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    excluded = {key: schema[bound] for key, bound in _EXCLUSIVE.items() if schema.get(key) is True}
    gone = {*excluded, *(_EXCLUSIVE[key] for key in excluded)}
    return {key: modern(value) for key, value in schema.items() if key not in gone} | excluded
