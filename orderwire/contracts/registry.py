"""EventBridge's schema registry of a stage, `orderwire-<stage>`: what is in it, and putting a new version there.

A schema is called `<source>@<detail-type>`, as EventBridge's discovery calls it, so that code bindings and the console
find it; from the second major on `.v<major>` follows, for majors stand beside each other. Minor versions are the
registry's own versions of a schema.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from infrastructure.stages import Stage
from orderwire.cloudformation.template_bucket import ClientOf
from orderwire.console.problem import Problem
from orderwire.contracts.contracts import Contracts, contracts_of
from orderwire.contracts.draft4 import detail_document

FORM = "JSONSchemaDraft4"

T = TypeVar("T")


@dataclass(frozen=True)
class RegistryEntry:
    """What is registered of one major version: the registry's number of its latest version, and that version's text."""

    number: str
    content: str


def schema_name(source: str, detail_type: str, major: int) -> str:
    return f"{source}@{detail_type}" + (f".v{major}" if major > 1 else "")


def place_of(name: str) -> str | None:
    """The path below schemas/json of a schema of this name, or None for what somebody else put there."""
    source, at, rest = name.partition("@")
    detail_type, dot, major = rest.rpartition(".v")
    if not (source and at and rest):
        return None
    return f"{detail_type}/v{major}.json" if dot and major.isdecimal() else f"{rest}/v1.json"


class Registry:
    """Raises Problem from every call if the place has no such service."""

    def __init__(self, client: Any, stage: Stage) -> None:
        self.client, self.name = client, f"orderwire-{stage.name}"
        self._tags = {"orderwire": stage.name}

    def exists(self) -> bool:
        return self._found(lambda: self.client.describe_registry(RegistryName=self.name)) is not None

    def create(self) -> None:
        text = "The events of Orderwire, every version"
        self._ask(lambda: self.client.create_registry(RegistryName=self.name, Description=text, Tags=self._tags))

    def names(self) -> Iterator[str]:
        pages = self.client.get_paginator("list_schemas").paginate(RegistryName=self.name)
        found = self._ask(lambda: [each["SchemaName"] for page in pages for each in page["Schemas"]])
        yield from sorted(found)

    def entry(self, name: str) -> RegistryEntry | None:
        """The latest version, or None if there is none."""
        found = self._found(lambda: self.client.describe_schema(RegistryName=self.name, SchemaName=name))
        return RegistryEntry(found["SchemaVersion"], found["Content"]) if found else None

    def put(self, name: str, content: str, description: str, known: RegistryEntry | None) -> str:
        """A new schema, or a new version of a known one; returns its number."""
        request = {
            "RegistryName": self.name,
            "SchemaName": name,
            "Type": FORM,
            "Content": content,
            "Description": description,
        }
        if known:
            return str(self._ask(lambda: self.client.update_schema(**request))["SchemaVersion"])
        return str(self._ask(lambda: self.client.create_schema(**request, Tags=self._tags))["SchemaVersion"])

    def _found(self, call: Callable[[], T]) -> T | None:
        try:
            return self._ask(call)
        except self.client.exceptions.NotFoundException:
            return None

    def _ask(self, call: Callable[[], T]) -> T:
        try:
            return call()
        except ClientError as error:
            if no_such_service(error):
                raise Problem(
                    f"{self.client.meta.endpoint_url} has no EventBridge schema registry: it answers {error}"
                ) from None
            raise


def no_such_service(error: ClientError) -> bool:
    """An error without a name of its own: AWS's always have one, an emulator that knows no schemas has none."""
    code = str(error.response["Error"]["Code"])
    return code.isdecimal() or code in ("UnknownOperationException", "NotImplemented")


def registered(client: ClientOf, stage: Stage) -> Contracts:
    """What the stage's registry has; nothing if there is none yet. Raises Problem."""
    registry = Registry(client("schemas"), stage)
    return contracts_of(dict(registered_files(registry))) if registry.exists() else {}


def registered_files(registry: Registry) -> Iterator[tuple[str, str]]:
    """Path below schemas/json -> schema, of all that `publish` put there."""
    for name in registry.names():
        path, entry = place_of(name), registry.entry(name)
        if path and entry:
            yield path, detail_document(entry.content)
