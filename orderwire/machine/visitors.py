"""Whose HTTP requests a server on this machine takes: programs', its own pages', and not those of other web pages.

A browser sends what any page asks it to, to loopback too, and says where the page is from. A name that an attacker
points at loopback (DNS rebinding) makes the page ours to the browser; then the Host header is the attacker's name.

Why: docs/decisions/laptop.md
"""

import re
from collections.abc import Iterable, Sequence

Headers = Sequence[tuple[str, str]]
"""Names in small letters, as often as they were sent."""

_LOOPBACK = re.compile(
    r"(?:(?:[a-z0-9-]+\.)*localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])(?::[0-9]{1,5})?", re.ASCII | re.IGNORECASE
)
"""Names that no name server is asked for, with or without a port."""
_OURS = frozenset({"same-origin", "none"})
"""`Sec-Fetch-Site` of a page of the same server, and of what somebody types into the browser."""

NOT_LOOPBACK = "The Host header must be 127.0.0.1 or localhost."
NOT_OUR_PAGE = "Pages of another origin may not call this."


def headers_of(given: Iterable[tuple[str, str]]) -> Headers:
    return [(name.lower(), value.strip()) for name, value in given]


def refusal(headers: Headers) -> str | None:
    """Why a request is not taken, as a sentence; None for one of a program here or of the server's own pages."""
    if not names_loopback(headers):
        return NOT_LOOPBACK
    return None if is_of_our_origin(headers) and set(_all(headers, "sec-fetch-site")) <= _OURS else NOT_OUR_PAGE


def names_loopback(headers: Headers) -> bool:
    """Whether the request was sent to this machine by a name that is nobody else's."""
    hosts = _all(headers, "host")
    return bool(hosts) and all(_LOOPBACK.fullmatch(host.lower()) for host in hosts)


def is_of_our_origin(headers: Headers) -> bool:
    """Whether no browser says that a page of another origin has sent it."""
    ours = {f"http://{host.lower()}" for host in _all(headers, "host")}
    return {origin.lower() for origin in _all(headers, "origin")} <= ours


def _all(headers: Headers, name: str) -> list[str]:
    return [value for each, value in headers if each == name]
