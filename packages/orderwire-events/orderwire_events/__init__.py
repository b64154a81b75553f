"""Orderwire's events for those who subscribe to them.

`parse` makes a typed event of what a rule delivers, in whatever it is wrapped; `examples` has one of every event and
version; `strategies` and `testing` are for tests, and need the extra `testing`. `contracts` is Orderwire's own
`schemas/`, so that a subscriber reads events with the very classes they were written with.
"""

from .contracts.envelope import Event, EventData, Metadata
from .contracts.events import (
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
from .contracts.parse import ContractError
from .examples import examples
from .records import parse

__all__ = [
    "ContractError",
    "Event",
    "EventData",
    "InventoryLowStock",
    "InventoryRejected",
    "InventoryReleased",
    "InventoryReserved",
    "ItemQuantity",
    "Metadata",
    "OrderCancelled",
    "OrderCreated",
    "OrderItem",
    "OrderProcessed",
    "OrderRefunded",
    "OrderShipped",
    "PaymentCompleted",
    "PaymentFailed",
    "PaymentRefunded",
    "PaymentVoided",
    "Shortage",
    "examples",
    "parse",
]
