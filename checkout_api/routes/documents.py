"""The API's own description."""

from collections.abc import Sequence
from functools import cached_property

from checkout_api.http.openapi import Document, document
from checkout_api.http.routing import Answer, Call, Route


class DocumentRoutes:
    """Describes `described`, the routes that stand beside these."""

    def __init__(self, described: Sequence[Route]) -> None:
        self._described = described

    def routes(self) -> list[Route]:
        return [Route("GET", "/openapi.json", self.openapi)]

    @cached_property
    def _openapi(self) -> Document:
        return document(self._described)

    def openapi(self, call: Call) -> Answer:  # noqa: ARG002
        return Answer(200, self._openapi)
