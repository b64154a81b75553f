"""The API over HTTP, as Chalice's local server serves it, for whatever a client may write on the wire."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import HTTPServer
from typing import Any

from chalice.config import Config
from chalice.local import create_local_server

from orderwire.machine.http_server import listening
from orderwire.machine.ports import bound
from tests.support.checkout_api.api import Answered, Api, running_api
from tests.support.checkout_api.tokens import token


@dataclass
class Served:
    """`api` is what stands behind the server."""

    api: Api
    server: HTTPServer

    @property
    def port(self) -> int:
        return self.server.server_port

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        *,
        admin: bool = False,
    ) -> Answered:
        """Exactly these headers, besides Host and Content-Length; `body` becomes JSON unless it is bytes."""
        sent = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        allowed = {"Authorization": f"Bearer {token()}"} if admin else {}
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body=sent, headers={**allowed, **(headers or {})})
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        is_json = text and "json" in answer.headers.get("Content-Type", "")
        return Answered(answer.status, dict(answer.headers), json.loads(text) if is_json else text)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def served_api(**settings: Any) -> Iterator[Served]:
    """As `running_api`, listening on a free port."""
    with running_api(**settings) as api:
        yield from serving(api, create_local_server(api.app, Config.create(), "127.0.0.1", 0).server)


@contextmanager
def served_on_a_laptop(**settings: Any) -> Iterator[Served]:
    """The same behind what `make run` has before it."""
    with running_api(**settings) as api:
        yield from serving(api, listening(api.app, bound(0), api.edges.settings.cors_origin))


def serving(api: Api, server: HTTPServer) -> Iterator[Served]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield Served(api, server)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
