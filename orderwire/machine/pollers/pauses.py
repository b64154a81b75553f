"""Which consumers are paused: a file for each here, the event source mapping's state in AWS."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from orderwire.console.problem import Problem
from orderwire.machine.pollers.records import LONG_POLL
from orderwire.workplace.home import OWNERS_FILE, OWNERS_FOLDER


class Pauses(Protocol):
    def is_paused(self, consumer: str) -> bool: ...

    def set(self, consumer: str, paused: bool) -> None: ...


class LocalPauses:
    """`folder` holds an empty file named after each paused consumer; the pollers look before every receive. To pause
    takes until those that are under way are over."""

    def __init__(self, folder: Path, sleep: Callable[[float], None] = time.sleep) -> None:
        self._folder, self._sleep = folder, sleep

    def is_paused(self, consumer: str) -> bool:
        return (self._folder / consumer).exists()

    def set(self, consumer: str, paused: bool) -> None:
        self._folder.mkdir(mode=OWNERS_FOLDER, parents=True, exist_ok=True)
        if paused:
            (self._folder / consumer).touch(OWNERS_FILE)
            self._sleep(LONG_POLL)
        else:
            (self._folder / consumer).unlink(missing_ok=True)


class MappingPauses:
    """Turns a consumer's event source mappings off and on; Lambda takes up to a minute to follow.

    `queue_arn` gives the ARN of a consumer's queue, `client` is Lambda's.
    """

    def __init__(self, client: Any, queue_arn: Callable[[str], str]) -> None:
        self._client, self._queue_arn = client, queue_arn

    def is_paused(self, consumer: str) -> bool:
        return any(each["State"] in {"Disabled", "Disabling"} for each in self._mappings(consumer))

    def set(self, consumer: str, paused: bool) -> None:
        for mapping in self._mappings(consumer):
            self._client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=not paused)

    def _mappings(self, consumer: str) -> list[dict[str, Any]]:
        pages = self._client.get_paginator("list_event_source_mappings").paginate(
            EventSourceArn=self._queue_arn(consumer)
        )
        found = [mapping for page in pages for mapping in page["EventSourceMappings"]]
        if not found:
            raise Problem(f"No function is connected to the queue of {consumer}: has this stage been deployed?")
        return found
