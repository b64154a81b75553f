"""What payment asks of a payment provider, and what one may answer."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from tables.payments import Action, Status


class Unavailable(Exception):
    """No answer, or none that settles it: the operation may have taken effect or not. It may be tried again later."""


class ProviderRefused(Exception):
    """The provider will never do this: the request or the set-up is wrong. Nothing is wrong with the card."""


@dataclass(frozen=True)
class Charge:
    """The payment of an order as its provider is told of it.

    `token` stands for the card and is there for an authorisation; `reference`, the provider's own id, for all later.
    """

    order_id: str
    amount: Decimal
    currency: str
    token: str | None = None
    reference: str | None = None


@dataclass(frozen=True)
class ProviderAnswer:
    """Where the payment of an order stands at the provider; `reason`, one word, says why it `failed`.

    `late` goes with a lookup's `none`: for how long after it was sent an authorisation may still take effect.
    """

    status: Status
    reference: str | None = None
    reason: str | None = None
    late: timedelta = timedelta(0)


@dataclass(frozen=True)
class LedgerEntry:
    """One payment in a provider's ledger; amounts are totals, so one authorised and captured in full has both."""

    order_id: str
    reference: str
    currency: str
    authorised: Decimal
    captured: Decimal
    voided: Decimal
    refunded: Decimal


class Provider(Protocol):
    """Each operation answers where the payment stands after it, which may be further than was asked for, or elsewhere:
    an authorisation that has expired answers `voided` to a capture. Only a lookup answers that nothing was done.

    All raise Unavailable and Refused, whose texts hold neither tokens nor personal data. Operations on one payment
    carry `idempotency_key`, which a provider may forget after a day.
    """

    def authorise(self, charge: Charge) -> ProviderAnswer: ...

    def capture(self, charge: Charge) -> ProviderAnswer: ...

    def void(self, charge: Charge) -> ProviderAnswer: ...

    def refund(self, charge: Charge) -> ProviderAnswer: ...

    def lookup(self, charge: Charge, tried: datetime) -> ProviderAnswer:
        """Where the payment stands, `none` if there is none. Without a reference it is one that was authorised at about
        the time `tried`, if it was."""
        ...

    def ledger(self) -> Iterator[LedgerEntry]:
        """Every payment of the stage, in no order."""
        ...


def idempotency_key(action: Action, order_id: str) -> str:
    return f"{action}-{order_id}"


BEFORE: dict[Action, Status] = {
    "authorise": "none",
    "capture": "authorised",
    "void": "authorised",
    "refund": "captured",
}
"""Where a payment must stand for an operation to do anything."""

AFTER: dict[Action, Status] = {
    "authorise": "authorised",
    "capture": "captured",
    "void": "voided",
    "refund": "refunded",
}
"""Where the operation takes it."""
