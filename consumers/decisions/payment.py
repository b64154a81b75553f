"""What payment decides for an order: pure functions on its row, the events heard and the provider's answers.

An order's row holds facts (`fold`), from which follows what is due (`due`). Whoever finds something due puts a claim
on the row in the write that stores its fact (`heard`), calls the provider, and stores the answer, the event that
follows from it and the claim on what is due next in one write (`answered`). A fact that comes in meanwhile is taken
into account there, so whoever brought it need not wait for the claim.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from consumers.providers.port import AFTER, BEFORE, Charge, ProviderAnswer
from edges.publisher import AnyEvent
from schemas.envelope import EventData, follow_up
from schemas.events import (
    ON_ACCOUNT,
    InventoryRejected,
    InventoryReserved,
    OrderCancelled,
    OrderCreated,
    OrderRefunded,
    PaymentCompleted,
    PaymentFailed,
    PaymentRefunded,
    PaymentVoided,
)
from tables.payments import Action, Claim, PaymentRow, Status
from tables.stored_event import StoredEvent

FURTHER: Mapping[Status, tuple[Status, ...]] = {
    "none": ("failed", "authorised", "captured", "voided", "refunded"),
    "authorised": ("failed", "captured", "voided", "refunded"),
    "captured": ("refunded",),
}
"""Where a payment can go from each status; those that are missing are final."""


def fold(row: PaymentRow | None, event: AnyEvent) -> PaymentRow:
    """The row with the fact that `event` brings; a fact once known does not change, so order and repetition do not
    matter."""
    before = row or PaymentRow(order_id=event.data.order_id)
    return before.with_(**facts(before, event))


def facts(row: PaymentRow, event: AnyEvent) -> Mapping[str, Any]:
    match event.data:
        case OrderCreated() if row.amount is None:
            return order_facts(event.data, bool(event.metadata.test))
        case InventoryReserved():
            return {"reserved": True}
        case InventoryRejected():
            return {"rejected": True}
        case OrderCancelled():
            return {"cancelled": True}
        case OrderRefunded():
            return {"refund_asked": True}
    return {}


def order_facts(order: OrderCreated, test: bool) -> Mapping[str, Any]:
    """An order that costs nothing goes by invoice too: no provider takes a charge of 0."""
    by_invoice = order.payment_token == ON_ACCOUNT or order.total == 0
    return {
        "amount": order.total,
        "currency": order.currency,
        "method": "invoice" if by_invoice else "card",
        "payment_token": order.payment_token,
        "test": test,
    }


def called_off(row: PaymentRow) -> bool:
    """Whether no money is to be kept; a refund asked for before the capture makes the capture needless as well."""
    return row.rejected or row.cancelled or row.refund_asked


def due(row: PaymentRow) -> Action | None:
    """What has to be done next, given the facts and where the payment stands."""
    off = called_off(row)
    if row.status == "none":
        return None if off or row.amount is None else "authorise"
    if row.status == "authorised":
        if off:
            return "void"
        return "capture" if row.reserved else None
    return "refund" if off and row.status == "captured" else None


def heard(row: PaymentRow | None, event: AnyEvent, by: str, now: datetime, lease: timedelta) -> PaymentRow:
    """The row after `event`, with a claim of the attempt `by` if something is due and nobody is at it."""
    after = on_account(fold(row, event), event, now)
    return without_spent_token(claimed(after, event.event_id, by, now, lease))


def claimed(row: PaymentRow, cause: str, by: str, now: datetime, lease: timedelta) -> PaymentRow:
    """Claims what is due, or takes over a claim that was given up or is older than `lease`, to settle what is
    uncertain about it. A claim that somebody else holds stays."""
    held = row.claim
    if held is None:
        return with_claim_on_due(row, cause, by, now)
    if held.by is None or now - held.at > lease:
        return row.with_(claim=held.model_copy(update={"at": now, "cause": cause, "by": by, "uncertain": True}))
    return row


def with_claim_on_due(row: PaymentRow, cause: str, by: str, now: datetime) -> PaymentRow:
    action = due(row)
    return row.with_(claim=Claim(action=action, tried=now, at=now, cause=cause, by=by) if action else None)


def answered(row: PaymentRow, answer: ProviderAnswer, cause: AnyEvent, by: str, now: datetime) -> PaymentRow:
    """The row after the provider's answer to the attempt `by`, with that attempt's claim on what is due next.

    If somebody has taken the claim over meanwhile, the answer is as true and is kept, and the claim stays theirs.
    """
    after, held = learned(row, answer, cause, now), row.claim
    if held is not None and held.by == by and may_still_arrive(after, held, answer, now):
        return given_up(after, held)
    if held is None or held.by == by:
        after = with_claim_on_due(after, cause.event_id, by, now)
    return without_spent_token(after)


def may_still_arrive(row: PaymentRow, claim: Claim, answer: ProviderAnswer, now: datetime) -> bool:
    """Whether an authorisation that nobody wants any more, and the provider does not know, may yet reach it: then it
    has to be asked again before the matter is closed. One that is still wanted is simply asked for again."""
    sought = claim.uncertain and claim.action == "authorise" and row.status == "none"
    return sought and due(row) is None and now - claim.tried < answer.late


def given_up(row: PaymentRow, claim: Claim) -> PaymentRow:
    """An attempt ends without knowing what the provider made of its claim: the next one has to ask, and need not wait.

    That holds even if the claim was taken over meanwhile, for who did that may have asked too early. Only if the
    payment is known to have moved on is there nothing left to ask.
    """
    if row.status != BEFORE[claim.action]:
        return row
    return row.with_(claim=claim.model_copy(update={"by": None, "uncertain": True}))


def learned(row: PaymentRow, answer: ProviderAnswer, cause: AnyEvent, now: datetime) -> PaymentRow:
    """The row where the provider's payment stands, with the events of each step there. An answer that lags behind the
    row, or contradicts what is final, changes nothing; reconciliation shows it."""
    status, reason = answer.status, answer.reason
    if status not in FURTHER.get(row.status, ()):
        return row
    if status == "voided" and not called_off(row):
        status, reason = "failed", "authorisation_expired"
    after = row.with_(status=status, reference=answer.reference or row.reference)
    steps: list[Status] = ["captured", status] if status == "refunded" and row.status != "captured" else [status]
    data = (event_data(after, step, reason) for step in steps)
    events = [StoredEvent.of(follow_up(cause, each, now)) for each in data if each]
    return after.with_(events=[*row.events, *events])


def event_data(row: PaymentRow, status: Status, reason: str | None) -> EventData | None:
    """The event of a payment that has come to `status`; an authorisation is nobody else's business."""
    money: dict[str, Any] = {"order_id": row.order_id, "amount": row.amount, "currency": row.currency}
    paid: dict[str, Any] = {**money, "method": row.method, "reference": row.reference}
    match status:
        case "failed":
            return PaymentFailed(**money, reason=reason or "refused")
        case "captured":
            return PaymentCompleted(**paid)
        case "voided":
            return PaymentVoided(**money, reference=row.reference)
        case "refunded":
            return PaymentRefunded(**paid)
    return None


def on_account(row: PaymentRow, cause: AnyEvent, now: datetime) -> PaymentRow:
    """A payment by invoice goes as far as it is due at once: it needs no provider, so no claim."""
    action = due(row)
    if row.method != "invoice" or action is None:
        return row
    step = ProviderAnswer(AFTER[action], reference=f"invoice-{row.order_id}")
    return on_account(learned(row, step, cause, now), cause, now)


def without_spent_token(row: PaymentRow) -> PaymentRow:
    """The token is kept only as long as an authorisation is still to be made with it."""
    return row if due(row) == "authorise" else row.with_(payment_token=None)


def charge_of(row: PaymentRow) -> Charge:
    """What the provider is told. Only for an order that is known."""
    assert row.amount is not None
    assert row.currency is not None
    return Charge(row.order_id, row.amount, row.currency, row.payment_token, row.reference)
