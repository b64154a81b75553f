"""Who would notice an order that only tests the stage, and whether somebody has. Nobody but the saga should.

What the bus would deliver is asked before anything is placed: of the rules as they are in the stage, not of their
declarations, so that one that somebody made by hand is seen too.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from eventbridge_rules.grammar import parse
from eventbridge_rules.match import matches
from eventbridge_rules.operators import Invalid

from consumers.declaration import Consumer
from edges.connect import Edges
from edges.publisher import AnyEvent
from schemas.envelope import EventData, new_event
from schemas.events import (
    InventoryReleased,
    InventoryReserved,
    ItemQuantity,
    OrderCancelled,
    OrderCreated,
    OrderItem,
    PaymentCompleted,
    PaymentRefunded,
    PaymentVoided,
)
from tables.catalog import SMOKE_SKU
from tables.mails import Mails
from tables.metrics import Metrics, guard_id
from tables.order_log import OrderLog
from tables.payments import Payments

Rules = Mapping[str, Mapping[str, Any]]
"""Name -> event pattern."""

ORDER, TOKEN = "ord_smoke", "tok_ok"
PRICE, AT = Decimal("1.00"), datetime(2026, 1, 1, tzinfo=UTC)


def life_of_an_order() -> list[dict[str, Any]]:
    """An entry of the bus for each event that a smoke order may lead to."""
    items = [ItemQuantity(sku=SMOKE_SKU, quantity=1)]
    money: dict[str, Any] = {"order_id": ORDER, "amount": PRICE, "currency": "EUR"}
    paid: dict[str, Any] = {**money, "reference": "sandbox"}
    item = OrderItem(sku=SMOKE_SKU, name="Smoke", quantity=1, unit_price=PRICE)
    created = OrderCreated(
        order_id=ORDER,
        customer_id="smoke",
        customer_email="smoke@orderwire.invalid",
        items=[item],
        shipping=PRICE,
        total=PRICE + PRICE,
        currency="EUR",
        payment_token=TOKEN,
        placed_at=AT,
    )
    happened: list[EventData] = [
        created,
        InventoryReserved(order_id=ORDER, items=items),
        PaymentCompleted(**paid, method="card"),
        OrderCancelled(order_id=ORDER),
        InventoryReleased(order_id=ORDER, items=items),
        PaymentVoided(**paid),
        PaymentRefunded(**paid, method="card"),
    ]
    return [entry(new_event(data, at=AT, correlation_id="smoke", causation_id="smoke", test=True)) for data in happened]


def entry(event: AnyEvent) -> dict[str, Any]:
    return {"source": event.data.SOURCE, "detail-type": event.type, "detail": json.loads(event.to_json())}


def strangers(rules: Rules, saga: Iterable[Consumer], prefix: str) -> list[str]:
    """Rules that would hear a smoke order and are none of the saga's own, which are called `prefix` and their name."""
    entries = life_of_an_order()
    ours = {prefix + each.name for each in saga if each.topic is None and hears(each.pattern(), entries)}
    return [name for name, pattern in sorted(rules.items()) if name not in ours and hears(pattern, entries)]


def hears(pattern: Mapping[str, Any], entries: Iterable[Mapping[str, Any]]) -> bool:
    """Whether the pattern matches one of the entries. One that cannot be parsed counts as matching."""
    try:
        read = parse(dict(pattern))
    except Invalid:
        return True
    return any(matches(read, each) for each in entries)


def rules_of(edges: Edges) -> Rules:
    """The enabled rules of the stage's bus, but for those that AWS made for itself, such as the archive's."""
    pages = edges.clients.events.get_paginator("list_rules").paginate(EventBusName=edges.settings.bus)
    found = [rule for page in pages for rule in page["Rules"] if rule["State"] == "ENABLED" and "ManagedBy" not in rule]
    return {rule["Name"]: json.loads(rule["EventPattern"]) for rule in found if "EventPattern" in rule}


def traces(edges: Edges, order_id: str, event_ids: Iterable[str]) -> Iterator[str]:
    """What a smoke order has left in tables in which it must not appear."""
    known = list(event_ids)
    payment = Payments(edges).get(order_id)
    if payment is None or not payment.test:
        yield "payment took it for a real order"
    if Mails(edges).get(order_id):
        yield "notification keeps mails for it"
    if OrderLog(edges).get_many(known):
        yield "the in-house team was told of it"
    if Metrics(edges).get_many(guard_id(event_id) for event_id in known):
        yield "analytics has counted it"
