"""The shapes of the API's answers, as plain dicts: whoever fills one is held to it by the type checker, and its JSON
Schema is what the OpenAPI document says. Money is a Decimal here and a JSON number with two decimals on the wire.
"""

from typing import Annotated, Literal, NotRequired

from pydantic import WithJsonSchema
from typing_extensions import TypedDict

from schemas.types import Currency, CustomerId, Email, EventId, Money, Name, OrderId, Sku
from tables.statuses import STATUSES


def _named(*values: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": list(values)})


At = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-20T09:30:00.123Z"]})]
Day = Annotated[str, WithJsonSchema({"type": "string", "format": "date", "examples": ["2026-11-20"]})]
Status = Annotated[str, _named(*STATUSES)]
AdminDecision = Literal["accept", "process", "ship", "refund", "cancel"]
"""What an admin may decide about an order, in the order in which it is offered."""


class Place(TypedDict):
    """Where a request is wrong: `pointer` is a JSON pointer into the body, `parameter` names one of path or query."""

    pointer: NotRequired[str]
    parameter: NotRequired[str]
    detail: str


class ProblemDocument(TypedDict):
    """RFC 9457. Programs tell problems apart by `type`; some types have further members."""

    type: str
    title: str
    status: int
    detail: str
    errors: NotRequired[list[Place]]


class Accepted(TypedDict):
    """An order that was accepted. `total` includes `shipping`."""

    order_id: OrderId
    status: Status
    total: Money
    currency: Currency
    shipping: Money
    placed_at: At


class Item(TypedDict):
    """A line of an order at the price it was ordered for."""

    sku: Sku
    name: Name
    quantity: int
    unit_price: Money


class Payment(TypedDict):
    """Refused or not is all that is told of a card: why would be of use to who tries out somebody else's."""

    status: Annotated[str, _named("pending", "completed", "failed", "voided", "refunded")]
    at: At | None


class Short(TypedDict):
    """An item of which there were too few."""

    sku: Sku
    requested: int
    available: int


class Inventory(TypedDict):
    status: Annotated[str, _named("pending", "reserved", "rejected", "released", "shipped")]
    at: At | None
    shortages: list[Short]


class Dates(TypedDict):
    """When the shop did what; null for what it has not done."""

    placed: At | None
    processed: At | None
    shipped: At | None
    cancelled: At | None
    refunded: At | None


class Order(Accepted):
    """An order as it is now, for whoever has its id."""

    items: list[Item]
    payment: Payment
    inventory: Inventory
    dates: Dates


class OrderRecord(Order):
    """An order as admins see it. `decisions` are those that may be taken at this moment; others are refused.
    `payment_reference` is the payment provider's, `payment_failure` its reason for a refusal; the other reasons are in
    an admin's words."""

    decisions: list[AdminDecision]
    payment_method: str | None
    payment_reference: str | None
    payment_failure: str | None
    cancel_reason: str | None
    refund_reason: str | None


class Customer(TypedDict):
    """Who ordered."""

    customer_id: CustomerId
    customer_email: Email


class TimelineEntry(TypedDict):
    """An event of an order."""

    type: str
    at: At
    event_id: EventId


class ListedOrder(TypedDict):
    """An order of a list. `decisions` are those that an admin may take at this moment; `test` says that it only tests
    the shop."""

    order_id: OrderId
    status: Status
    decisions: list[AdminDecision]
    total: Money
    currency: Currency
    placed_at: At
    customer_id: CustomerId
    items: list[Item]
    test: bool


class OrderPage(TypedDict):
    """A page of orders, newest first; `next` is the cursor of the next page, null on the last one."""

    orders: list[ListedOrder]
    next: str | None


class Product(TypedDict):
    """`in_stock` is the number of copies on hand."""

    sku: Sku
    name: Name
    author: str
    price: Money
    in_stock: int
    image: str
    description: str
    category: str


class OwnProduct(Product):
    """A product as its shop sees it: below `threshold` copies it is to be ordered again."""

    threshold: int


class StockLevels(TypedDict):
    """Copies on hand, set aside for orders, and sent out so far."""

    sku: Sku
    in_stock: int
    reserved: int
    shipped: int


class Figures(TypedDict):
    """`orders` placed, with their `average_basket` (null without orders) and the `units` in them; `revenue` is what was
    paid, `refunds` how many payments were given back, `failures` how many orders could not be paid or delivered; one
    that could be neither counts once."""

    orders: int
    revenue: Money
    units: int
    average_basket: Money | None
    refunds: int
    failures: int


class HourFigures(Figures):
    """`hour` is when it began."""

    hour: At


class DayFigures(Figures):
    """A day in UTC: the sum of its hours."""

    day: Day


class WantedProduct(TypedDict):
    """How many copies were ordered, and the sum of their prices, whatever became of the orders."""

    sku: Sku
    name: Name
    units: int
    ordered: Money


class ShopFigures(TypedDict):
    """The last hours and days, oldest first and without a gap, and what was ordered most in those hours."""

    hours: list[HourFigures]
    days: list[DayFigures]
    top_products: list[WantedProduct]


class LatestEvent(TimelineEntry):
    """An event of any order; `sku` is the product that is low on stock, null if it tells of no single product."""

    order_id: OrderId
    sku: Sku | None


class QueueDepth(TypedDict):
    """A consumer's queue: messages that wait, are being handled, are delayed, and are dead letters. The age of the
    oldest is null if there is none or nothing is known of it. `subscriptions` are the rules that tell people and other
    teams: they have dead letters only, of which none can be sent back, so the other numbers are null."""

    name: str
    waiting: int | None
    in_flight: int | None
    delayed: int | None
    oldest_seconds: int | None
    dead: int
    oldest_dead_seconds: int | None
    redrivable: bool


class Redriven(TypedDict):
    """How many dead letters are on their way back. `done` is false while more of them may be moved."""

    moved: int
    done: bool


class Token(TypedDict):
    """To be sent as `Authorization: Bearer <token>` for `expires_in` seconds."""

    token: str
    expires_in: int


class Health(TypedDict):
    status: Literal["ok"]
    stage: str
