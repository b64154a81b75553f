"""For the admin page: what the shop took in, what happened last, and how its queues do."""

from collections.abc import Sequence

from checkout_api.admin.figures import latest_events, shop_figures
from checkout_api.admin.queues import Redriver, queues, redrive
from checkout_api.http.description import Description
from checkout_api.http.requests import Nothing, parse_optional_body
from checkout_api.http.routing import Answer, Call, Route
from checkout_api.http.shapes import LatestEvent, QueueDepth, Redriven, ShopFigures
from edges.connect import Edges

METRICS = Description("Orders, revenue and more by hour and day, and what was ordered most", ShopFigures)
EVENTS = Description("What happened last, newest first; orders that only test the shop are left out", list[LatestEvent])
QUEUES = Description("How full every consumer's queue is, and how many dead letters there are", list[QueueDepth])
REDRIVE = Description(
    "Send a consumer's dead letters back to it",
    Redriven,
    body=Nothing,
    body_required=False,
    params={"name": str},
    problems={404: "There is no such consumer.", 409: "They are on their way back already."},
)


class OperationRoutes:
    """`consumers` are the names of those whose queues are shown, `redriver` sends dead letters back."""

    def __init__(self, edges: Edges, consumers: Sequence[str], redriver: Redriver) -> None:
        self._edges, self._consumers, self._redriver = edges, consumers, redriver

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/metrics", self.metrics, admin=True, about=METRICS),
            Route("GET", "/events", self.events, admin=True, about=EVENTS),
            Route("GET", "/queues", self.queues, admin=True, about=QUEUES),
            Route("POST", "/queues/{name}/redrive", self.redrive, admin=True, about=REDRIVE),
        ]

    def metrics(self, call: Call) -> Answer:  # noqa: ARG002
        return Answer(200, shop_figures(self._edges))

    def events(self, call: Call) -> Answer:  # noqa: ARG002
        return Answer(200, latest_events(self._edges))

    def queues(self, call: Call) -> Answer:  # noqa: ARG002
        return Answer(200, queues(self._edges, self._consumers))

    def redrive(self, call: Call) -> Answer:
        """200 and how many are on their way."""
        parse_optional_body(Nothing, call.body)
        return Answer(200, redrive(self._redriver, self._consumers, call.params["name"]))
