"""An HTTP server at a socket at which others may listen, too: one process takes over from another, and no connection is
refused in between."""

import socket
import sys
import threading
from collections import Counter
from collections.abc import Callable
from enum import Enum
from typing import Any

from chalice.local import ThreadedHTTPServer

WAITING = 128
"""Connections that may wait to be accepted. The server's own five are not enough for a shop's rush hour: the sixth
would try again a second later."""

GLANCE_SECONDS = 0.05
"""How often it looks whether it is to stop."""

UNREAD_SECONDS = 0.5
"""How long it waits at the end for what a new connection asks. Browsers open some that they may never use."""


class Phase(Enum):
    """Where a connection is: nothing has been read of it, or a request is being read and answered."""

    NEW = "new"
    ANSWERED = "answered"


class SharedServer(ThreadedHTTPServer):
    """Listens at `held` as soon as it is made. Handlers tell it by `moves` what becomes of their connections."""

    def __init__(self, held: socket.socket, handler: Callable[..., Any]) -> None:
        super().__init__(held.getsockname(), handler, bind_and_activate=False)
        self.socket.close()
        self.socket: socket.socket = held
        self.server_name, self.server_port = held.getsockname()
        self.is_ending = False
        self._at, self._changed = Counter[Phase](), threading.Condition()
        # Another process may be quicker: then there is nothing to accept, and that must not be waited for.
        held.setblocking(False)
        # Head and body of an answer are sent one after the other: the body must not wait until the head has arrived.
        held.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        held.listen(WAITING)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = self.socket.accept()
        connection.setblocking(True)  # on some systems it is as the socket that it came by
        return connection, address

    def process_request(self, request: Any, client_address: Any) -> None:
        self.moves(None, Phase.NEW)
        super().process_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up before it has its answer is no error of ours."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def moves(self, before: Phase | None, after: Phase | None) -> None:
        """Of a connection; None where it has not come or is gone, and while it waits for another request."""
        with self._changed:
            self._at.update({each: by for each, by in ((before, -1), (after, 1)) if each})
            self._changed.notify_all()

    def serve(self) -> None:
        """Until `finish`."""
        self.serve_forever(GLANCE_SECONDS)

    def finish(self, seconds: float) -> bool:
        """Takes no more connections, and waits for the requests in hand; returns whether all were answered in time."""
        self.is_ending = True
        self.shutdown()
        with self._changed:
            self._changed.wait_for(lambda: not self._at[Phase.NEW], min(seconds, UNREAD_SECONDS))
            return self._changed.wait_for(lambda: not self._at[Phase.ANSWERED], seconds)
