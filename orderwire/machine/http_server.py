"""Chalice's own local server, which refuses what API Gateway would, and whatever a foreign web page has sent."""

import json
import socket
from email.errors import FirstHeaderLineIsContinuationDefect, MissingHeaderBodySeparatorDefect
from functools import partial
from typing import Any

from chalice.app import Chalice
from chalice.config import Config
from chalice.local import ChaliceRequestHandler, LocalGatewayException, RouteMatcher, create_local_server

from checkout_api.http.problems import HttpProblem
from infrastructure.resources.gateway_responses import PROBLEMS, UNREADABLE
from orderwire.console.output import in_cell
from orderwire.machine.bodies import BodyTooLarge, BodyUnreadable, read_body
from orderwire.machine.gateway import as_released, told_by_us
from orderwire.machine.ports import LOOPBACK
from orderwire.machine.shared_server import Phase, SharedServer
from orderwire.machine.visitors import NOT_LOOPBACK, NOT_OUR_PAGE, Headers, headers_of, is_of_our_origin, names_loopback
from orderwire.workplace.home import ROOT

NO_HEADER = (FirstHeaderLineIsContinuationDefect, MissingHeaderBodySeparatorDefect)
"""At such a line Python stops reading headers: the others, the body's length among them, would not be seen."""


class RequestHandler(ChaliceRequestHandler):
    """Says nothing of requests that went well: the API's own log has a line for each that changes something. What API
    Gateway would answer by itself is answered as a released stage does."""

    def __init__(
        self, request: Any, address: Any, server: Any, *, cors_origin: str | None, app_object: Chalice, config: Config
    ) -> None:
        self.cors_origin, self._app = cors_origin, app_object
        self._routes = RouteMatcher(list(app_object.routes))
        self._phase: Phase | None = Phase.NEW
        super().__init__(request, address, server, app_object, config)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        if not str(code).startswith("2"):
            super().log_request(code, size)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """The path and the method are whatever somebody has sent."""
        super().log_message("%s", in_cell(format % args).plain)

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except LocalGatewayException as error:  # its body has not been read: no other request can follow
            self.close_connection = True
            self._send_error_response(error)
        finally:
            self._becomes(None)
            self.close_connection = self.close_connection or self.server.is_ending

    def parse_request(self) -> bool:
        """Called once the first line of a request is there. Between two of them a connection may be idle for hours."""
        self._becomes(Phase.ANSWERED)
        return bool(super().parse_request())

    def finish(self) -> None:
        super().finish()
        self._becomes(None)

    def _becomes(self, phase: Phase | None) -> None:
        self.server.moves(self._phase, phase)
        self._phase = phase

    def _parse_payload(self) -> tuple[Any, bytes | None]:
        """Chalice's own reads no body that comes in chunks, and takes any length. Raises LocalGatewayException."""
        if any(isinstance(defect, NO_HEADER) for defect in self.headers.defects):
            raise told_by_us(UNREADABLE)
        headers = headers_of(self.headers.items())
        if refused := self._refusal(headers):
            raise told_by_us(HttpProblem(403, "cross-site", refused))
        if not all(value.isascii() for name, value in headers if name == "authorization"):
            raise told_by_us(UNREADABLE)  # Chalice's own would break
        try:
            return dict(self.headers), read_body(headers, self.rfile)
        except BodyUnreadable:
            raise told_by_us(UNREADABLE) from None
        except BodyTooLarge:
            raise told_by_us(PROBLEMS["REQUEST_TOO_LARGE"]) from None

    def _refusal(self, headers: Headers) -> str | None:
        """What the API itself cannot tell: by which name it was called, and from which address its own pages come."""
        if not names_loopback(headers):
            return NOT_LOOPBACK
        return None if is_of_our_origin(headers) or self._is_cross_origin() else NOT_OUR_PAGE

    def _is_cross_origin(self) -> bool:
        try:
            route = self._routes.match_route(self.path).route
        except ValueError:
            return False
        return any(each.cors is not None for each in self._app.routes[route].values())

    def _send_error_response(self, error: LocalGatewayException) -> None:
        super()._send_error_response(as_released(error, self.cors_origin))


def listening(app: Chalice, held: socket.socket, cors_origin: str | None) -> SharedServer:
    """A server that takes connections at `held` already, and answers them once it serves.

    It is made as `chalice local` makes it, but without `chalice.cli`, which asks the terminal questions when it is
    imported, and would change the environment, which is right already.
    """
    on_disk = json.loads((ROOT / ".chalice" / "config.json").read_text())
    config = Config("local", config_from_disk=on_disk, default_params={"project_dir": str(ROOT)})
    create_local_server(app, config, LOOPBACK, 0).server.server_close()  # it makes the app a local one, too
    return SharedServer(held, partial(RequestHandler, app_object=app, config=config, cors_origin=cors_origin))
