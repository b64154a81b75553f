"""Writes `<detail-type>/v<major>.json` of every event from its class: the contract into `schemas/json`, what
subscribers get into `schemas/delivered`; and the example of a version that has none yet. Run:
`python -m schemas.generate`."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from . import (
    events,  # noqa: F401  (fills the registry)
    example,
)
from .envelope import REGISTRY, EventData, envelope_of
from .portable import portable

HOME = Path(__file__).parent / "json"
DELIVERED = Path(__file__).parent / "delivered"

Document = dict[str, Any]


class _OpenForReaders(GenerateJsonSchema):
    """Readers ignore fields they don't know, so the published schema does not forbid them."""

    schema_dialect = "https://json-schema.org/draft/2020-12/schema"

    def model_schema(self, schema: Any) -> JsonSchemaValue:
        document = super().model_schema(schema)
        document.pop("additionalProperties", None)
        return document

    def default_schema(self, schema: Any) -> JsonSchemaValue:
        """Without the default, which is always null: a field without a value is left out, and generators of code would
        make one with a default a field that is always there."""
        return self.generate_inner(schema["schema"])


def json_schema(contract: type[EventData]) -> Document:
    """The JSON Schema (draft 2020-12) of one event's detail, with what validators do not know: marks, and steps of
    numbers that some reckon wrongly. `schemas.portable` has it in the form for everybody."""
    schema = envelope_of(contract).model_json_schema(mode="validation", schema_generator=_OpenForReaders)
    version = schema["$defs"]["Metadata"]["properties"]["version"]
    version["pattern"] = f"^{contract.major()}\\.[0-9]{{1,4}}$"
    head = {
        "$schema": _OpenForReaders.schema_dialect,
        "$id": f"urn:orderwire:{contract.DETAIL_TYPE}:v{contract.major()}",
        "title": contract.DETAIL_TYPE,
        "description": (contract.__doc__ or "").strip(),
        "x-source": contract.SOURCE,
        "x-version": contract.VERSION,
    }
    return head | {key: value for key, value in schema.items() if key not in head}


def delivered_schema(contract: type[EventData]) -> Document:
    """The JSON Schema of the EventBridge event that a subscription without an `input` delivers: no secret, and what is
    personal where the subscription's file discloses it."""
    schema = json_schema(contract)
    parts = {name: as_delivered(part) for name, part in schema.pop("$defs").items()}
    detail = {key: schema.pop(key) for key in ("properties", "required", "type")}
    return schema | {
        "$id": f"{schema['$id']}:delivered",
        "description": f"{schema['description']} As a subscriber gets it.",
        "$defs": {"Detail": detail, **parts},
        **entry_of(contract, {"$ref": "#/$defs/Detail"}),
    }


def as_delivered(part: Document) -> Document:
    """A part of an event without the fields that leave the saga not at all; personal ones may be missing."""
    fields = {name: field for name, field in part.get("properties", {}).items() if not field.get("x-secret")}
    return {
        **part,
        "properties": {name: disclosed(field) if field.get("x-personal") else field for name, field in fields.items()},
        "required": [
            name for name in part.get("required", ()) if name in fields and not fields[name].get("x-personal")
        ],
    }


def disclosed(field: Document) -> Document:
    said = f"{field['description']}; " if "description" in field else ""
    return {**field, "description": f"{said}there only where the subscription discloses it"}


def entry_of(contract: type[EventData], detail: Document) -> Document:
    """An EventBridge event as a rule's target receives it, around a detail."""
    text = {"type": "string"}
    properties = {
        "version": {**text, "const": "0"},
        "id": {**text, "description": "EventBridge's own; another one each time the event is published"},
        "detail-type": {**text, "const": contract.DETAIL_TYPE},
        "source": {**text, "const": contract.SOURCE},
        "account": text,
        "time": {**text, "format": "date-time", "description": "when the bus took it; see metadata.occurred_at"},
        "region": text,
        "resources": {"type": "array", "items": text},
        "replay-name": {**text, "description": "there only when EventBridge replays its archive"},
        "detail": detail,
    }
    return {
        "properties": properties,
        "required": [name for name in properties if name != "replay-name"],
        "type": "object",
    }


def rendered() -> dict[str, str]:
    """Path below `schemas/json` -> text, for every event of the registry."""
    return in_files(json_schema)


def rendered_delivered() -> dict[str, str]:
    """Path below `schemas/delivered` -> text, for every event of the registry."""
    return in_files(delivered_schema)


def in_files(schema_of: Callable[[type[EventData]], Document]) -> dict[str, str]:
    """`<detail-type>/v<major>.json` -> text, in the form for everybody."""
    return {
        f"{detail_type}/v{major}.json": json.dumps(portable(schema_of(contract)), indent=2, sort_keys=False) + "\n"
        for (detail_type, major), contract in sorted(REGISTRY.items())
    }


def missing_examples(home: Path = example.HOME) -> dict[str, str]:
    """Path below `schemas/examples` -> text, for every event whose version has no example. Raises NoExample."""
    paths = {example.example_path(contract): contract for contract in REGISTRY.values()}
    return {path: example.as_text(example.made_up(contract, home)) for path, contract in paths.items()
            if not (home / path).exists()}  # fmt: skip


def write(home: Path = HOME, delivered: Path = DELIVERED, examples: Path = example.HOME) -> None:
    """Writes the schemas, removes those of events that are gone, and writes the examples that are missing."""
    for folder, files in ((home, rendered()), (delivered, rendered_delivered())):
        put(folder, files)
        remove_others(folder, files)
    put(examples, missing_examples(examples))


def remove_others(home: Path, files: Mapping[str, str]) -> None:
    for there in home.glob("*/*.json"):
        if str(there.relative_to(home)) not in files:
            there.unlink()
            if not any(there.parent.iterdir()):
                there.parent.rmdir()


def put(home: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        target = home / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)


if __name__ == "__main__":
    write()
