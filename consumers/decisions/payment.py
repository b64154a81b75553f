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
from schemas.envelope import EventData
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
from tables.claim import Cause, free, given_back, own, taken_over
from tables.payments import PaymentClaim, PaymentRow
from tables.statuses import Action, Status
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


def heard(
    row: PaymentRow | None, event: AnyEvent, replayed: bool, by: str, now: datetime, lease: timedelta
) -> PaymentRow:
    """The row after `event`, with a claim of the attempt `by` if something is due and nobody is at it."""
    cause = Cause.of(event, replayed)
    after = on_account(fold(row, event), cause, now)
    return without_spent_token(claimed(after, cause, by, now, lease))


def claimed(row: PaymentRow, cause: Cause, by: str, now: datetime, lease: timedelta) -> PaymentRow:
    """Claims what is due, or takes over a claim that nobody is at, to settle what is uncertain about it. A claim that
    somebody else holds stays."""
    held = row.claim
    if held is None:
        return with_claim_on_due(row, cause, by, now)
    return row.with_(claim=in_doubt(taken_over(held, by, now))) if free(held, now, lease) else row


def in_doubt(claim: PaymentClaim) -> PaymentClaim:
    return claim.model_copy(update={"uncertain": True})


def with_claim_on_due(row: PaymentRow, cause: Cause, by: str, now: datetime) -> PaymentRow:
    action = due(row)
    if action is None:
        return row.with_(claim=None)
    claim = PaymentClaim(**dict(cause.passed_on()), action=action, tried=now, at=now, by=by)
    return row.with_(claim=claim, first_tried=row.first_tried or now)


def answered(row: PaymentRow, claim: PaymentClaim, answer: ProviderAnswer, now: datetime) -> PaymentRow:
    """The row after the provider's answer to the attempt that acts on `claim`, with its claim on what is due next.

    If somebody has taken the claim over meanwhile, the answer is as true and is kept, and the claim stays theirs.
    """
    after, held = learned(row, answer, claim, now), row.claim
    mine = own(held, claim.by)
    if mine and may_still_arrive(after, mine, answer, now):
        return given_up(after, mine)
    if mine or held is None:
        after = with_claim_on_due(after, claim, claim.by, now)
    return without_spent_token(after)


def may_still_arrive(row: PaymentRow, claim: PaymentClaim, answer: ProviderAnswer, now: datetime) -> bool:
    """Whether an authorisation that nobody wants any more, and the provider does not know, may yet reach it: then it
    has to be asked again before the matter is closed. One that is still wanted is simply asked for again."""
    sought = claim.uncertain and claim.action == "authorise" and row.status == "none"
    return sought and due(row) is None and now - claim.tried < answer.late


def given_up(row: PaymentRow, claim: PaymentClaim) -> PaymentRow:
    """An attempt ends without knowing what the provider made of its claim: the next one has to ask, and need not wait.

    That holds even if the claim was taken over meanwhile, for who did that may have asked too early. Only if the
    payment is known to have moved on is there nothing left to ask.
    """
    if row.status != BEFORE[claim.action]:
        return row
    return row.with_(claim=in_doubt(given_back(claim)))


def learned(row: PaymentRow, answer: ProviderAnswer, cause: Cause, now: datetime) -> PaymentRow:
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
    events = [StoredEvent.of(cause.follow_up(each, now, row.test)) for each in data if each]
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


def on_account(row: PaymentRow, cause: Cause, now: datetime) -> PaymentRow:
    """A payment by invoice goes as far as it is due at once: it needs no provider, so no claim."""
    action = due(row)
    if row.method != "invoice" or action is None:
        return row
    step = ProviderAnswer(AFTER[action], reference=f"invoice-{row.order_id}")
    return on_account(learned(row, step, cause, now), cause, now)


def without_spent_token(row: PaymentRow) -> PaymentRow:
    """The token is kept only as long as an authorisation is still to be made with it, or somebody may be making it."""
    claimed_for = row.claim.action if row.claim else None
    return row if "authorise" in (due(row), claimed_for) else row.with_(payment_token=None)


def charge_of(row: PaymentRow) -> Charge:
    """What the provider is told. Only for an order that is known."""
    assert row.amount is not None
    assert row.currency is not None
    return Charge(row.order_id, row.amount, row.currency, row.payment_token, row.reference)
