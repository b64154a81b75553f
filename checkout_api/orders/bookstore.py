"""The book-store front end's words for ours: what it sends becomes an order, orders become what it shows. Pure.

The front end is somebody else's, so what it sends is read generously: fields that nobody needs are ignored, numbers may
be text, and lines of the same book add up.
"""

import re
from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema
from typing_extensions import TypedDict

from checkout_api.http.problems import HttpProblem, invalid
from checkout_api.http.requests import ItemAsked, OrderAsked
from checkout_api.http.shapes import Product
from checkout_api.orders.pricing import Ceiling, Priced, price
from edges.settings import Settings
from schemas.envelope import ClosedModel
from schemas.events import ON_ACCOUNT, OrderItem
from schemas.types import MAX_ITEMS, MAX_MONEY, MAX_QUANTITY, Money, OrderId, Sku, parse_money, parse_whole
from tables.catalog import ProductRow
from tables.order_row import OrderRow
from tables.orders import IndexedOrder

NONCE = "[0-9A-Fa-f]{8}-?[0-9A-Fa-f]{4}-?[47][0-9A-Fa-f]{3}-?[89ABab][0-9A-Fa-f]{3}-?[0-9A-Fa-f]{12}"
"""A random UUID of the shopper's own, for example of `crypto.randomUUID()`: of version 4, or 7 with the time before it.
Any other 32 digits may be a hash of the basket, which is the same for whoever orders that."""
_NO_DIGIT = "[!-/:-@G-`g-~]"
"""A visible character that is no hexadecimal digit; a longer hash has what looks like a random UUID within it."""
BOOK_KEY_PATTERN = f"^(?:[!-~]*{_NO_DIGIT})?{NONCE}(?:{_NO_DIGIT}[!-~]*)?$"
_BOOK_KEY = re.compile(BOOK_KEY_PATTERN[1:-1])
BookKey = Annotated[
    str,
    Field(pattern=BOOK_KEY_PATTERN, max_length=255, description="makes a retry the same order; with a random UUID"),
]

_WHOLE = "^[1-9][0-9]{0,2}$"
_AMOUNT = "^[0-9]{1,9}(?:\\.[0-9]{1,30})?$"
_CENT = Decimal("0.01")


def parse_quantity(value: Any) -> int:
    """A number of copies, or such a number as text."""
    if isinstance(value, str) and re.fullmatch(_WHOLE[1:-1], value):
        value = int(value)
    whole = parse_whole(value)
    if not 1 <= whole <= MAX_QUANTITY:
        raise ValueError(f"must be between 1 and {MAX_QUANTITY}")
    return whole


def parse_price(value: Any) -> Decimal:
    """Money as a browser adds it up, 59.980000000000004 or "59.98", to the cent."""
    if isinstance(value, str) and re.fullmatch(_AMOUNT[1:-1], value):
        value = Decimal(value)
    elif isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal) and 0 <= value <= MAX_MONEY:
        value = value.quantize(_CENT, ROUND_HALF_UP)
    return parse_money(value)


def _or_text(number: dict[str, Any], pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [{"minimum": 0, **number}, {"type": "string", "pattern": pattern}]})


BookQuantity = Annotated[
    int,
    BeforeValidator(parse_quantity),
    _or_text({"type": "integer", "minimum": 1, "maximum": MAX_QUANTITY}, _WHOLE),
]
ShownPrice = Annotated[
    Decimal, BeforeValidator(parse_price), _or_text({"type": "number", "maximum": float(MAX_MONEY)}, _AMOUNT)
]


class FromFrontEnd(ClosedModel):
    model_config = ConfigDict(extra="ignore")


class BookAsked(FromFrontEnd):
    id: Sku
    qty: BookQuantity


class BookOrderAsked(FromFrontEnd):
    """POST /books/order. `price` is what the shopper was shown, with or without shipping."""

    books: Annotated[list[BookAsked], Field(min_length=1, max_length=MAX_ITEMS)]
    price: ShownPrice | None = None


class Receipt(FromFrontEnd):
    """POST /books/order/handle and DELETE /books/order: which order; the receipt handle is its order_id."""

    order_id: Annotated[OrderId, Field(alias="receiptHandle")]


class Comment(TypedDict):
    """A reader's, as the front end shows it: some of five stars, and a text."""

    star: int
    rv: str


class Book(TypedDict):
    """A book of GET /books. Nobody can comment on one here, so it has no comments; the front end wants the list."""

    id: Sku
    name: str
    author: str
    price: Money
    image: str
    description: str
    category: str
    comments: list[Comment]


