"""Writes `schemas/json/<detail-type>/v<major>.json` from the classes. Run: `python -m schemas.generate`."""

import json
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from . import events  # noqa: F401  (fills the registry)
from .envelope import REGISTRY, EventData, envelope_of

HOME = Path(__file__).parent / "json"
EXAMPLES = Path(__file__).parent / "examples"
"""An event per version: `<detail-type>/<major>.<minor>.json` holds its detail."""


def example_files(detail_type: str, major: int, home: Path = EXAMPLES) -> list[Path]:
    """The examples of a type's major below `home`, oldest version first."""
    return sorted((home / detail_type).glob(f"{major}.*.json"), key=lambda path: int(path.stem.split(".")[1]))


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


def write(home: Path = HOME) -> None:
    """Writes the schemas, and removes those of events that are gone."""
    files = rendered()
    for path, text in files.items():
        target = home / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    for there in home.glob("*/*.json"):
        if str(there.relative_to(home)) not in files:
            there.unlink()
            if not any(there.parent.iterdir()):
                there.parent.rmdir()


if __name__ == "__main__":
    write()
