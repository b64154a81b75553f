"""Orders: placed by shoppers, read by whoever holds the id, listed and decided on by admins."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field

from checkout_api.http.admins import Admins
from checkout_api.http.description import Description
from checkout_api.http.problems import HttpProblem, unknown_order
from checkout_api.http.requests import Explained, Nothing, OrderAsked, parse_optional_body, parse_order
from checkout_api.http.routing import Answer, Call, Route
from checkout_api.http.shapes import Accepted, Customer, Order, OrderPage, OrderRecord, Status, TimelineEntry
from checkout_api.orders import answers
from checkout_api.orders.deciding import accept_order, cancel_order, process_order, refund_order, ship_order
from checkout_api.orders.listing import MOST, USUAL, page
from checkout_api.orders.placing import IdempotencyKey, OrderIds, idempotency_key, place_order
from edges.connect import Edges
from schemas.envelope import ClosedModel, EventData
from schemas.events import OrderCancelled, OrderCreated, OrderProcessed, OrderRefunded, OrderShipped
from schemas.types import OrderId
from tables.order_row import OrderRow
from tables.orders import Orders

TEST = "x-orderwire-test"
_ORDER_ID = re.compile("[A-Za-z0-9_-]{1,64}")

NAMED: dict[str, Any] = {"order_id": OrderId}
UNKNOWN = {404: "There is no such order."}
UNDECIDED = {**UNKNOWN, 409: "The order's status does not allow it."}

PLACE = Description(
    "Place an order",
    Accepted,
    status=202,
    body=OrderAsked,
    headers={
        "Idempotency-Key": IdempotencyKey,
        "X-Orderwire-Test": Annotated[Literal["true"], Field(description="the order only tests the shop")],
    },
    sent={"Location": "the order's address"},
    problems={
        400: "A header is malformed.",
        409: "The order does not cost `expected_total`.",
        429: "Too many orders of this customer or to this address are not paid.",
    },
    admin="With X-Orderwire-Test an admin's token is needed, for nothing is charged for such an order.",
)
LIST = Description(
    "Orders, newest first",
    OrderPage,
    query={
        "status": Status,
        "limit": Annotated[int, Field(ge=1, le=MOST, description=f"orders of a page, {USUAL} unless told")],
        "cursor": Annotated[str, Field(description="the `next` of the page before")],
    },
    problems={422: "A parameter cannot be accepted; `errors` says which and why."},
)
SHOW = Description("An order as it is now", Order, params=NAMED, problems=UNKNOWN)
TIMELINE = Description("What happened to an order, oldest first", list[TimelineEntry], params=NAMED, problems=UNKNOWN)


RECORD = Description("All that is known of an order but who placed it", OrderRecord, params=NAMED, problems=UNKNOWN)
CUSTOMER = Description("Who placed an order", Customer, params=NAMED, problems=UNKNOWN)


def decision(summary: str, body: type[ClosedModel]) -> Description:
    return Description(summary, OrderRecord, body=body, body_required=False, params=NAMED, problems=UNDECIDED)


ACCEPT = decision("Let an order on account that waits for it go ahead", Nothing)
PROCESS = decision("Take a confirmed order into hand", Nothing)
SHIP = decision("Say that a processed order's parcel has left", Nothing)
REFUND = decision("Give a shipped order's money back", Explained)
CANCEL = decision("Call off an order that has not been shipped", Explained)


class OrderRoutes:
    def __init__(self, edges: Edges, admins: Admins) -> None:
        self._edges, self._admins = edges, admins
        self._orders, self._ids = Orders(edges), OrderIds.of(edges)

    def routes(self) -> list[Route]:
        return [
            Route("POST", "/orders", self.place, about=PLACE),
            Route("GET", "/orders", self.list_, admin=True, about=LIST),
            Route("GET", "/orders/{order_id}", self.show, about=SHOW),
            Route("GET", "/orders/{order_id}/timeline", self.timeline, about=TIMELINE),
            Route("GET", "/orders/{order_id}/record", self.record, admin=True, about=RECORD),
            Route("GET", "/orders/{order_id}/customer", self.customer, admin=True, about=CUSTOMER),
            Route(
                "POST", "/orders/{order_id}/accept", self._plain(accept_order, OrderCreated), admin=True, about=ACCEPT
            ),
            Route(
                "POST",
                "/orders/{order_id}/process",
                self._plain(process_order, OrderProcessed),
                admin=True,
                about=PROCESS,
            ),
            Route("POST", "/orders/{order_id}/ship", self._plain(ship_order, OrderShipped), admin=True, about=SHIP),
            Route(
                "POST",
                "/orders/{order_id}/refund",
                self._explained(refund_order, OrderRefunded),
                admin=True,
                about=REFUND,
            ),
            Route(
                "DELETE", "/orders/{order_id}", self._explained(cancel_order, OrderCancelled), admin=True, about=CANCEL
            ),
        ]

    def place(self, call: Call) -> Answer:
        """202 and the order's address."""
        origin = replace(call.origin, test=self._is_test(call))
        row = place_order(self._edges, self._ids, parse_order(call.body), idempotency_key(call.headers), origin)
        location = {"Location": f"{call.path.rstrip('/')}/{row.order_id}"}
        return Answer(202, answers.accepted(row), location, OrderCreated.id_for(row.order_id))

    def _is_test(self, call: Call) -> bool:
        """Whether the order only tests the shop: nothing is charged for it, so an admin must say so.

        Raises Problem 400, 401 and 403.
        """
        mark = call.headers.get(TEST)
        if mark is None:
            return False
        if mark != "true":
            raise HttpProblem(400, "bad-test-mark", "X-Orderwire-Test can only be true.")
        self._admins.require(call.headers.get("authorization"))
        return True

    def list_(self, call: Call) -> Answer:
        return Answer(200, answers.listed(page(self._orders, call.query)))

    def show(self, call: Call) -> Answer:
        return Answer(200, answers.order(self._order(call)))

    def timeline(self, call: Call) -> Answer:
        return Answer(200, answers.timeline(self._order(call)))

    def record(self, call: Call) -> Answer:
        """Apart from the order, as who placed it is: what an admin wrote or a provider said is not for its holder."""
        return Answer(200, answers.record(self._order(call)))

    def customer(self, call: Call) -> Answer:
        """Apart from the order, which whoever has its id may read."""
        return Answer(200, answers.customer(self._order(call)))

    def _order(self, call: Call) -> OrderRow:
        """The order of the path. One whose order.created has not arrived is not known yet. Raises Problem 404."""
        row = self._orders.get(order_id(call))
        if row is None or row.items is None:
            raise unknown_order()
        return row

    def _plain(self, command: Callable[..., OrderRow], event: type[EventData]) -> Callable[[Call], Answer]:
        """200 and the order after a decision that takes no reason and leads to such an event."""

        def answer(call: Call) -> Answer:
            parse_optional_body(Nothing, call.body)
            return decided(command(self._edges, order_id(call), call.origin), event)

        return answer

    def _explained(self, command: Callable[..., OrderRow], event: type[EventData]) -> Callable[[Call], Answer]:
        """200 and the order after a decision that may say why."""

        def answer(call: Call) -> Answer:
            reason = parse_optional_body(Explained, call.body).reason
            return decided(command(self._edges, order_id(call), call.origin, reason), event)

        return answer


def decided(row: OrderRow, event: type[EventData]) -> Answer:
    return Answer(200, answers.record(row), event_id=event.id_for(row.order_id))


def order_id(call: Call) -> str:
    """The order id of the path. Raises Problem 404 for what cannot be one."""
    if not _ORDER_ID.fullmatch(call.params["order_id"]):
        raise unknown_order()
    return call.params["order_id"]