class BookOrdered(TypedDict):
    id: Sku
    name: str
    qty: int


class BookOrder(TypedDict):
    """An order as the front end shows it. `price` is its total, with two decimals."""

    id: OrderId
    receiptHandle: OrderId
    books: list[BookOrdered]
    price: Annotated[str, Field(pattern=r"^[0-9]+\.[0-9]{2}$")]
    status: Literal["Unprocessed", "Processed"]


class Deleted(TypedDict):
    """The answer to DELETE /books/order."""

    receiptHandle: OrderId


def book_key(key: str | None) -> str | None:
    """The key of a shopper among many: all of them order as the stage's one customer, so whoever knows a key finds its
    order. Raises Problem 400 for one that somebody else could come upon."""
    if key is not None and not _BOOK_KEY.fullmatch(key):
        detail = "Here Idempotency-Key must have a random UUID in it, for all shoppers are one customer."
        raise HttpProblem(400, "bad-idempotency-key", detail)
    return key


def order_of(asked: BookOrderAsked, settings: Settings) -> OrderAsked:
    """The order on account, the same for the same request whatever it costs today. Raises Problem 422."""
    return OrderAsked(
        customer_id=settings.account_customer,
        customer_email=settings.account_email,
        payment_token=ON_ACCOUNT,
        items=merged(asked.books),
    )


def priced_books(
    asked: BookOrderAsked, order: OrderAsked, products: Mapping[str, ProductRow], settings: Settings
) -> Priced:
    """What the order of these books costs. Raises Problem 422 for what is not sold, at its line, 409 if the shopper
    was shown another price."""
    lines = [ItemAsked(sku=book.id, quantity=book.qty) for book in asked.books]
    ceiling = Ceiling.of(settings, order.payment_token)
    try:
        price(lines, products, ceiling, settings)  # a line that is refused is told where the front end has it
    except HttpProblem as problem:
        places = [(in_books(error["pointer"]), error["detail"]) for error in problem.errors]
        raise invalid(places) from None
    priced = price(order.items, products, ceiling, settings)
    check_price(asked.price, priced)
    return priced


def in_books(pointer: str) -> str:
    """Where the front end has what is at `pointer` of an order."""
    return pointer.replace("/items", "/books").replace("/sku", "/id")


def merged(books: Iterable[BookAsked]) -> list[ItemAsked]:
    """An item per book, in the order of their first lines. Raises Problem 422 for more copies than an item may have."""
    copies: dict[str, int] = {}
    for number, book in enumerate(books):
        copies[book.id] = copies.get(book.id, 0) + book.qty
        if copies[book.id] > MAX_QUANTITY:
            raise invalid([(f"/books/{number}/qty", f"makes more than {MAX_QUANTITY} copies of this book")])
    return [ItemAsked(sku=sku, quantity=quantity) for sku, quantity in copies.items()]


def check_price(shown: Decimal | None, priced: Priced) -> None:
    """A basket that adds up the books alone has not been shown another price: shipping comes on top of it."""
    items = priced.total - priced.shipping
    if shown not in (None, priced.total, items):
        detail = "The books do not cost what was expected."
        raise HttpProblem(409, "total-changed", detail, expected_total=shown, items_total=items, total=priced.total)


def book(product: Product) -> Book:
    """A product of the catalog."""
    return {
        "id": product["sku"],
        "name": product["name"],
        "author": product["author"],
        "price": product["price"],
        "image": product["image"],
        "description": product["description"],
        "category": product["category"],
        "comments": [],
    }


def book_order(order: OrderRow | IndexedOrder) -> BookOrder:
    """An order whose order.created is known."""
    return {
        "id": order.order_id,
        "receiptHandle": order.order_id,
        "books": [book_ordered(item) for item in order.items or []],
        "price": f"{order.total:.2f}",
        "status": "Processed" if order.status == "processed" else "Unprocessed",
    }


def book_ordered(item: OrderItem) -> BookOrdered:
    return {"id": item.sku, "name": item.name, "qty": item.quantity}


def book_orders(listed: Iterable[IndexedOrder]) -> list[BookOrder]:
    """What can be handled, then what was. An order that was handled between two readings is there once, as it was last.

    Orders that only test the shop are left out: the front end has no mark for them.
    """
    by_id = {order.order_id: order for order in listed if not order.test}
    return [book_order(order) for order in sorted(by_id.values(), key=lambda order: order.status == "processed")]
