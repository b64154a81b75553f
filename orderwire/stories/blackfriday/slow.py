"""A consumer that has become slow: runs it in a process of its own, with a delay around its function.

Started by `SlowConsumer`, with the consumer's name and the seconds that each of its batches takes.
"""

import os
import signal
import sys
import threading
from dataclasses import replace
from importlib import import_module
from typing import IO, Any, Self

from consumers.declaration import Consumer
from edges.clock import Clock
from edges.connect import connect
from orderwire.machine.child import Child, stop_with_parent
from orderwire.machine.plain_log import speak_plainly
from orderwire.machine.pollers.pauses import LocalPauses
from orderwire.machine.pollers.poller import Entry, PolledQueue, Poller
from orderwire.machine.pollers.records import LONG_POLL
from orderwire.workplace.home import ROOT, Home
from orderwire.workplace.stage import local_environment

BATCH = 10
"""The batch size of the slow function, small enough for its timeout."""


class SlowConsumer:
    """Inside the block the system's workers pause the consumer, and a slow process does its work."""

    def __init__(self, home: Home, endpoint: str, consumer: str, seconds: float, output: IO[bytes]) -> None:
        self._pauses, self._endpoint = LocalPauses(home.paused), endpoint
        self._consumer, self._seconds, self._output = consumer, seconds, output
        self._child: Child | None = None

    def __enter__(self) -> Self:
        self._pauses.set(self._consumer, True)
        self._child = Child(
            "orderwire.stories.blackfriday.slow",
            [self._consumer, str(self._seconds)],
            environment=local_environment(os.environ, self._endpoint),
            folder=ROOT,
            output=self._output,
        )
        return self

    def __exit__(self, *_: Any) -> None:
        if self._child:
            self._child.stop(2 * self._seconds + LONG_POLL + 5)
        self._pauses.set(self._consumer, False)


def slowed(entry: Entry, seconds: float, clock: Clock) -> Entry:
    def slow(event: Any, context: Any) -> Any:
        clock.sleep(seconds)
        return entry(event, context)

    return slow


def tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def main(lifeline: str, consumer: str, seconds: str) -> None:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    stop_with_parent(int(lifeline))
    speak_plainly([consumer])
    module, edges = import_module(f"consumers.{consumer.replace('-', '_')}"), connect()
    declared: Consumer = module.CONSUMER
    poller = Poller(
        replace(declared, batch_size=BATCH, window=0),
        slowed(module.on_records, float(seconds), edges.clock),
        PolledQueue(edges.clients.sqs, edges.settings.name(declared.name)),
        edges.clock,
        edges.chance.token,
        lambda: False,
        tell,
    )
    threads = poller.threads(stop)
    for thread in threads:
        thread.start()
    stop.wait()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
