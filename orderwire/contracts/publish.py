"""Registers every version of every event in the schema registry of a stage. What is there already stays as it is."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from infrastructure.stages import Stage
from orderwire.cloudformation.template_bucket import ClientOf
from orderwire.console.tell import Tell
from orderwire.contracts.draft4 import registry_document
from orderwire.contracts.registry import Registry, place_of, schema_name
from schemas.envelope import REGISTRY
from schemas.generate import json_schema
from schemas.portable import portable

LONGEST_DESCRIPTION = 256


@dataclass(frozen=True)
class Registered:
    """`version` is the registry's own number; `new` says whether this run made it."""

    schema: str
    version: str
    new: bool


def publish(client: ClientOf, stage: Stage, tell: Tell) -> list[Registered]:
    """Returns what is registered then. Raises Problem."""
    registry = Registry(client("schemas"), stage)
    if not registry.exists():
        registry.create()
        tell(f"created the schema registry {registry.name}")
    done = [register(registry, name, document, tell) for name, document in documents()]
    for name in sorted(set(registry.names()) - {each.schema for each in done}):
        if place_of(name):
            tell(f"{name} is registered and no longer published; it stays for those who have stored its events")
    return done


def documents() -> Iterator[tuple[str, dict[str, Any]]]:
    """The name and the registered form of every version of every event. The step of an amount, which many readers
    reckon wrongly, is in a comment there too; what else the published files have there, draft 4 and bindings know."""
    for (detail_type, major), contract in sorted(REGISTRY.items()):
        schema = portable(json_schema(contract), aside=("multipleOf",))
        yield schema_name(contract.SOURCE, detail_type, major), registry_document(schema, detail_type)


def register(registry: Registry, name: str, document: dict[str, Any], tell: Tell) -> Registered:
    """Puts the document there, unless it says what the registered one says, whatever its spelling."""
    known = registry.entry(name)
    if known and json.loads(known.content) == document:
        tell(f"{name} version {known.number} is up to date")
        return Registered(name, known.number, new=False)
    number = registry.put(name, json.dumps(document), str(document["description"])[:LONGEST_DESCRIPTION], known)
    tell(f"{name} version {number} is registered")
    return Registered(name, number, new=True)
