"""Accepting an order: priced, stored once under an id that a retry finds again, then put on the bus."""

import hmac
import json
import re
from base64 import b32hexencode
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Annotated, Any

from pydantic import Field

from checkout_api.http.origin import Origin
from checkout_api.http.problems import HttpProblem
from checkout_api.http.requests import OrderAsked
from checkout_api.orders.outbox import PUBLISH_SECONDS
from checkout_api.orders.pricing import Ceiling, Priced, price
from checkout_api.orders.products import for_sale
from checkout_api.orders.unpaid import limits, noting
from edges.connect import Edges
from edges.publisher import NotPublished
from edges.settings import Settings
from schemas.envelope import Event
from schemas.events import ON_ACCOUNT, OrderCreated
from schemas.parse import parse_stored
from tables.catalog import ProductRow
from tables.order_row import NOT_ASKED, OrderRow, placing_row, request_hash, waiting_row
from tables.orders import Orders
from tables.rows import transact, until_no_conflict

UNPUBLISHED_LIFE = timedelta(days=30)
"""After this an order that was never published expires: later than any queue or dead-letter queue could still hold its
order.created, should that have been published after all."""
ID_BYTES = 16

KEY_PATTERN = "^[!-~]{16,255}$"
"""Long enough that nobody comes upon another shopper's by trying."""
_KEY = re.compile(KEY_PATTERN[1:-1])
IdempotencyKey = Annotated[str, Field(pattern=KEY_PATTERN, description="makes a retry the same order")]


def idempotency_key(headers: Mapping[str, str]) -> str | None:
    """What the header says, if it is there. Raises Problem 400."""
    key = headers.get("idempotency-key")
    if key is not None and not _KEY.fullmatch(key):
        raise HttpProblem(400, "bad-idempotency-key", "Idempotency-Key must be 16 to 255 visible ASCII characters.")
    return key


class OrderIds:
    """Ids that a retry finds again and nobody can guess. The secret is read once; a new one forgets all keys."""

    def __init__(self, read_secret: Callable[[], str]) -> None:
        self._read_secret = read_secret

    @classmethod
    def of(cls, edges: Edges) -> "OrderIds":
        return cls(lambda: edges.secret("order-id-key"))

    @cached_property
    def _secret(self) -> bytes:
        return self._read_secret().encode()

    def order_id(self, customer_id: str, key: str) -> str:
        """The id for a customer's idempotency key, always the same."""
        return f"ord_{self._digest(customer_id, key)}"

    def hashed(self, kind: str, text: str) -> str:
        """What stands for a text of some kind where nobody shall read it, always the same; never an order's id."""
        return f"{kind}_{self._digest('hashed', kind, text)}"

    def _digest(self, *named: str) -> str:
        digest = hmac.digest(self._secret, json.dumps(named).encode(), "sha256")
        return b32hexencode(digest[:ID_BYTES]).decode().rstrip("=").lower()


Pricing = Callable[[OrderAsked, Mapping[str, ProductRow], Settings], Priced]
"""What an order costs at the catalog's rows of today. Raises Problem if it cannot be taken at that."""


def at_expected_total(asked: OrderAsked, products: Mapping[str, ProductRow], settings: Settings) -> Priced:
    """Raises Problem 422 for unknown products and above the ceiling, 409 for a total other than expected."""
    priced = price(asked.items, products, Ceiling.of(settings, asked.payment_token), settings)
    if asked.expected_total not in (None, priced.total):
        detail = "The order does not cost what was expected."
        raise HttpProblem(409, "total-changed", detail, expected_total=asked.expected_total, total=priced.total)
    return priced


