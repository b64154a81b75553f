"""The service itself: whether it lives, and the way in for admins."""

from checkout_api.login import log_in
from checkout_api.requests import Credentials, parse_body
from checkout_api.routing import Answer, Call, Route
from edges.connect import Edges


class ServiceRoutes:
    def __init__(self, edges: Edges) -> None:
        self._edges = edges

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/health", self.health),
            Route("POST", "/admin/login", self.log_in),
        ]

    def health(self, call: Call) -> Answer:  # noqa: ARG002
        """200 while requests are answered at all; asks nothing of other services."""
        return Answer(200, {"status": "ok", "stage": self._edges.settings.stage})

    def log_in(self, call: Call) -> Answer:
        return Answer(200, log_in(self._edges, parse_body(Credentials, call.body)))
