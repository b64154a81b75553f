"""What a browser may bring for a page of another site: nothing, outside the routes that are for other origins.

A browser asks first before it sends JSON to another origin, and no answer of ours lets it; it does not ask before it
sends what a form could send. So a body is JSON only if its Content-Type says exactly that. And browsers say themselves
for whose page a request is: `Sec-Fetch-Site` and `Origin`, which no page can change.

Why: docs/decisions/security.md
"""

import re
from collections.abc import Mapping

from checkout_api.http.problems import HttpProblem

ANYBODY = "*"
"""The `cors_origin` that stands for every origin."""

_NOT_ANOTHERS = frozenset({"", "same-origin", "none"})
"""What Sec-Fetch-Site says of our own pages and of what a person entered; clients that are no browser send none."""

_TOKEN = "[!#$%&'*+.^_`|~0-9a-z-]+"  # noqa: S105
_PARAMETER = re.compile(f'(?P<name>{_TOKEN})=(?P<value>{_TOKEN}|"[^",\\\\]*")')
_UTF_8 = frozenset({"utf-8", "utf8"})


def refuse_another_type(headers: Mapping[str, str], body: bytes) -> None:
    """Raises Problem 415 for a body that does not say that it is JSON, and for no body that says it is something else.

    Whoever sends neither body nor type, as for a decision that gives no reason, says nothing wrong.
    """
    told = headers.get("content-type")
    if (told is None and body) or (told is not None and not is_json(told)):
        raise HttpProblem(415, "unsupported-media-type", "The Content-Type must be application/json, in UTF-8.")


def is_json(content_type: str) -> bool:
    """Whether it is `application/json`, perhaps with parameters. No list, no `*/*`, and no charset but UTF-8."""
    essence, *parameters = (part.strip(" \t") for part in content_type.lower().split(";"))
    return essence == "application/json" and all(_fits_json(each) for each in parameters if each)


def _fits_json(parameter: str) -> bool:
    found = _PARAMETER.fullmatch(parameter)
    return found is not None and (found["name"] != "charset" or found["value"].strip('"') in _UTF_8)


def refuse_another_site(method: str, headers: Mapping[str, str]) -> None:
    """Raises Problem 403 for what a browser sends for a page of another site, or of another host of the same site.

    Following a link to us is no such thing: the browser leaves the other page then.
    """
    if _is_anothers(headers) and not _follows_a_link(method, headers):
        raise HttpProblem(403, "cross-site", "This is not for pages of another site.")


def refuse_another_origin(method: str, headers: Mapping[str, str], allowed: str | None) -> None:
    """As `refuse_another_site`, for a route that pages of the origin `allowed` may call. Without this, CORS would only
    keep the answer from the page: what needs no preflight would have been done."""
    origin = headers.get("origin")
    if allowed == ANYBODY or (origin is not None and origin == allowed):
        return
    refuse_another_site(method, headers)
    if origin is not None and "sec-fetch-site" not in headers:  # an older browser
        raise HttpProblem(403, "cross-site", "This is not for pages of this origin.")


def _is_anothers(headers: Mapping[str, str]) -> bool:
    return headers.get("sec-fetch-site", "").lower() not in _NOT_ANOTHERS


def _follows_a_link(method: str, headers: Mapping[str, str]) -> bool:
    """Not in a frame: that page would still be around ours."""
    return method == "GET" and (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest")) == (
        "navigate",
        "document",
    )