def place_order(
    edges: Edges,
    ids: OrderIds,
    asked: OrderAsked,
    key: str | None,
    origin: Origin,
    pricing: Pricing = at_expected_total,
) -> OrderRow:
    """Accepts an order and returns its row; order.created is on the bus then, or was before, unless it waits for
    an admin.

    `key` is the client's idempotency key. A retry finds the order as it was first stored, prices included, whatever it
    costs today and whatever the retry expects; `pricing` is for an order that is not known yet. The stored event is
    published again while it is not known to be on the bus. That holds for an order that should have expired, too: its
    event may have been published all the same, and one order must not have two different order.created. Without a key
    one is drawn; the client gets it if the event cannot be published, for the retry.
    Another request under a known key is refused wherever a new order would be, and with the same words, before it is
    told that the key is taken. The order is stored together with what notes that it is not paid yet, but for one that
    only tests the shop; a retry of a known order notes nothing and meets no limit.
    Raises Problem 422 for a key of another request, 429 for too many unpaid orders, 503 if a retry with the key is in
    order; Contended; and what `pricing` raises.
    """
    orders = Orders(edges)
    allowed = {} if origin.test else limits(asked, edges.settings, ids.hashed)
    kept = key or edges.chance.token()
    order_id = ids.order_id(asked.customer_id, kept)
    certainly_new = key is None

    def accept() -> OrderRow:
        nonlocal certainly_new
        known = None if certainly_new else orders.get(order_id)
        certainly_new = False  # what conflicts with it may be this very order, of a write whose answer was lost
        if known is not None and is_retry(known, asked):
            return known
        new = new_order(edges, order_id, asked, origin, pricing)
        notes = noting(edges, allowed, order_id)
        if known is not None:  # told only now, so that nobody learns for free which keys there are
            raise HttpProblem(422, "key-reused", "This Idempotency-Key belongs to a request with another body.")
        transact(edges, [orders.put_action(new), *notes])
        return new.with_(version=new.version + 1)

    row = until_no_conflict(edges, accept)
    if row.placing is not None:
        put_on_bus(edges, row, row.placing, kept)
    return row


def put_on_bus(edges: Edges, row: OrderRow, order_created: str, key: str) -> None:
    """Publishes the stored text of order.created. Raises Problem 503 with the key that makes a retry the same order."""
    event = parse_stored(OrderCreated.DETAIL_TYPE, order_created)
    try:
        edges.publisher.publish([event], PUBLISH_SECONDS)
    except NotPublished as error:
        detail = (
            "The event bus has not confirmed the order, which may have been taken all the same. "
            "Repeat the request with this Idempotency-Key: that makes one order of both."
        )
        raise HttpProblem(
            503,
            "not-published",
            detail,
            retry_after=5,
            event_id=event.event_id,
            order_id=row.order_id,
            idempotency_key=key,
        ) from error


def new_order(edges: Edges, order_id: str, asked: OrderAsked, origin: Origin, pricing: Pricing) -> OrderRow:
    """The row of an order that has not been stored yet, priced now."""
    products = for_sale(edges, (item.sku for item in asked.items), test=origin.test)
    priced = pricing(asked, products, edges.settings)
    now = edges.clock.now()
    event = order_created(order_id, asked, priced, edges.settings, now, origin)
    waits = asked.payment_token == ON_ACCOUNT and edges.settings.account_waits
    return (waiting_row if waits else placing_row)(event, int((now + UNPUBLISHED_LIFE).timestamp()))


def order_created(
    order_id: str, asked: OrderAsked, priced: Priced, settings: Settings, now: datetime, origin: Origin
) -> Event[OrderCreated]:
    data = OrderCreated(
        order_id=order_id,
        items=priced.items,
        shipping=priced.shipping,
        total=priced.total,
        currency=settings.currency,
        placed_at=now,
        **handed_on(asked),
    )
    return origin.event(data, now)


def handed_on(asked: OrderAsked) -> dict[str, Any]:
    """What the order has as the shopper said it: all but the items, which get their prices, and the expected total."""
    return {name: value for name, value in dict(asked).items() if name not in NOT_ASKED}


def is_retry(row: OrderRow, asked: OrderAsked) -> bool:
    """Whether this is the request that is stored, once more. Raises Problem 503 while that is unknown."""
    if row.request_hash is None or row.total is None:  # only what followed from order.created is known so far
        raise HttpProblem(503, "unavailable", "The order is on its way. Try again.", retry_after=1)
    return row.request_hash == request_hash(asked)
