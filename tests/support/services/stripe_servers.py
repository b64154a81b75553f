"""Two stand-ins for Stripe: the localstripe server on loopback, and answers given in advance.

localstripe serves PaymentIntents with manual capture, capture, cancel, refunds and declined cards to Stripe's own
library over HTTP. It knows no idempotency keys, no `allowed_payment_method_types`, no `created` filter of lists, and no
code but `card_declined`; what depends on those is tested with answers written after https://docs.stripe.com/api.
"""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import stripe

SERVE = "from aiohttp import web; from localstripe.server import app; web.run_app(app, host='127.0.0.1', port={port})"
LEFT_BEHIND = Path("/tmp/localstripe.pickle")
"""localstripe writes its store there whatever it is told."""

UNKNOWN = ("allowed_payment_method_types", "created")


@contextmanager
def local_stripe() -> Iterator[str]:
    """The address of a localstripe that ends with the block."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-c", SERVE.format(port=port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        await_port(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=10)
        LEFT_BEHIND.unlink(missing_ok=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def await_port(port: int, within: float = 20) -> None:
    deadline = time.monotonic() + within
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


class ToLocalStripe(stripe.RequestsClient):  # type: ignore[misc]
    """Leaves out what localstripe does not know. `lose` says after which calls from now on the answer gets lost."""

    def __init__(self, lose: tuple[int, ...] = ()) -> None:
        super().__init__(timeout=5)
        self.calls, self._lose = 0, lose

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        parts = urlsplit(url)
        asked = urlunsplit(parts._replace(query=without_unknown(parts.query)))
        answer: tuple[bytes, int, Mapping[str, str]] = super().request(
            method, asked, headers, without_unknown(post_data or "")
        )
        self.calls += 1
        if self.calls in self._lose:
            raise stripe.APIConnectionError("the answer was lost")
        return answer


def without_unknown(encoded: str) -> str:
    return urlencode([(key, value) for key, value in parse_qsl(encoded) if not key.startswith(UNKNOWN)])


class Answers(stripe.HTTPClient):  # type: ignore[misc]
    """Gives these answers one after the other, each a (status, document) or an error, and keeps what was asked and with
    which keys."""

    name = "answers"

    def __init__(self, *answers: tuple[int, Any] | Exception) -> None:
        super().__init__()
        self._answers, self.asked = list(answers), []
        self.authorizations: list[str] = []

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[str, int, Mapping[str, str]]:
        parts = urlsplit(url)
        sent = dict(parse_qsl(post_data or parts.query))
        self.asked.append((method, parts.path, sent, (headers or {}).get("Idempotency-Key")))
        self.authorizations.append((headers or {})["Authorization"])
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return json.dumps(answer[1]), answer[0], {}
