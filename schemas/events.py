"""The events of an order's life. This is the only place where their names, sources and fields are written.

Each is published with `EventData.SOURCE` as source and `EventData.DETAIL_TYPE` as detail-type; its detail is
`Event[...]` of `schemas.envelope`. Money is in the stage's one currency; times are UTC.
"""

from typing import Annotated, Literal

from pydantic import Field

from .envelope import ClosedModel, EventData
from .types import (
    MAX_ITEMS,
    Copies,
    Count,
    Currency,
    CustomerId,
    Email,
    Money,
    Name,
    PaymentToken,
    Quantity,
    Reason,
    Reference,
    Sku,
    Time,
)

CHECKOUT = "orderwire.checkout"
PAYMENT = "orderwire.payment"
INVENTORY = "orderwire.inventory"

ON_ACCOUNT = "on_account"
"""The payment token of an order that is paid by invoice."""

PERSONAL = Field(json_schema_extra={"x-personal": True})
"""Marks a personal field: outside the saga it is hashed or left out, unless a subscription discloses it."""
SECRET = Field(json_schema_extra={"x-personal": True, "x-secret": True})
"""Marks a field that never leaves the saga."""


class OrderItem(ClosedModel):
    """One line of an order, priced by the server."""

    sku: Sku = Field(description="the shop's number of the product")
    name: Name
    quantity: Quantity = Field(description="copies on this line")
    unit_price: Money = Field(description="of one copy, at the time of the order")


class ItemQuantity(ClosedModel):
    """All copies of one product in an order, which may have several lines of it."""

    sku: Sku = Field(description="the shop's number of the product")
    quantity: Copies = Field(description="copies of it in the whole order")


class Shortage(ClosedModel):
    """An item that could not be reserved: how many were asked for, how many there were."""

    sku: Sku = Field(description="the shop's number of the product")
    requested: Copies
    available: Count = Field(description="copies on hand when the order asked for them")


OrderItems = Annotated[list[OrderItem], Field(min_length=1, max_length=MAX_ITEMS)]
ItemQuantities = Annotated[list[ItemQuantity], Field(min_length=1, max_length=MAX_ITEMS)]
Shortages = Annotated[list[Shortage], Field(min_length=1, max_length=MAX_ITEMS)]


class OrderCreated(EventData, detail_type="order.created", source=CHECKOUT):
    """An order was accepted and priced."""

    customer_id: Annotated[CustomerId, PERSONAL] = Field(description="the shop's own id of the customer")
    customer_email: Annotated[Email, PERSONAL] = Field(description="where mails about the order go")
    items: OrderItems
    shipping: Money = Field(description="part of the total")
    total: Money = Field(description="sum of quantity times unit_price, plus shipping")
    currency: Currency = Field(description="ISO 4217; of every amount of the order")
    payment_token: Annotated[PaymentToken, SECRET] = Field(description="what the provider knows the card by")
    placed_at: Time = Field(description="when the order was accepted")


class OrderProcessed(EventData, detail_type="order.processed", source=CHECKOUT):
    """An admin took a confirmed order into hand."""


class OrderShipped(EventData, detail_type="order.shipped", source=CHECKOUT):
    """The parcel left the house."""


class OrderCancelled(EventData, detail_type="order.cancelled", source=CHECKOUT):
    """The order was called off before it was shipped."""

    reason: Annotated[Reason | None, PERSONAL] = Field(None, description="in the admin's words, who may name people")


class OrderRefunded(EventData, detail_type="order.refunded", source=CHECKOUT):
    """An admin decided to give the money of a shipped order back; payment.refunded follows when it is done."""

    amount: Money = Field(description="the order's total")
    currency: Currency = Field(description="ISO 4217")
    reason: Annotated[Reason | None, PERSONAL] = Field(None, description="in the admin's words, who may name people")


class PaymentCompleted(EventData, detail_type="payment.completed", source=PAYMENT):
    """The order's total was captured, or is owed by invoice."""

    amount: Money = Field(description="the order's total")
    currency: Currency = Field(description="ISO 4217")
    method: Literal["card", "invoice"] = Field(description="invoice for orders on account")
    reference: Reference = Field(description="the provider's own id of the payment")


class PaymentFailed(EventData, detail_type="payment.failed", source=PAYMENT):
    """The provider refused the payment for good; nothing was or will be charged."""

    amount: Money = Field(description="the order's total")
    currency: Currency = Field(description="ISO 4217")
    reason: Reason = Field(description="the provider's word for it")


class PaymentVoided(EventData, detail_type="payment.voided", source=PAYMENT):
    """An authorisation was given up before it was captured."""

    amount: Money = Field(description="the order's total")
    currency: Currency = Field(description="ISO 4217")
    reference: Reference = Field(description="the provider's own id of the payment")


class PaymentRefunded(EventData, detail_type="payment.refunded", source=PAYMENT):
    """A captured payment was given back in full."""

    amount: Money = Field(description="the order's total")
    currency: Currency = Field(description="ISO 4217")
    method: Literal["card", "invoice"] = Field(description="invoice for orders on account")
    reference: Reference = Field(description="the provider's own id of the payment")


class InventoryReserved(EventData, detail_type="inventory.reserved", source=INVENTORY):
    """All items of the order are set aside."""

    items: ItemQuantities


class InventoryRejected(EventData, detail_type="inventory.rejected", source=INVENTORY):
    """Not all items were there, so none was set aside; later stock does not revive the order."""

    items: Shortages = Field(description="only the items that were short")


class InventoryReleased(EventData, detail_type="inventory.released", source=INVENTORY):
    """What was set aside for the order is on hand again."""

    items: ItemQuantities


class InventoryLowStock(EventData, detail_type="inventory.low_stock", source=INVENTORY, key=("order_id", "sku")):
    """The order's reservation took an item across its reorder threshold."""

    sku: Sku = Field(description="the shop's number of the product")
    on_hand: Count = Field(description="copies left after the reservation")
    threshold: Count = Field(description="the product's reorder threshold")
