"""Events of one order for tests, and the envelopes they travel in."""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from consumers.runner.batch import Delivery
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
from schemas.example import examples
from schemas.personal import personal_fields
from tests.support.edges import NOON

D = TypeVar("D", bound=EventData)
ORDER = "ord_test"
TOTAL = Decimal("69.98")


def event(data: D, at: datetime = NOON, **metadata: Any) -> Event[D]:
    return new_event(data, at=at, correlation_id="req-1", causation_id="req-1", **metadata)


def created(order_id: str = ORDER, **changes: Any) -> OrderCreated:
    """Two copies at 29.99 and 10 shipping: a total of 69.98."""
    items = [OrderItem(sku="book-1", name="Middlemarch", quantity=2, unit_price=Decimal("29.99"))]
    fields: dict[str, Any] = {
        "order_id": order_id,
        "customer_id": "cust-1",
        "customer_email": "ada@example.com",
        "items": items,
        "shipping": Decimal("10.00"),
        "total": TOTAL,
        "currency": "EUR",
        "payment_token": "tok_ok",
        "placed_at": NOON,
    }
    return OrderCreated(**{**fields, **changes})


def one_of_each(order_id: str = ORDER) -> list[Event[EventData]]:
    """One event of each class, a second apart, all of the same order. One that is not made here is as its example."""
    money: dict[str, Any] = {"order_id": order_id, "amount": TOTAL, "currency": "EUR"}
    items = [ItemQuantity(sku="book-1", quantity=2)]
    data: list[EventData] = [
        created(order_id),
        InventoryReserved(order_id=order_id, items=items),
        InventoryLowStock(order_id=order_id, sku="book-1", on_hand=1, threshold=2),
        InventoryRejected(order_id=order_id, items=[Shortage(sku="book-1", requested=2, available=1)]),
        PaymentCompleted(**money, method="card", reference="pay_1"),
        PaymentFailed(**money, reason="card_declined"),
        OrderProcessed(order_id=order_id),
        OrderShipped(order_id=order_id),
        OrderCancelled(order_id=order_id, reason=f"Ada Lovelace rang about {order_id}"),
        InventoryReleased(order_id=order_id, items=items),
        PaymentVoided(**money, reference="pay_1"),
        OrderRefunded(**money, reason=f"Mr Babbage of 1 Dorset Street sent {order_id} back"),
        PaymentRefunded(**money, method="card", reference="pay_1"),
    ]
    data += [like_its_example(each, order_id) for each in REGISTRY.values() if each not in {type(one) for one in data}]
    return [event(each, NOON + timedelta(seconds=number)) for number, each in enumerate(data)]


def like_its_example(contract: type[D], order_id: str) -> D:
    return contract.model_validate({**examples(contract)[contract.VERSION]["data"], "order_id": order_id})


def entry(event_: Event[EventData], **more: Any) -> dict[str, Any]:
    """The event as an EventBridge target receives it; `replay-name` and the like go in `more`."""
    return {
        "version": "0",
        "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
        "detail-type": event_.type,
        "source": event_.data.SOURCE,
        "account": "123456789012",
        "time": "2026-11-20T12:00:00Z",
        "region": "eu-central-1",
        "resources": [],
        "detail": json.loads(event_.to_json()),
        **more,
    }


def notification(
    event_: Event[EventData], sns_id: str = "sns-1", posted: str = "2026-11-20T12:00:00.000Z", **changes: Any
) -> str:
    """What SNS puts into a queue: a message to people as a rule of subscriptions/ makes it of the event."""
    told = entry(event_)
    for field in personal_fields(type(event_.data)):
        told["detail"]["data"].pop(field, None)
    message = {"message": f"New order {event_.data.order_id}.", "event": told, **changes}
    envelope = {"Type": "Notification", "MessageId": sns_id, "Timestamp": posted, "Message": json.dumps(message)}
    return json.dumps(envelope)


def sqs_record(body: str, receives: int = 1, message_id: str = "m-1") -> dict[str, Any]:
    """A record of a Lambda SQS event."""
    return {
        "messageId": message_id,
        "receiptHandle": f"handle-{message_id}",
        "body": body,
        "attributes": {"ApproximateReceiveCount": str(receives)},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
    }


def delivery(event_: Event[EventData], replayed: bool = False, attempt: int = 1) -> Delivery:
    return Delivery(event_, replayed, attempt)
