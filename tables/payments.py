"""The payments table: what payment knows of each order's money. Its row is what makes a charge happen once."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from schemas.types import Money, Time
from tables.declaration import Table
from tables.rows import Row, Rows

TABLE = Table("payments", owner="payment", key="order_id")
"""Rows never expire: they guard against an order that comes back from the archive or a dead-letter queue."""

Action = Literal["authorise", "capture", "void", "refund"]
State = Literal["none", "authorised", "captured", "failed", "voided", "refunded"]


class Claim(BaseModel):
    """Says that one worker is calling the provider. `at` is when it began."""

    model_config = ConfigDict(frozen=True)

    action: Action
    at: Time
    by: str
    uncertain: bool = False


class PaymentRow(Row):
    """What was heard of the order, what the provider answered, and the events of that (texts, as published)."""

    order_id: str
    amount: Money | None = None
    currency: str | None = None
    payment_token: str | None = None
    reserved: bool = False
    rejected: bool = False
    cancelled: bool = False
    refund_asked: bool = False

    state: State = "none"
    method: Literal["card", "invoice"] | None = None
    reference: str | None = None
    claim: Claim | None = None
    events: list[str] = []


class Payments(Rows[PaymentRow]):
    TABLE, ROW = TABLE, PaymentRow
