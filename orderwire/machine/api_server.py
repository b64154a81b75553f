"""The API in this process, under Chalice's own local server, and the sweep that its schedule would call."""

import json
import socket
import sys
import threading
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from typing import Any

from chalice.app import Chalice
from chalice.config import Config
from chalice.local import ChaliceRequestHandler, LocalGatewayException, create_local_server

from edges.connect import Edges
from orderwire.machine.gateway import as_released
from orderwire.machine.pollers.poller import LocalContext
from orderwire.machine.ports import LOOPBACK
from orderwire.workplace.home import ROOT

SWEEP_SECONDS = 60
WAITING = 128
"""Connections that may wait to be accepted. The server's own five are not enough for a shop's rush hour: the sixth
would try again a second later."""


class RequestHandler(ChaliceRequestHandler):
    """Says nothing of requests that went well: the API's own log has a line for each that changes something. What API
    Gateway would answer by itself is answered as a released stage does."""

    def __init__(self, *request: Any, cors_origin: str | None, **chalice: Any) -> None:
        self.cors_origin = cors_origin
        super().__init__(*request, **chalice)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        if not str(code).startswith("2"):
            super().log_request(code, size)

    def _parse_payload(self) -> tuple[Any, bytes | None]:
        """Chalice reads no body that comes in chunks, and would take it for the next request."""
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return super()._parse_payload()
        return dict(self.headers), b"".join(self._chunks())

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline().split(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass  # trailers

    def _send_error_response(self, error: LocalGatewayException) -> None:
        super()._send_error_response(as_released(error, self.cors_origin))


class ApiServer:
    """Listens as soon as it is made; `port` 0 takes a free one.

    It is made as `chalice local` makes it, but without `chalice.cli`, which asks the terminal questions when it is
    imported, and would change the environment, which is right already.
    """

    def __init__(self, edges: Edges, port: int) -> None:
        self._edges, self._app = edges, import_module("app").app
        on_disk = json.loads((ROOT / ".chalice" / "config.json").read_text())
        config = Config("local", config_from_disk=on_disk, default_params={"project_dir": str(ROOT)})
        self._server = create_local_server(self._app, config, LOOPBACK, port)
        self._server.server.RequestHandlerClass = partial(
            RequestHandler, app_object=self._app, config=config, cors_origin=edges.settings.cors_origin
        )
        self._server.server.socket.listen(WAITING)
        # Head and body of an answer are sent one after the other: the body must not wait until the head has arrived.
        self._server.server.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self._server.server.server_port}"

    def start(self, stop: threading.Event) -> None:
        """Serves until `shutdown`, sweeps until `stop` is set."""
        threading.Thread(target=self._server.server.serve_forever, daemon=True).start()
        threading.Thread(target=self._sweep, args=(stop,), daemon=True).start()

    def shutdown(self) -> None:
        self._server.shutdown()

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
