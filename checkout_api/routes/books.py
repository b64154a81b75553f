"""The book-store front end's routes: other words for placing, listing, processing and cancelling orders."""

from functools import partial

from checkout_api.admin.login import log_in, logged_in
from checkout_api.http.description import Description
from checkout_api.http.requests import Credentials, parse_body
from checkout_api.http.routing import Answer, Call, Route
from checkout_api.http.shapes import Token
from checkout_api.orders.bookstore import (
    Book,
    BookKey,
    BookOrder,
    BookOrderAsked,
    Deleted,
    Receipt,
    book,
    book_key,
    book_order,
    book_orders,
    order_of,
    priced_books,
)
from checkout_api.orders.deciding import cancel_order, handle_order
from checkout_api.orders.placing import OrderIds, idempotency_key, place_order
from checkout_api.orders.products import catalog
from edges.connect import Edges
from schemas.events import OrderCancelled, OrderCreated, OrderProcessed
from tables.orders import Orders

MOST_LISTED = 200
"""Orders of each status in one answer, the newest; the front end has no pages."""

SHOW = Description("The catalog", list[Book])
PLACE = Description(
    "Order books on account",
    BookOrder,
    body=BookOrderAsked,
    headers={"Idempotency-Key": BookKey},
    problems={400: "A header is malformed.", 409: "The books do not cost what was expected."},
)
LIST = Description("Orders that can be handled, then those that were", list[BookOrder])
UNDECIDED = {404: "There is no such order.", 409: "The order's status does not allow it."}
HANDLE = Description("Take an order into hand", BookOrder, body=Receipt, problems=UNDECIDED)
DELETE = Description("Cancel an order", Deleted, body=Receipt, problems=UNDECIDED)
ENTER = Description(
    "The front end's way in for admins",
    Token,
    body=Credentials,
    problems={
        401: "Username or password is wrong.",
        403: "Something else is due first, for which the front end has no page.",
        429: "Too many attempts.",
    },
)


class BookRoutes:
    """The front end's login only says who sees its admin's pages, which send no token: stage `local` lets them do
    everything, any other wants an admin's token from whoever stands between, for ordering too unless its `books` are
    open, and has no such login."""

    def __init__(self, edges: Edges) -> None:
        self._edges, self._orders, self._ids = edges, Orders(edges), OrderIds.of(edges)

    def routes(self) -> list[Route]:
        books = self._edges.settings.books
        if books == "off":
            return []
        local = self._edges.settings.stage == "local"
        admin = not local
        login = [Route("POST", "/login", self.enter, cross_origin=True, about=ENTER)] if local else []
        return [
            Route("GET", "/books", self.show, cross_origin=True, about=SHOW),
            Route("POST", "/books/order", self.place, books == "token", cross_origin=True, about=PLACE),
            Route("GET", "/books/order", self.list_, admin, cross_origin=True, about=LIST),
            Route("DELETE", "/books/order", self.delete, admin, cross_origin=True, about=DELETE),
            Route("POST", "/books/order/handle", self.handle, admin, cross_origin=True, about=HANDLE),
            *login,
        ]

    def enter(self, call: Call) -> Answer:
        """200 if an admin has this name and password; the front end looks at nothing else."""
        return logged_in(log_in(self._edges, parse_body(Credentials, call.body)))

    def show(self, call: Call) -> Answer:  # noqa: ARG002
        return Answer(200, [book(product) for product in catalog(self._edges)])

    def place(self, call: Call) -> Answer:
        """200 and the order. The front end sends no idempotency key, so what it sends twice is two orders."""
        asked = parse_body(BookOrderAsked, call.body)
        order, key = order_of(asked, self._edges.settings), book_key(idempotency_key(call.headers))
        row = place_order(self._edges, self._ids, order, key, call.origin, partial(priced_books, asked))
        return Answer(200, book_order(row), event_id=OrderCreated.id_for(row.order_id))

    def list_(self, call: Call) -> Answer:  # noqa: ARG002
        found = (self._orders.page(status, MOST_LISTED, None) for status in ("waiting", "confirmed", "processed"))
        return Answer(200, book_orders(each for page in found for each in page))

    def handle(self, call: Call) -> Answer:
        """200 and the order, which is processed then, or accepted if it waited for that."""
        order_id = parse_body(Receipt, call.body).order_id
        row = handle_order(self._edges, order_id, call.origin)
        happened = OrderProcessed if row.status == "processed" else OrderCreated
        return Answer(200, book_order(row), event_id=happened.id_for(row.order_id))

    def delete(self, call: Call) -> Answer:
        """200 once the order is cancelled."""
        order_id = parse_body(Receipt, call.body).order_id
        row = cancel_order(self._edges, order_id, call.origin)
        return Answer(200, Deleted(receiptHandle=row.order_id), event_id=OrderCancelled.id_for(row.order_id))
