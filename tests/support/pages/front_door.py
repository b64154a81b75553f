"""A reverse proxy that serves an API below a path, and nothing beside it, as API Gateway serves a stage."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import urllib3

from orderwire.machine.ports import LOOPBACK

PASSED_ON = ("Authorization", "Content-Type", "Idempotency-Key")
NOT_PASSED_BACK = {"connection", "content-length", "date", "server", "transfer-encoding"}


@contextmanager
def front_door(api: str, path: str) -> Iterator[str]:
    """The URL under which `api` is served while the block lasts. `path` begins with a slash and has none at its end."""
    http = urllib3.PoolManager(retries=False, timeout=30)

    class Door(BaseHTTPRequestHandler):
        def answer(self) -> None:
            inside = self.path.removeprefix(path)
            if inside == self.path or not inside.startswith("/"):
                self.send_error(403, "Missing Authentication Token")
                return
            sent = {name: self.headers[name] for name in PASSED_ON if name in self.headers}
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = http.request(self.command, api + inside, body=body, headers=sent, redirect=False)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                if name.lower() not in NOT_PASSED_BACK:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.data)))
            self.end_headers()
            self.wfile.write(answer.data)

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815  (the names that the base class calls)

        def log_message(self, *_: object) -> None:
            """The tests' output is not the place for it."""

    server = ThreadingHTTPServer((LOOPBACK, 0), Door)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{LOOPBACK}:{server.server_port}{path}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
