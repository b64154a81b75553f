"""An example of every event in every version that was ever published, all of one order."""

import json
from functools import cache
from typing import Any, TypeVar

from .contracts import example
from .contracts.envelope import REGISTRY, Event, EventData
from .contracts.parse import parse_detail

D = TypeVar("D", bound=EventData)

ORDER = example.ORDER
"""The order that the examples belong to."""


def examples(contract: type[D]) -> list[Event[D]]:
    """The examples of a class, oldest version first."""
    found: list[Event[D]] = [
        parse_detail(contract.DETAIL_TYPE, detail)  # type: ignore[misc]
        for detail in documents(contract.DETAIL_TYPE, contract.major())
    ]
    return found


def newest(contract: type[D]) -> Event[D]:
    return examples(contract)[-1]


@cache
def documents(detail_type: str, major: int) -> tuple[dict[str, Any], ...]:
    """The details of an event's examples as plain JSON, oldest version first. Raises KeyError for an unknown event."""
    return tuple(example.examples(REGISTRY[(detail_type, major)]).values())


def entry(event: Event[EventData]) -> dict[str, Any]:
    """The event as a rule without an input transformer delivers it."""
    return {
        "version": "0",
        "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
        "detail-type": event.type,
        "source": event.data.SOURCE,
        "account": "123456789012",
        "time": event.metadata.occurred_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": "eu-central-1",
        "resources": [],
        "detail": json.loads(event.to_json()),
    }
