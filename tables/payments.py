"""The payments table: what payment knows of each order's money. Its row is what makes a charge happen once."""

from typing import Literal

from schemas.types import Money, Time
from tables.claim import Claim
from tables.declaration import Table
from tables.row import Row
from tables.rows import Rows
from tables.statuses import Action, Status
from tables.stored_event import StoredEvent

TABLE = Table("payments", owner="payment", key="order_id")
"""Rows never expire: they guard against an order that comes back from the archive or a dead-letter queue."""


class PaymentClaim(Claim):
    """Says that one attempt is with the provider for `action`, so that nobody else calls it.

    `uncertain` says that an earlier attempt may have taken effect, so the provider is asked before it is called;
    `tried` is when it was last called, if it was.
    """

    action: Action
    tried: Time
    uncertain: bool = False


class PaymentRow(Row):
    """What was heard of the order, what the provider answered, and the events that followed.

    `payment_token` is dropped once the card is authorised or will not be. `test` orders pay at the sandbox.
    `first_tried` is when the card was to be authorised for the first time; a claim's `tried` starts anew.
    """

    order_id: str
    amount: Money | None = None
    currency: str | None = None
    method: Literal["card", "invoice"] | None = None
    payment_token: str | None = None
    test: bool = False
    reserved: bool = False
    rejected: bool = False
    cancelled: bool = False
    refund_asked: bool = False

    status: Status = "none"
    reference: str | None = None
    claim: PaymentClaim | None = None
    first_tried: Time | None = None
    events: list[StoredEvent] = []


class Payments(Rows[PaymentRow]):
    TABLE, ROW = TABLE, PaymentRow
