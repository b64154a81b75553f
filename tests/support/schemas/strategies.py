"""Hypothesis strategies for valid events, one per class. Import these where a test wants events nobody thought of."""

from datetime import UTC, datetime
from decimal import Decimal
from string import ascii_letters, digits
from typing import Any

from hypothesis import strategies as st
from orderwire_events.strategies import data

from schemas.envelope import REGISTRY, Event, EventData, new_event
from schemas.events import (
    InventoryLowStock,
    InventoryRejected,
    InventoryReleased,
    InventoryReserved,
    ItemQuantity,
    OrderCancelled,
    OrderCreated,
    OrderItem,
    OrderProcessed,
    OrderRefunded,
    OrderShipped,
    PaymentCompleted,
    PaymentFailed,
    PaymentRefunded,
    PaymentVoided,
    Shortage,
)
from schemas.types import MAX_COUNT, MAX_MONEY

Data = st.SearchStrategy[Any]


def word(more: str, longest: int) -> st.SearchStrategy[str]:
    """One to `longest` ASCII letters, digits and characters of `more`."""
    return st.text(ascii_letters + digits + more, min_size=1, max_size=longest)


def prose(longest: int) -> st.SearchStrategy[str]:
    """Any text that UTF-8 can hold, control characters and emoji included."""
    return st.text(st.characters(codec="utf-8"), min_size=1, max_size=longest)


def choice(text: str) -> st.SearchStrategy[str]:
    return st.sampled_from(text.split())


_cents = st.integers(0, int(MAX_MONEY * 100)) | st.integers(0, 1000)
money = _cents.map(lambda cents: Decimal(cents) / 100)
counts = st.integers(0, MAX_COUNT)
quantities = st.integers(1, 999)
times = st.datetimes(datetime(2000, 1, 1), datetime(2999, 12, 31, 23, 59, 59, 999999), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
)
order_ids = word("_-", 64)
skus = word("._-", 40)
emails = st.builds("{}@{}.{}".format, word("!#$%&'*+/=?^_`{|}~.-", 64), word("", 63), word("", 63))
reasons = st.none() | prose(500)
payment = {"amount": money, "currency": choice("EUR USD GBP"), "reference": word("_.:-", 255)}

items = st.lists(st.builds(OrderItem, sku=skus, name=prose(200), quantity=quantities, unit_price=money), min_size=1,
                 max_size=4)  # fmt: skip
item_quantities = st.lists(st.builds(ItemQuantity, sku=skus, quantity=quantities), min_size=1, max_size=4)
shortages = st.lists(st.builds(Shortage, sku=skus, requested=quantities, available=counts), min_size=1, max_size=4)


def of_order(contract: type[EventData], **fields: Data) -> Data:
    return st.builds(contract, order_id=order_ids, **fields)


DATA: dict[type[EventData], Data] = {
    OrderCreated: of_order(
        OrderCreated,
        customer_id=word("._@:+-", 64),
        customer_email=emails,
        items=items,
        shipping=money,
        total=money,
        currency=choice("EUR USD GBP"),
        payment_token=word("_-", 255),
        placed_at=times,
    ),
    OrderProcessed: of_order(OrderProcessed),
    OrderShipped: of_order(OrderShipped),
    OrderCancelled: of_order(OrderCancelled, reason=reasons),
    OrderRefunded: of_order(OrderRefunded, amount=money, currency=choice("EUR USD GBP"), reason=reasons),
    PaymentCompleted: of_order(PaymentCompleted, method=choice("card invoice"), **payment),
    PaymentFailed: of_order(PaymentFailed, amount=money, currency=choice("EUR USD GBP"), reason=prose(500)),
    PaymentVoided: of_order(PaymentVoided, **payment),
    PaymentRefunded: of_order(PaymentRefunded, method=choice("card invoice"), **payment),
    InventoryReserved: of_order(InventoryReserved, items=item_quantities),
    InventoryRejected: of_order(InventoryRejected, items=shortages),
    InventoryReleased: of_order(InventoryReleased, items=item_quantities),
    InventoryLowStock: of_order(InventoryLowStock, sku=skus, on_hand=counts, threshold=counts),
}
DATA |= {contract: data(contract) for contract in REGISTRY.values() if contract not in DATA}
"""Event class -> strategy of its data; where none is written above, what follows from its schema."""


def events(contract: type[EventData]) -> st.SearchStrategy[Event[EventData]]:
    """Events of one class, whatever their metadata."""
    return st.builds(
        new_event,
        DATA[contract],
        at=times,
        correlation_id=word("._:/=+-", 128),
        causation_id=word("._:/=+-", 128),
        traceparent=st.none() | st.from_regex("00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", fullmatch=True),
        test=st.booleans(),
    )


any_event: st.SearchStrategy[Event[EventData]] = st.sampled_from(list(DATA)).flatmap(events)
