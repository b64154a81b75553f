"""EventBridge's PutEvents for unit tests: keeps what is put and fails as it is told to."""

from collections.abc import Iterable
from typing import Any

from botocore.exceptions import ReadTimeoutError

from schemas.parse import parse_stored

TAKEN, REFUSED, UNHEARD = "taken", "refused", "unheard"
"""A call that works; one whose entries are all refused for good; one that works, but whose answer never comes."""


class FakeBus:
    """`entries` are those on the bus. `outcomes` says how the next calls end; after that all of them work."""

    def __init__(self, outcomes: Iterable[str] = ()) -> None:
        self.entries: list[dict[str, str]] = []
        self.outcomes = list(outcomes)

    def put_events(self, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803  (boto3's name)
        outcome = self.outcomes.pop(0) if self.outcomes else TAKEN
        if outcome == REFUSED:
            return {"Entries": [{"ErrorCode": "AccessDeniedException"} for _ in Entries]}
        self.entries += Entries
        if outcome == UNHEARD:
            raise ReadTimeoutError(endpoint_url="https://events.example")
        return {"Entries": [{"EventId": "e"} for _ in Entries]}

    def create_event_bus(self, Name: str) -> None:  # noqa: N803
        """There is one already."""

    @property
    def events(self) -> list[Any]:
        """Every event on the bus, in the order in which it was put."""
        return [parse_stored(entry["DetailType"], entry["Detail"]) for entry in self.entries]

    @property
    def types(self) -> list[str]:
        return [entry["DetailType"] for entry in self.entries]
