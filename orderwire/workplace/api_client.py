"""The API over HTTP, as a shop's front end uses it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3

from orderwire.console.problem import Problem
from orderwire.workplace.home import Login

TIMEOUT = urllib3.Timeout(connect=5, read=30)
CONNECTIONS = 16


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


def explained(body: Any) -> str:
    """The words of a problem document."""
    if not isinstance(body, dict):
        return str(body)
    places = [f"{each.get('pointer', each.get('parameter'))}: {each['detail']}" for each in body.get("errors", [])]
    return " ".join([str(body.get("detail", body)), *places])


class ApiClient:
    """`url` has no slash at its end; `trust` is a file with a certificate that is trusted instead of the system's.
    Usable from several threads."""

    def __init__(self, url: str, token: str | None = None, trust: Path | None = None) -> None:
        self.url, self._token, self._trust = url, token, trust
        ca = str(trust) if trust else None
        self._http = urllib3.PoolManager(retries=False, timeout=TIMEOUT, maxsize=CONNECTIONS, block=True, ca_certs=ca)

    def request(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> ApiAnswer:
        """Raises Problem if nobody answers. `body` is sent as JSON; None sends none."""
        own = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        if body is not None:
            own["Content-Type"] = "application/json"
        content = None if body is None else json.dumps(body).encode()
        try:
            answer = self._http.request(method, self.url + path, body=content, headers={**own, **(headers or {})})
        except urllib3.exceptions.HTTPError as error:
            raise Problem(f"{self.url} does not answer: {type(error).__name__}") from error
        return ApiAnswer(answer.status, decoded(answer.data))

    def as_admin(self, login: Login) -> "ApiClient":
        """A client with the admin's token. Raises Problem if the login is refused."""
        body = {"username": login.username, "password": login.password}
        return ApiClient(self.url, self.request("POST", "/admin/login", body).require_ok()["token"], self._trust)

    def place(self, order: Mapping[str, Any], key: str | None = None) -> ApiAnswer:
        return self.request("POST", "/orders", order, {"Idempotency-Key": key} if key else None)

    def order(self, order_id: str) -> ApiAnswer:
        return self.request("GET", f"/orders/{order_id}")

    def timeline(self, order_id: str) -> ApiAnswer:
        return self.request("GET", f"/orders/{order_id}/timeline")

    def decide(self, order_id: str, action: str) -> ApiAnswer:
        """The admin's decision `process`, `ship`, `refund` or `cancel`."""
        if action == "cancel":
            return self.request("DELETE", f"/orders/{order_id}")
        return self.request("POST", f"/orders/{order_id}/{action}", {})


def decoded(data: bytes) -> Any:
    """JSON, or the text as it is."""
    try:
        return json.loads(data)
    except ValueError:
        return data.decode(errors="replace")
