"""The mails table: what notification keeps of each order, and which mails were sent for it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from schemas.events import OrderItem
from schemas.types import Money, Sku, Time
from tables.claim import Claim
from tables.declaration import Table
from tables.row import Row
from tables.rows import Rows

TABLE = Table("mails", owner="notification", key="order_id")
"""Rows never expire: they guard against an order that comes back from the archive or a dead-letter queue."""

Template = Literal["confirmation", "receipt", "payment_failed", "shipped", "cancelled", "refunded"]


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True)


class Ordered(_Kept):
    """What every mail tells of the order, and whom."""

    email: str
    items: list[OrderItem]
    shipping: Money
    total: Money
    currency: str


class MailRefusal(_Kept):
    """SES will not take the mail: its error code, the event that the mail was then being sent for (`cause`), whether
    as a replay, and which attempt was told so. `of_recipient`: no other attempt can help, for it is this recipient
    whom SES does not mail."""

    code: str
    cause: str
    by: str
    replayed: bool = False
    of_recipient: bool = False

    def concerns(self, event_id: str, replayed: bool) -> bool:
        """Whether the message with this event is the one that ends as a dead letter for it, and is sent back once the
        reason is gone. A replay of an event whose own message was refused is another."""
        return not self.of_recipient and self.cause == event_id and (self.replayed or not replayed)


class Mail(_Kept):
    """A mail that an event asks for, with what that event tells. It is wanted until it is sent or refused, and needless
    if the order's end was told by another.

    `sold_out` names the items for the lack of which an order was cancelled; `message_id` is the one SES gave.
    """

    reason: str | None = None
    method: Literal["card", "invoice"] | None = None
    amount: Money | None = None
    sold_out: list[Sku] = []
    message_id: str | None = None
    sent_at: Time | None = None
    refusal: MailRefusal | None = None

    @property
    def wanted(self) -> bool:
        return self.message_id is None and self.refusal is None


class MailClaim(Claim):
    """Says that one attempt is sending `template`."""

    template: Template


class MailRow(Row):
    """`ordered` is None until order.created is known; no mail goes out before."""

    order_id: str
    ordered: Ordered | None = None
    mails: dict[Template, Mail] = {}
    claim: MailClaim | None = None


class Mails(Rows[MailRow]):
    TABLE, ROW = TABLE, MailRow
