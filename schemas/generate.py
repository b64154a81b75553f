"""Writes `schemas/json/<detail-type>/v<major>.json` from the classes, and the example of a version that has none yet.
Run: `python -m schemas.generate`."""

import json
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from . import (
    events,  # noqa: F401  (fills the registry)
    example,
)
from .envelope import REGISTRY, EventData, envelope_of

HOME = Path(__file__).parent / "json"


class _OpenForReaders(GenerateJsonSchema):
    """Readers ignore fields they don't know, so the published schema does not forbid them."""

    schema_dialect = "https://json-schema.org/draft/2020-12/schema"

    def model_schema(self, schema: Any) -> JsonSchemaValue:
        document = super().model_schema(schema)
        document.pop("additionalProperties", None)
        return document


def json_schema(contract: type[EventData]) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of one event's detail."""
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


def rendered() -> dict[str, str]:
    """Path below `schemas/json` -> text, for every event of the registry."""
    return {
        f"{detail_type}/v{major}.json": json.dumps(json_schema(contract), indent=2, sort_keys=False) + "\n"
        for (detail_type, major), contract in sorted(REGISTRY.items())
    }


def missing_examples(home: Path = example.HOME) -> dict[str, str]:
    """Path below `schemas/examples` -> text, for every event whose version has no example. Raises NoExample."""
    paths = {example.example_path(contract): contract for contract in REGISTRY.values()}
    return {path: example.as_text(example.made_up(contract, home)) for path, contract in paths.items()
            if not (home / path).exists()}  # fmt: skip


def write(home: Path = HOME, examples: Path = example.HOME) -> None:
    """Writes the schemas, removes those of events that are gone, and writes the examples that are missing."""
    files = rendered()
    put(home, files)
    for there in home.glob("*/*.json"):
        if str(there.relative_to(home)) not in files:
            there.unlink()
            if not any(there.parent.iterdir()):
                there.parent.rmdir()
    put(examples, missing_examples(examples))


def put(home: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        target = home / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)


if __name__ == "__main__":
    write()
