"""One set of event contracts as plain data, whatever it was read from: every major version of every event."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orderwire.console.problem import Problem
from schemas.portable import read_back

Schema = Mapping[str, Any]
"""A JSON Schema without references."""

_PATH = re.compile(r"(?P<type>[a-z][a-z0-9_.-]*)/v(?P<major>[1-9][0-9]*)\.json")
_LOCAL = re.compile(r"#/(?:\$defs|definitions)/(?P<name>[^/]+)")
_NOT_ABOUT_VALUES = frozenset(
    {"$schema", "$id", "id", "$defs", "definitions", "title", "description", "examples", "default"}
)
_VALUES = frozenset({"const", "enum", "required"})
_MAPS_OF_SCHEMAS = frozenset({"properties", "patternProperties"})


@dataclass(frozen=True)
class Contract:
    """One major version of one event. `version` is its latest major.minor, `detail` the schema of its detail."""

    detail_type: str
    major: int
    source: str
    version: str
    detail: Schema

    @property
    def label(self) -> str:
        return f"{self.detail_type} v{self.major}"


Contracts = Mapping[tuple[str, int], Contract]
"""(detail-type, major) -> contract."""

Examples = Mapping[tuple[str, int], Mapping[str, Any]]
"""(detail-type, major) -> the detail of an event, from which witnesses are made where the contract allows it."""


def contracts_of(files: Mapping[str, str]) -> Contracts:
    """The contracts of `<detail-type>/v<major>.json` -> its text. Raises Problem for what is no contract."""
    found = [contract_of(path, text) for path, text in sorted(files.items())]
    return {(each.detail_type, each.major): each for each in found}


def contract_of(path: str, text: str) -> Contract:
    named = _PATH.fullmatch(path)
    if not named:
        raise Problem(f"{path}: a schema is named <detail-type>/v<major>.json.")
    try:
        document = read_back(json.loads(text))
    except ValueError as error:
        raise Problem(f"{path}: is not JSON: {error}") from None
    if not isinstance(document, dict) or not {"x-source", "x-version"} <= document.keys():
        raise Problem(f"{path}: is no event's schema: it has no x-source or x-version.")
    return Contract(
        named["type"], int(named["major"]), document["x-source"], document["x-version"], plain(document, document, path)
    )


def plain(schema: Any, root: Schema, place: str, above: tuple[str, ...] = ()) -> Any:
    """The schema with its references resolved, and without keywords that do not restrict values. Raises Problem."""
    if isinstance(schema, list):
        return [plain(each, root, place, above) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        rest = plain({key: value for key, value in schema.items() if key != "$ref"}, root, place, above)
        target = referred(str(schema["$ref"]), root, place, above)
        return {"allOf": [target, rest]} if rest else target
    kept = {key: value for key, value in schema.items() if key not in _NOT_ABOUT_VALUES and not key.startswith("x-")}
    found = {key: plain_keyword(key, value, root, place, above) for key, value in kept.items()}
    options = [each for each in found.get("allOf", []) if each]
    return options[0] if found.keys() == {"allOf"} and len(options) == 1 else found


def plain_keyword(key: str, value: Any, root: Schema, place: str, above: tuple[str, ...]) -> Any:
    if key in _VALUES:
        return value
    if key in _MAPS_OF_SCHEMAS:
        return {name: of_bool(plain(each, root, place, above)) for name, each in value.items()}
    return of_bool(plain(value, root, place, above)) if key == "items" else plain(value, root, place, above)


def of_bool(schema: Any) -> Any:
    """`true` and `false` as schemas, written as objects."""
    return schema if not isinstance(schema, bool) else {} if schema else {"not": {}}


def referred(reference: str, root: Schema, place: str, above: tuple[str, ...]) -> Any:
    local = _LOCAL.fullmatch(reference)
    named = root.get("$defs", root.get("definitions", {}))
    if not local or local["name"] not in named:
        raise Problem(f"{place}: refers to {reference}, which is not in the document.")
    if reference in above:
        raise Problem(f"{place}: {reference} refers to itself; events are finite.")
    return plain(named[local["name"]], root, place, (*above, reference))
