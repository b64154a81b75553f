"""Ports on loopback."""

import secrets
import socket

from orderwire.console.problem import Problem

LOOPBACK = "127.0.0.1"


OURS = range(20_000, 30_000)
"""Below the ports that operating systems give to outgoing connections, so that none of those takes one from us."""


def free_port() -> int:
    while True:
        port = secrets.choice(OURS)
        with socket.socket() as probe:
            if probe.connect_ex((LOOPBACK, port)) != 0:
                return port


def bound(port: int) -> socket.socket:
    """A socket at the port, or at a free one for 0, which refuses connections until somebody listens at it."""
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind((LOOPBACK, port))
    return held


def require_free(port: int, use: str, remedy: str) -> None:
    """Raises Problem if somebody listens on the port. `remedy` says how to choose another one."""
    if not 1 <= port <= 65535:
        raise Problem(f"{port} is not a port: it must be 1 to 65535.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except PermissionError:
            raise Problem(f"Port {port}, for {use}, may not be opened by you. Choose another: {remedy}") from None
        except OSError:
            raise Problem(
                f"Port {port}, for {use}, is in use by another program. Stop it, or choose another: {remedy}"
            ) from None
