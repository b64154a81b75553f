"""The API in this process, under Chalice's own local server, and the sweep that its schedule would call."""

import socket
import sys
import threading
import traceback
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from chalice.app import Chalice

from edges.connect import Edges
from orderwire.machine.http_server import listening
from orderwire.machine.pollers.poller import LocalContext
from orderwire.machine.ports import LOOPBACK

SWEEP_SECONDS = 60


class ApiServer:
    """Listens at `held` as soon as it is made."""

    def __init__(self, edges: Edges, held: socket.socket) -> None:
        self._edges, self._app = edges, import_module("app").app
        self._server = listening(self._app, held, edges.settings.cors_origin)

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self._server.server_port}"

    def start(self, stop: threading.Event) -> None:
        """Serves until `finish`, sweeps until `stop` is set."""
        threading.Thread(target=self._server.serve, daemon=True).start()
        threading.Thread(target=self._sweep, args=(stop,), daemon=True).start()

    def finish(self, seconds: float) -> None:
        """Takes no more requests, and answers those in hand, for so long at most."""
        self._server.finish(seconds)

    def _sweep(self, stop: threading.Event) -> None:
        app: Chalice = self._app
        clock, token = self._edges.clock, self._edges.chance.token
        while not stop.wait(SWEEP_SECONDS):
            context = LocalContext("sweep", 256, token(), clock.monotonic() + SWEEP_SECONDS, clock.monotonic)
            try:
                app.handler_map["sweep"](scheduled_event(clock.now()), context)
            except Exception:
                sys.stderr.write(f"sweep failed:\n{traceback.format_exc()}")


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
