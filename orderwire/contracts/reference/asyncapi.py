"""The AsyncAPI 3.0 document of the bus, `docs/asyncapi.json`: `python -m orderwire.contracts.reference.asyncapi`."""

import json
from typing import Any

from orderwire.contracts.reference.events import in_order
from orderwire.workplace.home import ROOT
from schemas.envelope import EventData
from schemas.generate import delivered_schema
from schemas.portable import portable

HOME = ROOT / "docs" / "asyncapi.json"

Document = dict[str, Any]

ABOUT = """
Every event is an entry of the stage's EventBridge bus. A subscriber declares a rule; its target gets the entry as it is
described here, or what the rule's input transformer makes of it. Entries come at least once and in any order; an
effect's `event_id` stays the same however often it is delivered. Within a major version fields are only added: ignore
what you do not know.
"""
BUS = {
    "address": "orders-{stage}",
    "description": "The EventBridge bus of a stage",
    "parameters": {"stage": {"description": "local, dev, staging or prod"}},
}


def document() -> Document:
    """The whole document."""
    contracts = in_order()
    sources = sorted({contract.SOURCE for contract in contracts})
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Orderwire events", "version": "1.0.0", "description": ABOUT.strip(), "license": LICENSE},
        "defaultContentType": "application/json",
        "channels": {"bus": {**BUS, "messages": {each.DETAIL_TYPE: message_reference(each) for each in contracts}}},
        "operations": {operation_name(source): operation(source, contracts) for source in sources},
        "components": {
            "messages": {key(each): message(each) for each in contracts},
            "schemas": {name: schema for each in contracts for name, schema in named_schemas(each).items()},
        },
    }


LICENSE = {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"}


def key(contract: type[EventData]) -> str:
    """Names an event among AsyncAPI's components; a further major has a name of its own."""
    return f"{contract.DETAIL_TYPE}.v{contract.major()}"


def message_reference(contract: type[EventData]) -> Document:
    return {"$ref": f"#/components/messages/{key(contract)}"}


def operation_name(source: str) -> str:
    return "publish." + source.removeprefix("orderwire.")


def operation(source: str, contracts: list[type[EventData]]) -> Document:
    """What one source publishes."""
    published = [each for each in contracts if source == each.SOURCE]
    return {
        "action": "send",
        "channel": {"$ref": "#/channels/bus"},
        "summary": f"Events of the source {source}",
        "messages": [{"$ref": f"#/channels/bus/messages/{each.DETAIL_TYPE}"} for each in published],
    }


def message(contract: type[EventData]) -> Document:
    return {
        "name": contract.DETAIL_TYPE,
        "title": contract.DETAIL_TYPE,
        "summary": (contract.__doc__ or "").strip(),
        "contentType": "application/json",
        "payload": entry_schema(contract),
    }


def entry_schema(contract: type[EventData]) -> Document:
    """An EventBridge entry as a rule's target receives it, if the rule's file has no `input`."""
    schema = portable(delivered_schema(contract))
    return {name: refer(schema[name], contract) for name in ("type", "properties", "required")}


def named_schemas(contract: type[EventData]) -> dict[str, Document]:
    """Name -> schema of an event's detail and of all that it is made of, with references to each other."""
    schema = portable(delivered_schema(contract))
    head = {name: schema[name] for name in ("title", "description", "$comment")}
    parts = {component(name, contract): refer(part, contract) for name, part in schema["$defs"].items()}
    return {**parts, key(contract): {**head, **parts[key(contract)]}}


def component(name: str, contract: type[EventData]) -> str:
    """What a part of an event's schema is called among AsyncAPI's components; the detail is named as the event."""
    return key(contract) if name == "Detail" else f"{key(contract)}.{name}"


def refer(value: Any, contract: type[EventData]) -> Any:
    """`value` with references to `#/$defs/X` as references to the component of that part."""
    match value:
        case {"$ref": str(reference), **others}:
            name = component(reference.removeprefix("#/$defs/"), contract)
            return {**others, "$ref": f"#/components/schemas/{name}"}
        case dict():
            return {name: refer(each, contract) for name, each in value.items()}
        case list():
            return [refer(each, contract) for each in value]
    return value


def rendered() -> str:
    return json.dumps(document(), indent=2) + "\n"


def main() -> None:
    HOME.write_text(rendered())


if __name__ == "__main__":
    main()
