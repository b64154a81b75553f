"""The examples of an event, one per version; that of a version which has none yet is made up.

`make render` writes what was made up to `schemas/examples/`. From then on it is a file like the others: edit it.
"""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from .envelope import EventData, new_event

HOME = Path(__file__).parent / "examples"
"""`<detail-type>/<major>.<minor>.json` holds the detail of an event."""

MADE_UP = datetime(2026, 11, 20, 9, 45, tzinfo=UTC)
ORDER = "ord_0a1b2c3d4e5f6g7h8j9k0m1n2p"
"""The order that all examples belong to."""


class NoExample(LookupError):
    """No example can be made up for an event; its message says which file to write."""


def example_files(detail_type: str, major: int, home: Path = HOME) -> list[Path]:
    """The examples of a type's major below `home`, oldest version first."""
    return sorted((home / detail_type).glob(f"{major}.*.json"), key=lambda path: int(path.stem.split(".")[1]))


def examples(contract: type[EventData], home: Path = HOME) -> dict[str, Any]:
    """Version -> detail, oldest first and up to the class's own version. Raises NoExample."""
    files = example_files(contract.DETAIL_TYPE, contract.major(), home)
    found = {path.stem: json.loads(path.read_text()) for path in files}
    if contract.VERSION not in found:
        found[contract.VERSION] = made_up(contract, home)
    return found


def example_path(contract: type[EventData]) -> str:
    """Below `schemas/examples`."""
    return f"{contract.DETAIL_TYPE}/{contract.VERSION}.json"


def as_text(detail: Any) -> str:
    return json.dumps(detail, indent=2, ensure_ascii=False) + "\n"


def made_up(contract: type[EventData], home: Path = HOME) -> Any:
    """The detail of an event of the class: its fields as the examples there are have them. Raises NoExample."""
    schema = contract.model_json_schema()
    known = Known(contract, home)
    try:
        data = {**known.object(schema, schema.get("$defs", {})), **known.before(contract)}
        event = new_event(contract.model_validate(data), at=MADE_UP, correlation_id="req-5f0c", causation_id="req-5f0c")
    except (ValidationError, NoExample) as error:
        raise NoExample(
            f"schemas/examples/{example_path(contract)} is missing, and cannot be made up: write it by hand. {error}"
        ) from None
    return json.loads(event.to_json())


class Known:
    """Values of fields by their names, from an event's own older examples before those of others."""

    def __init__(self, contract: type[EventData], home: Path = HOME) -> None:
        own = example_files(contract.DETAIL_TYPE, contract.major(), home)
        files = [*reversed(own), *sorted(set(home.glob("*/*.json")) - set(own))]
        self._before = json.loads(own[-1].read_text())["data"] if own else {}
        self._documents = [json.loads(path.read_text())["data"] for path in files]

    def before(self, contract: type[EventData]) -> dict[str, Any]:
        """The newest example of an older version, as far as the fields are still there."""
        return {name: value for name, value in self._before.items() if name in contract.model_fields}

    def object(self, schema: dict[str, Any], named: dict[str, Any]) -> dict[str, Any]:
        """Every field has a value, those that may be missing too."""
        return {name: self.value(name, each, named) for name, each in schema["properties"].items()}

    def value(self, name: str, schema: dict[str, Any], named: dict[str, Any]) -> Any:
        """Raises NoExample."""
        schema = resolved(schema, named)
        if schema.get("type") == "array":
            return [self.object(resolved(schema["items"], named), named)]
        if name == "order_id":
            return ORDER
        for candidate in self._candidates(name, schema):
            if fits(candidate, schema):
                return candidate
        raise NoExample(f"Nothing says what {name} looks like.")

    def _candidates(self, name: str, schema: dict[str, Any]) -> Iterator[Any]:
        yield from (value for document in self._documents for value in values_of(name, document))
        yield from schema.get("examples", ())
        yield from (schema["const"],) if "const" in schema else schema.get("enum", ())
        yield from (1, True) if schema.get("type") != "string" else (name.replace("_", " "), "2026-11-20T09:45:00.000Z")
        yield from (value for document in self._documents for value in texts_of(document))


def resolved(schema: dict[str, Any], named: dict[str, Any]) -> dict[str, Any]:
    """The schema itself: behind a reference, and without the null that stands for an absent optional field."""
    if "$ref" in schema:
        return {**named[schema["$ref"].rpartition("/")[2]], **schema}
    if "anyOf" in schema:
        rest = {name: value for name, value in schema.items() if name != "anyOf"}
        return resolved({**rest, **next(each for each in schema["anyOf"] if each.get("type") != "null")}, named)
    return schema


def fits(value: Any, schema: dict[str, Any]) -> bool:
    """Whether the value is near enough to be an example; the class has the last word."""
    match schema:
        case {"const": only}:
            return bool(value == only)
        case {"enum": choices}:
            return value in choices
        case {"type": "string"}:
            return isinstance(value, str) and bool(re.search(schema.get("pattern", ""), value))
        case {"type": "integer" | "number"}:
            return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, bool)


def values_of(name: str, document: Any) -> Iterator[Any]:
    """What stands under a name anywhere in a document."""
    if isinstance(document, dict):
        yield from (value for key, value in document.items() if key == name)
    for each in inner(document):
        yield from values_of(name, each)


def texts_of(document: Any) -> Iterator[Any]:
    if isinstance(document, str):
        yield document
    for each in inner(document):
        yield from texts_of(each)


def inner(document: Any) -> Iterable[Any]:
    return document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
