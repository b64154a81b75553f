"""The API over HTTP, as a shop's front end uses it."""

import base64
import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from orderwire.console.problem import Problem
from orderwire.workplace.home import Login

CONNECTIONS = 16
KEY = "Idempotency-Key"
REPEATABLE = ("GET", "PUT")
DONE = {"process": "processed", "ship": "shipped", "refund": "refunded", "cancel": "cancelled"}
"""What an order is after a decision."""
BUSY = (502, 503, 504)
"""What API Gateway or the API says while something behind it takes too long."""


@dataclass(frozen=True)
class ApiWaits:
    """Seconds, so many that only what hangs takes longer: a machine that has much to do answers late.

    What may be repeated is given up after `repeated` seconds and asked again, `attempts` times in all, with pauses that
    double from `pause` on. Whatever else is asked, which may be done though no answer comes, has `once`.
    """

    connect: float = 20
    repeated: float = 60
    once: float = 300
    attempts: int = 5
    pause: float = 1


WAITS = ApiWaits()


@dataclass(frozen=True)
class ApiAnswer:
    """`body` is the decoded JSON; money in it is what JSON makes of it, a float."""

    status: int
    body: Any

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def require_ok(self) -> Any:
        """The body. Raises Problem with what the API says is wrong."""
        if not self.ok:
            raise Problem(f"The API answered {self.status}: {explained(self.body)}")
        return self.body


class Unanswered(Problem):
    """No answer came, or only a part of one; what was asked may be done."""


LATE = (urllib3.exceptions.TimeoutError, urllib3.exceptions.ProtocolError)


def explained(body: Any) -> str:
    """The words of a problem document."""
    if not isinstance(body, dict):
        return str(body)
    places = [f"{each.get('pointer', each.get('parameter'))}: {each['detail']}" for each in body.get("errors", [])]
    return " ".join([str(body.get("detail", body)), *places])


class ApiClient:
    """`url` has no slash at its end; `trust` is a file with a certificate that is trusted instead of the system's.
    Usable from several threads."""

    def __init__(self, url: str, token: str | None = None, trust: Path | None = None, waits: ApiWaits = WAITS) -> None:
        self.url, self._token, self._trust, self._waits = url, token, trust, waits
        ca = str(trust) if trust else None
        self._http = urllib3.PoolManager(retries=False, maxsize=CONNECTIONS, block=True, ca_certs=ca)

    def request(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> ApiAnswer:
        """Raises Problem if nobody answers. `body` is sent as JSON; None sends none.

        A request that reads, that sets what is to be, or that has an Idempotency-Key is repeated if no answer comes in
        time, or one that says that the API is busy.
        """
        sent = headers or {}
        if method not in REPEATABLE and KEY not in sent:
            return self._attempt(method, path, body, sent, self._waits.once)
        return self._repeated(lambda: self._attempt(method, path, body, sent, self._waits.repeated))

    def _repeated(self, attempt: Callable[[], ApiAnswer]) -> ApiAnswer:
        for number in range(self._waits.attempts - 1):
            try:
                answer = attempt()
            except Unanswered:
                continue  # it has waited long already
            if answer.status not in BUSY:
                return answer
            time.sleep(self._waits.pause * 2**number)
        return attempt()

    def _attempt(self, method: str, path: str, body: Any, headers: Mapping[str, str], seconds: float) -> ApiAnswer:
        """Raises Unanswered if the request may have been heard, another Problem if nobody is there."""
        timeout = urllib3.Timeout(connect=self._waits.connect, read=seconds)
        content, sent = None if body is None else json.dumps(body).encode(), {**self._own_headers(body), **headers}
        try:
            answer = self._http.request(method, self.url + path, body=content, headers=sent, timeout=timeout)
        except urllib3.exceptions.HTTPError as error:
            nobody = isinstance(error, urllib3.exceptions.NewConnectionError)
            kind = Unanswered if isinstance(error, LATE) and not nobody else Problem
            raise kind(f"{self.url} does not answer: {type(error).__name__}") from error
        return ApiAnswer(answer.status, decoded(answer.data))

    def _own_headers(self, body: Any) -> dict[str, str]:
        authorization = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        return authorization if body is None else {**authorization, "Content-Type": "application/json"}

    def as_admin(self, login: Login) -> "ApiClient":
        """A client with the admin's token. An admin who has no authenticator app yet, and has to, registers one that is
        forgotten at once. Raises Problem if the login is refused."""
        answer = self.request("POST", "/admin/login", {"username": login.username, "password": login.password})
        if answer.status == 403 and "secret" in answer.body:
            code = one_time_code(answer.body["secret"], time.time())
            given = {"username": login.username, "session": answer.body["session"], "code": code}
            answer = self.request("POST", "/admin/login/authenticator", given)
        token = answer.require_ok()["token"]
        return ApiClient(self.url, token, self._trust, self._waits)

    def place(
        self, order: Mapping[str, Any], key: str | None = None, headers: Mapping[str, str] | None = None
    ) -> ApiAnswer:
        """Under a key of its own if none is given: whatever gets lost on the way, it is one order."""
        return self.request("POST", "/orders", order, {**(headers or {}), KEY: key or secrets.token_hex(16)})

    def order(self, order_id: str) -> ApiAnswer:
        return self.request("GET", f"/orders/{order_id}")

    def timeline(self, order_id: str) -> ApiAnswer:
        return self.request("GET", f"/orders/{order_id}/timeline")

    def decide(self, order_id: str, action: str, reason: str | None = None) -> ApiAnswer:
        """The admin's decision `process`, `ship`, `refund` or `cancel`. It is repeated as what may be: the API takes it
        once, and that the order is there already is then as good as an answer."""
        method, path = ("DELETE", "") if action == "cancel" else ("POST", f"/{action}")
        body = None if (method, reason) == ("DELETE", None) else {"reason": reason} if reason else {}
        attempts: list[str] = []

        def attempt() -> ApiAnswer:
            attempts.append(action)
            return self._attempt(method, f"/orders/{order_id}{path}", body, {}, self._waits.repeated)

        answer = self._repeated(attempt)
        done = answer.status == 409 and answer.body.get("order_status") == DONE[action]
        return self.order(order_id) if done and len(attempts) > 1 else answer


def one_time_code(secret: str, now: float) -> str:
    """What an authenticator app shows at `now`, in seconds since 1970, that was given this secret in base32."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8), casefold=True)
    app = TOTP(key, 6, SHA1(), 30, enforce_key_length=False)  # noqa: S303  (what Cognito and every app take)
    return app.generate(int(now)).decode()


def decoded(data: bytes) -> Any:
    """JSON, or the text as it is; so is what is nested too deeply to be read."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return data.decode(errors="replace")
