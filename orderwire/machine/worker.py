"""A process that runs our own code: the consumers, and in one such process also the API.

The embedded AWS goes on while this process is replaced, and this one until the next is ready, at the same socket: a
saved file is served about a second later, and no request is refused meanwhile. Started by `orderwire.machine.local`
with `orderwire.machine.options.Options` as its argument.
"""

import json
import os
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from checkout_api.functions import FUNCTIONS
from consumers import NAMES
from consumers.declaration import Consumer
from edges.connect import Edges
from edges.dead_letters import RULES
from orderwire.console.problem import Problem
from orderwire.console.signals import ENDING
from orderwire.machine import debugger
from orderwire.machine.api_server import ApiServer
from orderwire.machine.child import stop_with_parent
from orderwire.machine.engine.provision import provision
from orderwire.machine.options import Options
from orderwire.machine.plain_log import speak_plainly
from orderwire.machine.pollers.ages import AgeReporter
from orderwire.machine.pollers.pauses import LocalPauses
from orderwire.machine.pollers.poller import PolledQueue, Poller
from orderwire.operate.queues import EngineAges
from orderwire.workplace.embedded import Inside
from orderwire.workplace.home import ROOT, Home
from orderwire.workplace.stage import ENDPOINT, local_target

LAST_BATCH_SECONDS = 3
"""How long a stop waits for what is in hand; a consumer that stands at a breakpoint does not hold it up."""


def tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


class Reporter:
    """Reports to the process that started this one; see `Options`."""

    def __init__(self, pipe: IO[str]) -> None:
        self._pipe = pipe

    def step(self, what: str) -> None:
        self._say(step=what)

    def ready(self, api: str) -> None:
        self._say(api=api)

    def _say(self, **fields: str) -> None:
        self._pipe.write(json.dumps(fields) + "\n")
        self._pipe.flush()


def build(options: Options, reporter: Reporter) -> tuple[list[Poller], ApiServer | None]:
    """The pollers and the API of this process, not started yet. The process with the API also provisions the stage."""
    target, home = local_target(os.environ[ENDPOINT]), Home(Path(options.home))
    if options.held is not None:
        provision(target, home, Path(options.catalog), reporter.step)
        reporter.step("starting the API and the consumers")
    if not options.json_log:
        speak_plainly([*(name.replace("_", "-") for name in NAMES), *(each.name for each in FUNCTIONS)])
    pauses = LocalPauses(home.paused)
    pollers = [build_poller(import_module(f"consumers.{name}"), target.edges, pauses) for name in NAMES]
    return pollers, None if options.held is None else ApiServer(target.edges, socket.socket(fileno=options.held))


def build_poller(module: Any, edges: Edges, pauses: LocalPauses) -> Poller:
    row: Consumer = module.CONSUMER
    queue = PolledQueue(edges.clients.sqs, edges.settings.name(row.name))
    is_paused = partial(pauses.is_paused, row.name)
    return Poller(row, module.on_records, queue, edges.clock, edges.chance.token, is_paused, tell)


def age_reporter(pollers: Sequence[Poller]) -> AgeReporter:
    """For the queues of all consumers and their dead-letter queues."""
    target = local_target(os.environ[ENDPOINT])
    rows, name = [poller.consumer for poller in pollers], target.edges.settings.name
    queues = [name(queue) for row in rows for queue in (row.name, row.dead_letters)] + [name(f"{RULES}-dlq")]
    ages = EngineAges(Inside(os.environ[ENDPOINT]), target.edges.clock.now)
    return AgeReporter(target.edges.clients.cloudwatch, queues, ages, tell)


def code_error() -> str:
    """The current exception for a developer who has just saved a file: only the frames of our own code."""
    kind, error, trace = sys.exc_info()
    assert kind is not None
    places = [frame for frame in traceback.extract_tb(trace) if frame.filename.startswith(str(ROOT))]
    ours = [frame for frame in places if f"{os.sep}.venv{os.sep}" not in frame.filename and __file__ != frame.filename]
    return "".join([*traceback.format_list(ours), *traceback.format_exception_only(kind, error)])


def main(lifeline: str, text: str) -> None:
    options, stop = Options.parse(text), threading.Event()
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)  # they wait until we wait for them
    stop_with_parent(int(lifeline))
    debugger.install()
    with os.fdopen(options.report, "w") as pipe:
        reporter = Reporter(pipe)
        try:
            pollers, api = build(options, reporter)
        except Exception as error:
            if not signal.sigpending():
                tell(str(error) if isinstance(error, Problem) else code_error())
            os._exit(1)
        threads = [thread for poller in pollers for thread in poller.threads(stop)]
        if api:
            threads.append(threading.Thread(target=age_reporter(pollers).run, args=(stop,), name="ages", daemon=True))
        for thread in threads:
            thread.start()
        if api:
            api.start(stop)
        reporter.ready(api.url if api else "")
    signal.sigwait(ENDING)
    stop.set()
    finish(api, threads)


def finish(api: ApiServer | None, threads: Sequence[threading.Thread]) -> None:
    """Takes no more requests, lets those and the batches in hand end, and leaves whatever still hangs."""
    patience = threading.Timer(LAST_BATCH_SECONDS, os._exit, [0])
    patience.daemon = True
    patience.start()
    if api:
        api.finish(LAST_BATCH_SECONDS)
    for thread in threads:
        thread.join()
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
