"""What the reference says of each event: its fields, its examples, who publishes it and who hears it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import schemas.events  # noqa: F401  (fills the registry)
from consumers.declaration import Consumer
from infrastructure.subscriptions.model import SubscriptionFile
from orderwire.operate.routes import EventRoute, route
from schemas import example
from schemas.envelope import REGISTRY, EventData
from schemas.generate import json_schema


def in_order() -> list[type[EventData]]:
    """Every event, in the order in which they are declared."""
    return list(REGISTRY.values())


@dataclass(frozen=True)
class FieldRow:
    """A row of an event's table. `path` is that of an event pattern below `detail`; `allowed` says which values."""

    path: str
    type: str
    allowed: str
    required: bool
    personal: str
    description: str
    example: str


@dataclass(frozen=True)
class Example:
    version: str
    text: str


@dataclass(frozen=True)
class EventPage:
    contract: type[EventData]
    summary: str
    fields: tuple[FieldRow, ...]
    examples: tuple[Example, ...]
    route: EventRoute
    told: tuple[SubscriptionFile, ...]

    @property
    def name(self) -> str:
        return self.contract.DETAIL_TYPE

    @property
    def major(self) -> int:
        return self.contract.major()

    @property
    def hearers(self) -> tuple[str, ...]:
        """Names of the consumers and of the subscriptions, without what they leave out."""
        return tuple(each.partition(" (")[0] for each in (*self.route.heard_by, *self.route.told))

    @property
    def file(self) -> str:
        return f"{self.name}.html" if self.major == 1 else f"{self.name}.v{self.major}.html"


def page(contract: type[EventData], consumers: list[Consumer], subscriptions: list[SubscriptionFile]) -> EventPage:
    """Raises NoExample."""
    examples = tuple(examples_of(contract))
    newest = json.loads(examples[-1].text)
    return EventPage(
        contract=contract,
        summary=(contract.__doc__ or "").strip(),
        fields=tuple(fields(json_schema(contract), newest)),
        examples=examples,
        route=route(contract, consumers, subscriptions),
        told=tuple(each for each in subscriptions if contract in each.contracts),
    )


def examples_of(contract: type[EventData]) -> Iterator[Example]:
    """Oldest version first."""
    for version, detail in example.examples(contract).items():
        yield Example(version, example.as_text(detail))


def fields(schema: dict[str, Any], detail: Any) -> Iterator[FieldRow]:
    """The leaves and lists of the detail, the data's first."""
    named, parts = schema["$defs"], schema["properties"]
    for part in ("data", "metadata"):
        yield from fields_within(example.resolved(parts[part], named), named, part, detail.get(part))


def fields_within(schema: dict[str, Any], named: dict[str, Any], path: str, detail: Any) -> Iterator[FieldRow]:
    for name, found in schema["properties"].items():
        field = example.resolved(found, named)
        known = detail.get(name) if isinstance(detail, dict) else None
        yield FieldRow(
            path=f"{path}.{name}",
            type=type_of(field),
            allowed=allowed(field),
            required=name in schema.get("required", ()),
            personal="secret" if field.get("x-secret") else "personal" if field.get("x-personal") else "",
            description=field.get("description", ""),
            example="" if known is None or isinstance(known, list | dict) else json.dumps(known),
        )
        if field.get("type") == "array":
            inner = known[0] if isinstance(known, list) and known else None
            yield from fields_within(example.resolved(field["items"], named), named, f"{path}.{name}", inner)


def type_of(field: dict[str, Any]) -> str:
    match field:
        case {"multipleOf": 0.01}:
            return "money"
        case {"format": "date-time"}:
            return "time"
        case {"type": "array"}:
            return "list"
    return str(field.get("type", "text")).replace("string", "text").replace("integer", "whole number")


def allowed(field: dict[str, Any]) -> str:
    """Which values a field may have, in a few words."""
    match field:
        case {"enum": values}:
            return " or ".join(map(json.dumps, values))
        case {"const": value}:
            return json.dumps(value)
        case {"minItems": fewest, "maxItems": most}:
            return f"{fewest} to {most} entries"
        case {"minimum": low, "maximum": high}:
            return f"{low:,} to {high:,}"
    return allowed_text(field)


def allowed_text(field: dict[str, Any]) -> str:
    match field:
        case {"format": "date-time"}:
            return "UTC, in the form 2026-11-20T09:30:00.123Z"
        case {"pattern": pattern, "maxLength": longest}:
            return f"{pattern}, up to {longest} characters"
        case {"pattern": pattern}:
            return str(pattern)
        case {"maxLength": longest}:
            return f"{field.get('minLength', 0)} to {longest} characters"
    return ""
