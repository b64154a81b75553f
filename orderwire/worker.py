"""One process with everything of ours that runs on this machine: the API, the consumers, the sweep.

The engine goes on while this process is replaced, so a saved file is served about a second later. Started by
`orderwire.local` with `orderwire.options.Options` as its argument.
"""

import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from chalice.app import Chalice
from chalice.cli import create_local_server
from chalice.cli.factory import CLIFactory
from chalice.local import LocalDevServer

from consumers import NAMES
from consumers.subscription import Subscription
from edges.connect import Edges
from orderwire.child import stop_with_parent
from orderwire.engine.provision import provision
from orderwire.home import ROOT, Home
from orderwire.options import Options
from orderwire.plain_log import speak_plainly
from orderwire.pollers.pauses import LocalPauses
from orderwire.pollers.poller import LocalContext, PolledQueue, Poller
from orderwire.ports import LOOPBACK
from orderwire.problem import Problem
from orderwire.samples import SampleError
from orderwire.stage import ENDPOINT, local_target

SWEEP_SECONDS = 60
LAST_BATCH_SECONDS = 3
"""How long a stop waits for the batches in hand; a consumer that stands at a breakpoint does not hold it up."""


def tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201


class Worker:
    """What runs in this process. `stop` is set when it shall end."""

    def __init__(self, edges: Edges, options: Options, stop: threading.Event) -> None:
        self._stop = stop
        self._clock = edges.clock
        self._token = edges.chance.token
        pauses = LocalPauses(Home(Path(options.home)).paused)
        self._pollers = [build_poller(import_module(f"consumers.{name}"), edges, pauses) for name in NAMES]
        self._server = build_server(options.port)
        if not options.json_log:
            speak_plainly([poller.subscription.name for poller in self._pollers])

    @property
    def api(self) -> str:
        return f"http://{LOOPBACK}:{self._server.server.server_port}"

    def start(self) -> list[threading.Thread]:
        """Starts everything; answers the threads that have something to finish when `stop` is set."""
        threads = [thread for poller in self._pollers for thread in poller.threads(self._stop)]
        threads.append(threading.Thread(target=self._sweep, daemon=True))
        for thread in threads:
            thread.start()
        threading.Thread(target=self._server.server.serve_forever, daemon=True).start()
        return threads

    def finish(self, threads: Sequence[threading.Thread]) -> None:
        """Takes no more requests, lets the batches in hand end, and leaves whatever still hangs."""
        deadline = self._clock.monotonic() + LAST_BATCH_SECONDS
        self._server.shutdown()
        for thread in threads:
            thread.join(max(0, deadline - self._clock.monotonic()))
        sys.stdout.flush()
        os._exit(0)

    def _sweep(self) -> None:
        """Calls the function `sweep` every minute, as its schedule would."""
        app: Chalice = self._server.app_object
        now = self._clock.monotonic
        while not self._stop.wait(SWEEP_SECONDS):
            context = LocalContext("sweep", 256, self._token(), now() + SWEEP_SECONDS, now)
            try:
                app.handler_map["sweep"](scheduled_event(self._clock.now()), context)
            except Exception:
                tell(f"sweep failed:\n{traceback.format_exc()}")


def build_poller(module: Any, edges: Edges, pauses: LocalPauses) -> Poller:
    row: Subscription = module.SUBSCRIPTION
    queue = PolledQueue(edges.clients.sqs, edges.settings.name(row.name))
    is_paused = partial(pauses.is_paused, row.name)
    return Poller(row, module.on_records, queue, edges.clock, edges.chance.token, is_paused, tell)


def build_server(port: int) -> LocalDevServer:
    """Chalice's own local server. The environment that it would change is a copy: ours is right already."""
    factory = CLIFactory(str(ROOT), environ=dict(os.environ))
    return create_local_server(factory, LOOPBACK, port, "local")


def scheduled_event(at: datetime) -> dict[str, Any]:
    """What EventBridge sends a function on its schedule."""
    return {
        "version": "0",
        "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": "eu-central-1",
        "resources": [],
        "detail": {},
    }


def build(options: Options, stop: threading.Event, step: Callable[[str], None]) -> Worker:
    target = local_target(os.environ[ENDPOINT])
    provision(target, Home(Path(options.home)), Path(options.catalogue), step)
    step("starting the API and the consumers")
    return Worker(target.edges, options, stop)


def say(report: IO[str], **fields: str) -> None:
    report.write(json.dumps(fields) + "\n")
    report.flush()


def code_error() -> str:
    """The exception in hand as somebody wants it who has just saved a file: our frames only."""
    kind, error, trace = sys.exc_info()
    assert kind is not None
    places = [frame for frame in traceback.extract_tb(trace) if frame.filename.startswith(str(ROOT))]
    ours = [frame for frame in places if f"{os.sep}.venv{os.sep}" not in frame.filename and __file__ != frame.filename]
    return "".join([*traceback.format_list(ours), *traceback.format_exception_only(kind, error)])


def main(lifeline: str, text: str) -> None:
    options, stop = Options.parse(text), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    stop_with_parent(int(lifeline))
    with os.fdopen(options.report, "w") as report:
        try:
            worker = build(options, stop, lambda what: say(report, step=what))
        except (Problem, SampleError) as error:
            tell(str(error))
            sys.exit(1)
        except Exception:
            tell(code_error())
            sys.exit(1)
        threads = worker.start()
        say(report, api=worker.api)
    stop.wait()
    worker.finish(threads)


if __name__ == "__main__":
    main(*sys.argv[1:])
