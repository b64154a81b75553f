"""The service itself: whether it lives, and the way in for admins."""

from checkout_api.admin.login import give_code, log_in, logged_in, register_app, set_password
from checkout_api.http.description import Description
from checkout_api.http.requests import Credentials, NewPassword, SecondFactor, parse_body
from checkout_api.http.routing import Answer, Call, Route
from checkout_api.http.shapes import Health, Token
from edges.connect import Edges

HEALTH = Description("Whether requests are answered at all", Health)
LOG_IN = Description(
    "An admin's way in",
    Token,
    body=Credentials,
    problems={
        401: "Username or password is wrong.",
        403: "Something else is due first: the problem's type says what, its `session` goes with the answer to it.",
        429: "Too many attempts.",
    },
)
SECOND_FACTOR = Description(
    "The code of an authenticator app, where a login is due for one",
    Token,
    body=SecondFactor,
    problems={
        401: "The code is wrong, or the login is over.",
        403: "Something else is due first.",
        429: "Too many attempts.",
    },
)
AUTHENTICATOR = Description(
    "The first code of an authenticator app that was given the login's secret, where a login is due for one",
    Token,
    body=SecondFactor,
    problems={401: "The code is wrong, or the login is over.", 429: "Too many attempts."},
)
NEW_PASSWORD = Description(
    "A password of one's own in place of the temporary one, where a login is due for it",
    Token,
    body=NewPassword,
    problems={
        401: "The login is over.",
        403: "Something else is due first, such as an authenticator app and its `secret`.",
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
            Route("POST", "/admin/login/second-factor", self.second_factor, about=SECOND_FACTOR),
            Route("POST", "/admin/login/authenticator", self.authenticator, about=AUTHENTICATOR),
            Route("POST", "/admin/login/new-password", self.new_password, about=NEW_PASSWORD),
        ]

    def health(self, call: Call) -> Answer:  # noqa: ARG002
        """200 while requests are answered at all; asks nothing of other services."""
        return Answer(200, Health(status="ok", stage=self._edges.settings.stage))

    def log_in(self, call: Call) -> Answer:
        return logged_in(log_in(self._edges, parse_body(Credentials, call.body)))

    def second_factor(self, call: Call) -> Answer:
        return logged_in(give_code(self._edges, parse_body(SecondFactor, call.body)))

    def authenticator(self, call: Call) -> Answer:
        return logged_in(register_app(self._edges, parse_body(SecondFactor, call.body)))

    def new_password(self, call: Call) -> Answer:
        return logged_in(set_password(self._edges, parse_body(NewPassword, call.body)))
