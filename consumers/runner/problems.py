"""What is said about a record that failed, in the log and in the dead-letter queue: nothing personal."""

from collections.abc import Mapping
from pathlib import Path
from traceback import extract_tb
from typing import Any

from pydantic import TypeAdapter, ValidationError

from consumers.runner.errors import Hopeless, TryLater
from edges.log import describe as describe_masked
from edges.publisher import AnyEvent
from schemas.parse import ContractError, unwrap
from schemas.personal import personal_values
from schemas.types import CorrelationId, EventId, OrderId

EXPECTED = (ContractError, Hopeless, TryLater)
_IDS = {
    "order_id": ("data", TypeAdapter(OrderId)),
    "event_id": ("metadata", TypeAdapter(EventId)),
    "correlation_id": ("metadata", TypeAdapter(CorrelationId)),
}


def describe(error: Exception, event: AnyEvent | None = None) -> str:
    """Type and text of an error without the event's personal values; of an unexpected one also where it was raised."""
    told = describe_masked(error, personal_values(event) if event else ())
    raised_at = [] if isinstance(error, EXPECTED) else _places(error)
    return " ".join([told, *raised_at[-1:]])


def _places(error: Exception) -> list[str]:
    """Files and lines, for example `(consumers/payment.py:88)`; none for an error that was answered, not raised."""
    frames = extract_tb(error.__traceback__)
    return [f"({'/'.join(Path(frame.filename).parts[-2:])}:{frame.lineno})" for frame in frames]


def readable_ids(record: Mapping[str, Any]) -> dict[str, str]:
    """The ids in a record that broke its contract, as far as they are there and well-formed."""
    try:
        detail = unwrap(record["body"]).get("detail")
    except (ContractError, KeyError):
        return {}
    parts = detail if isinstance(detail, dict) else {}
    found = {name: parts[part].get(name) for name, (part, _) in _IDS.items() if isinstance(parts.get(part), dict)}
    return {name: value for name, value in found.items() if _is_valid(_IDS[name][1], value)}


def _is_valid(adapter: TypeAdapter[str], value: Any) -> bool:
    try:
        adapter.validate_python(value, strict=True)
    except ValidationError:
        return False
    return True
