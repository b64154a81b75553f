"""The service itself: whether it lives, and the way in for admins."""

from checkout_api.description import Description
from checkout_api.login import log_in
from checkout_api.requests import Credentials, parse_body
from checkout_api.routing import Answer, Call, Route
from checkout_api.shapes import Health, Token
from edges.connect import Edges

HEALTH = Description("Whether requests are answered at all", Health)
LOG_IN = Description(
    "An admin's way in",
    Token,
    body=Credentials,
    problems={
        401: "Username or password is wrong.",
        403: "Something else is due first, such as a new password.",
        429: "Too many attempts.",
    },
)


class ServiceRoutes:
    def __init__(self, edges: Edges) -> None:
        self._edges = edges

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/health", self.health, about=HEALTH),
            Route("POST", "/admin/login", self.log_in, about=LOG_IN),
        ]

    def health(self, call: Call) -> Answer:  # noqa: ARG002
        """200 while requests are answered at all; asks nothing of other services."""
        return Answer(200, Health(status="ok", stage=self._edges.settings.stage))

    def log_in(self, call: Call) -> Answer:
        return Answer(200, log_in(self._edges, parse_body(Credentials, call.body)))
