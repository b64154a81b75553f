"""Puts events on the bus. An entry that EventBridge does not take is retried or reported, never dropped."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as BrokenConnection

from schemas.envelope import Event, EventData

MAX_ENTRIES = 10
MAX_CALL_BYTES = 256 * 1024
FIRST_DELAY, LONGEST_DELAY = 0.05, 2.0
PASSING = frozenset({"ThrottlingException", "InternalFailure", "InternalException", "ServiceUnavailable"})

AnyEvent = Event[EventData]


class NotPublished(Exception):
    """`failed` maps each event id that is not on the bus to the reason; all others of the call are on it."""

    def __init__(self, failed: dict[str, str]) -> None:
        self.failed = failed
        super().__init__("; ".join(f"{event_id}: {reason}" for event_id, reason in failed.items()))


class Publisher:
    """Entries go in calls of at most 10 and 256 kB, in order. `monotonic` and `sleep` are in seconds.

    `client` returns the EventBridge client: building one is left to whoever has something to publish. `refused` is told
    how many entries were not taken, before NotPublished is raised for them.
    """

    def __init__(
        self,
        client: Callable[[], Any],
        bus: str,
        monotonic: Callable[[], float],
        sleep: Callable[[float], None],
        jitter: Callable[[], float],
        refused: Callable[[int], None],
    ) -> None:
        self._client, self._bus, self._refused = client, bus, refused
        self._monotonic, self._sleep, self._jitter = monotonic, sleep, jitter

    def publish(self, events: Sequence[AnyEvent], within: float) -> None:
        """Publishes all, retrying what may pass for up to `within` seconds and one call's time. Raises NotPublished
        for the rest."""
        deadline = self._monotonic() + within
        failed: dict[str, str] = {}
        for number, chunk in enumerate(chunks([(event.event_id, self._entry(event)) for event in events])):
            late = number and self._monotonic() >= deadline
            failed |= {event_id: "TimeUp" for event_id, _ in chunk} if late else self._put(chunk, deadline)
        if failed:
            self._refused(len(failed))
            raise NotPublished(failed)

    def _entry(self, event: AnyEvent) -> dict[str, str]:
        return {
            "EventBusName": self._bus,
            "Source": event.data.SOURCE,
            "DetailType": event.type,
            "Detail": event.to_json(),
        }

    def _put(self, waiting: list["Entry"], deadline: float) -> dict[str, str]:
        refused: dict[str, str] = {}
        attempt = 0
        while True:
            again, lost = self._call(waiting)
            refused |= lost
            if not again:
                return refused
            delay = self._jitter() * min(LONGEST_DELAY, FIRST_DELAY * 2**attempt)
            if self._monotonic() + delay >= deadline:
                return refused | {event_id: reason for (event_id, _), reason in again}
            self._sleep(delay)
            waiting = [entry for entry, _ in again]
            attempt += 1

    def _call(self, waiting: list["Entry"]) -> tuple[list[tuple["Entry", str]], dict[str, str]]:
        """One PutEvents: the entries to send again with why, and those that will never be taken."""
        try:
            results = self._client().put_events(Entries=[entry for _, entry in waiting])["Entries"]
        except (BotoCoreError, ClientError) as error:
            return sort_out([(entry, error_code(error)) for entry in waiting])
        told = zip(waiting, results, strict=True)
        return sort_out([(entry, result["ErrorCode"]) for entry, result in told if "ErrorCode" in result])


Entry = tuple[str, dict[str, str]]


def error_code(error: BotoCoreError | ClientError) -> str:
    """AWS's own code. A broken connection and any 5xx count as an internal failure, which may pass; credentials that
    are missing or an entry that boto3 will not send do not pass."""
    if isinstance(error, ClientError):
        code = str(error.response["Error"]["Code"])
        failing = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500
        return "InternalFailure" if failing and code not in PASSING else code
    return "InternalFailure" if isinstance(error, HTTPClientError | BrokenConnection) else type(error).__name__


def sort_out(failures: Sequence[tuple[Entry, str]]) -> tuple[list[tuple[Entry, str]], dict[str, str]]:
    """(those that may pass when sent again, event id -> reason of those that will not)."""
    passing = [(entry, code) for entry, code in failures if code in PASSING]
    return passing, {entry[0]: code for entry, code in failures if code not in PASSING}


def chunks(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """The entries in order, in lists that one PutEvents call takes."""
    chunk: list[Entry] = []
    size = 0
    for entry in entries:
        bytes_ = sum(len(value.encode()) for value in entry[1].values())
        if chunk and (len(chunk) == MAX_ENTRIES or size + bytes_ > MAX_CALL_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(entry)
        size += bytes_
    if chunk:
        yield chunk
