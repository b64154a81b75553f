"""The engine's door: an ASGI application before ministack's, which answers every page of every origin."""

from collections.abc import Awaitable, Callable
from typing import Any

from orderwire.machine.visitors import headers_of, refusal

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]


def closed_to_web_pages(engine: AsgiApp) -> AsgiApp:
    """Lets programs on this machine through: whoever reaches the engine can run code in it. The rest get a 403 without
    CORS headers, or a closed socket."""

    async def door(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"} and (reason := reason_of(scope)):
            await (close if scope["type"] == "websocket" else refuse)(send, reason)
        else:
            await engine(scope, receive, send)

    return door


def reason_of(scope: Scope) -> str | None:
    return refusal(headers_of((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]))


async def refuse(send: Send, reason: str) -> None:
    body = f"{reason}\n".encode()
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def close(send: Send, reason: str) -> None:
    """Before the socket is accepted, which a client sees as a 403."""
    await send({"type": "websocket.close", "code": 1008, "reason": reason})
