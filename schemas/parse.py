"""Reading events back: from the JSON text of a detail, from EventBridge, and from what SQS and SNS wrap around it."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from . import events  # noqa: F401  (fills the registry)
from .envelope import REGISTRY, Event, EventData, envelope_of


class ContractError(ValueError):
    """A document that no contract accepts. `errors` are (JSON pointer, message) pairs; values are never repeated."""

    def __init__(self, what: str, errors: list[tuple[str, str]]) -> None:
        self.errors = errors
        places = "; ".join(f"{pointer or '/'}: {message}" for pointer, message in errors)
        super().__init__(f"{what}: {places}")


def json_pointer(location: tuple[int | str, ...]) -> str:
    """RFC 6901: `("items", 0, "sku")` is `/items/0/sku`."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)


_WORDS = {"model_type": "must be an object", "extra_forbidden": "there is no such field"}


def pointed(error: ValidationError) -> list[tuple[str, str]]:
    """Each pydantic error as (JSON pointer, message), without the value that was refused."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    return [(json_pointer(each["loc"]), in_words(each["type"], each["msg"])) for each in found]


def in_words(kind: str, message: str) -> str:
    """pydantic's message, but our own words where pydantic would speak of Python's classes."""
    return _WORDS.get(kind) or message.removeprefix("Value error, ")


class NameTwice(ValueError):
    """An object has one name twice: two readers would read two values. `name` is the client's."""

    def __init__(self, name: str) -> None:
        super().__init__("has a name twice in one object")
        self.name = name


def names_once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object's members. Raises NameTwice."""
    found: dict[str, Any] = {}
    for name, value in members:
        if name in found:
            raise NameTwice(name)
        found[name] = value
    return found


def load_json(text: str | bytes, *, strangers: bool = False) -> Any:
    """JSON as RFC 8259 has it: NaN and Infinity, which Python would take, are refused with ValueError. `strangers` may
    not give a name twice in one object (NameTwice); what is stored is read as it is."""

    def refuse(constant: str) -> Any:
        raise ValueError(f"{constant} is not JSON")

    try:
        return json.loads(text, parse_constant=refuse, object_pairs_hook=names_once if strangers else None)
    except RecursionError:
        raise ValueError("is nested too deeply") from None


Form = Callable[[type[EventData]], type[EventData]]
"""From an event's class, makes the class to read it with: `whole`, or `schemas.personal.impersonal`."""


def whole(contract: type[EventData]) -> type[EventData]:
    return contract


def parse_detail(detail_type: str, detail: Any, form: Form = whole) -> Event[EventData]:
    """The typed event of a decoded detail. Unknown fields are left out. Raises ContractError."""
    contract = form(contract_of(detail_type, detail))
    try:
        event: Event[EventData] = envelope_of(contract).model_validate(detail, extra="ignore")
    except ValidationError as error:
        raise ContractError(detail_type, pointed(error)) from None
    return event


def contract_of(detail_type: str, detail: Any) -> type[EventData]:
    """The class of a detail, chosen by the major of its version; without a version, the first. Raises ContractError."""
    majors = {str(major): contract for (name, major), contract in REGISTRY.items() if name == detail_type}
    if not majors:
        raise ContractError("event", [("/detail-type", "no such event")])
    metadata = detail.get("metadata") if isinstance(detail, dict) else None
    version = metadata.get("version") if isinstance(metadata, dict) else None
    major = version.partition(".")[0] if isinstance(version, str) else min(majors)
    if major not in majors:
        raise ContractError(detail_type, [("/metadata/version", f"must be of major {' or '.join(majors)}")])
    return majors[major]


def parse_stored(detail_type: str, text: str) -> Event[EventData]:
    """The event of a text that `Event.to_json` wrote."""
    return parse_detail(detail_type, load_json(text))


def parse_entry(entry: Mapping[str, Any], form: Form = whole) -> Event[EventData]:
    """The typed event of an EventBridge event as a target receives it. Raises ContractError."""
    event = parse_detail(str(entry.get("detail-type")), entry.get("detail"), form)
    if entry.get("source") != event.data.SOURCE:
        raise ContractError(event.type, [("/source", f"must be {event.data.SOURCE}")])
    return event


def unwrap(body: str) -> dict[str, Any]:
    """The EventBridge event in an SQS body. The body is the event, or an SNS notification whose message is the event or
    a document with the event under `event`. Raises ContractError."""
    return event_in(document_in(body))


def document_in(text: Any) -> dict[str, Any]:
    """The JSON object that an SQS body or an SNS message holds. Raises ContractError."""
    try:
        document = load_json(text)
    except (ValueError, TypeError):
        raise ContractError("message", [("", "is not JSON")]) from None
    if not isinstance(document, dict):
        raise ContractError("message", [("", "is not an EventBridge event")])
    return document


def event_in(document: dict[str, Any]) -> dict[str, Any]:
    """As `unwrap`, of a body that is decoded already. Raises ContractError."""
    if document.get("Type") != "Notification":
        return document
    content = document_in(document.get("Message"))
    event = content.get("event", content)
    if not isinstance(event, dict):
        raise ContractError("message", [("", "is not an EventBridge event")])
    return event


def is_replay(entry: Mapping[str, Any]) -> bool:
    """Whether EventBridge replayed this from an archive, or it was emitted while such an event was handled."""
    detail = entry.get("detail")
    marked = isinstance(detail, dict) and isinstance(detail.get("metadata"), dict) and "replay" in detail["metadata"]
    return "replay-name" in entry or marked
