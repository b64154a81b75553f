"""The shop, the admin page, and what they load.

Why: docs/decisions/pages.md
"""

import json
from functools import cached_property
from html import escape

from checkout_api.http.problems import HttpProblem
from checkout_api.http.routing import Answer, Call, Route
from checkout_api.http.static_files import StaticFile, StaticFiles
from edges.connect import Edges
from edges.settings import Settings

POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",  # the scripts send what is entered; without them it must not end up in an address
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",  # nothing may be parsed as HTML, not even by mistake
    ]
)
PAGE_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
}
FOR_GOOD = "public, max-age=31536000, immutable"


class PageRoutes:
    """Every link in the pages is relative, so they work below any path that API Gateway or a proxy adds."""

    def __init__(self, edges: Edges) -> None:
        self._settings = edges.settings

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/", self.shop),
            Route("GET", "/admin", self.admin),
            Route("GET", "/assets/{version}/{folder}/{name}", self.asset),
        ]

    @cached_property
    def _files(self) -> StaticFiles:
        return StaticFiles.read()

    def shop(self, call: Call) -> Answer:
        """The page; 308 to its address with a slash at the end, which a stage's root may be asked for without."""
        if not call.path.endswith("/"):
            return moved(f"{call.path.rpartition('/')[2]}/")
        return self._page("shop/shop.html")

    def admin(self, call: Call) -> Answer:
        """The page; 308 to its address without a slash at the end."""
        if call.path.endswith("/"):
            return moved("../admin")
        return self._page("admin/admin.html")

    def _page(self, name: str) -> Answer:
        text = self._files.pages[name].text
        filled = text.replace("{{version}}", self._files.version).replace("{{terms}}", escape(terms(self._settings)))
        return sent(StaticFile(filled, self._files.pages[name].content_type), PAGE_HEADERS)

    def asset(self, call: Call) -> Answer:
        """The file, to be kept for good. One of another version, asked for while a release is under way, is not kept.

        Raises Problem 404.
        """
        file = self._files.assets.get(f"{call.params['folder']}/{call.params['name']}")
        if file is None:
            raise HttpProblem(404, "unknown-file", "There is no file of this name.")
        return sent(file, {"Cache-Control": FOR_GOOD} if call.params["version"] == self._files.version else {})


def terms(settings: Settings) -> str:
    """What the pages must know of the stage, as JSON."""
    return json.dumps(
        {
            "stage": settings.stage,
            "currency": settings.currency,
            "shipping_fee": float(settings.shipping_fee),
            "free_shipping_above": float(settings.free_shipping_above),
            "provider": settings.payment_provider,
        }
    )


def sent(file: StaticFile, headers: dict[str, str]) -> Answer:
    return Answer(200, file.text, {"Content-Type": file.content_type, **headers})


def moved(location: str) -> Answer:
    """`location` is relative to the address that was asked for, so it holds behind a proxy too."""
    return Answer(308, "", {"Content-Type": "text/plain", "Location": location})
