"""Which mails an order needs and who sends the next one: pure functions on the order's row.

Every event leaves its fact on the row (`noted`): order.created whom to write to and what was ordered, and each event
the mail that it asks for. Whether order.created asks for one is up to the stage: where the confirmation waits for the
card, the receipt is the first mail, and of a card that is refused nothing is told but that.

What is wanted goes out once the order is known, one mail after the other in the order of `TEMPLATES`. Whoever finds one
wanted and nobody sending puts a claim on the row in the same write (`heard`), sends it, and writes down the answer
together with a claim on the next (`sent`, `refused`). A mail that another event asked for meanwhile is among those, so
whoever brought that event need not wait.
"""

from datetime import datetime, timedelta

from consumers.mails.templates import TEMPLATES
from edges.publisher import AnyEvent
from edges.settings import Confirmation
from schemas.events import (
    ON_ACCOUNT,
    InventoryRejected,
    OrderCancelled,
    OrderCreated,
    OrderShipped,
    PaymentCompleted,
    PaymentFailed,
    PaymentRefunded,
)
from tables.claim import Cause, free, given_back
from tables.mails import Mail, MailClaim, MailRefusal, MailRow, Ordered, Template

ENDINGS: tuple[Template, ...] = ("cancelled", "payment_failed")
"""The mails that say the order will not be sent, the one that says more first."""


def heard(
    row: MailRow | None,
    event: AnyEvent,
    replayed: bool,
    by: str,
    now: datetime,
    lease: timedelta,
    when: Confirmation,
) -> MailRow:
    """The row after `event`, with a claim of the attempt `by` if a mail is due and nobody is sending. `when` is
    the stage's: what an order has to be before it is confirmed.

    An event at which SES refused a mail asks for that mail again when it comes again, as it does from the dead-letter
    queue once somebody has seen to the reason; a replay does so only if it was a replay that met the refusal.
    """
    after = noted(row or MailRow(order_id=event.data.order_id), event, when)
    after = revived(after, event.event_id, replayed)
    if after.claim is None:
        return claimed(after, Cause.of(event, replayed), by, now)
    return claimed(after, after.claim, by, now) if free(after.claim, now, lease) else after


def noted(row: MailRow, event: AnyEvent, when: Confirmation) -> MailRow:
    """The row with the fact that `event` brings. Of two events that ask for the same mail, the first is told; an order
    that is known asks for nothing more, whatever the stage says by then."""
    if isinstance(event.data, OrderCreated):
        if row.ordered is not None:
            return row
        row = row.with_(ordered=ordered_of(event.data))
        if waits_for_card(event.data, when):
            return row
    template, mail = asked_for(event)
    return row if template in row.mails else row.with_(mails={**row.mails, template: mail})


def waits_for_card(order: OrderCreated, when: Confirmation) -> bool:
    """Whether its first mail is the receipt. No stranger's address gets what is said of an order on account."""
    return when == "paid" and order.payment_token != ON_ACCOUNT


def ordered_of(order: OrderCreated) -> Ordered:
    kept = {name: getattr(order, name) for name in Ordered.model_fields if name != "email"}
    return Ordered(email=order.customer_email, **kept)


def asked_for(event: AnyEvent) -> tuple[Template, Mail]:
    """The mail that this event asks for."""
    match event.data:
        case OrderCreated():
            return "confirmation", Mail()
        case PaymentCompleted(amount=amount, method=method):
            return "receipt", Mail(amount=amount, method=method)
        case PaymentFailed():
            return "payment_failed", Mail()
        case OrderShipped():
            return "shipped", Mail()
        case OrderCancelled(reason=reason):
            return "cancelled", Mail(reason=reason)
        case InventoryRejected(items=items):
            return "cancelled", Mail(sold_out=[item.sku for item in items])
        case PaymentRefunded(amount=amount, method=method):
            return "refunded", Mail(amount=amount, method=method)
    raise ValueError(f"no mail is sent for {event.type}")


def revived(row: MailRow, event_id: str, replayed: bool) -> MailRow:
    """The row, in which the mails that SES refused at this event are wanted again."""
    for template, mail in row.mails.items():
        if mail.refusal and mail.refusal.concerns(event_id, replayed):
            row = with_mail(row, template, refusal=None)
    return row


def due(row: MailRow) -> Template | None:
    """The mail to send next."""
    if row.ordered is None:
        return None
    wanted = {template for template, mail in row.mails.items() if mail.wanted} - needless(row)
    return next((template.name for template in TEMPLATES if template.name in wanted), None)


def needless(row: MailRow) -> set[Template]:
    """The mails that nobody shall read any more. Of those that say the order will not be sent, all but one: the one
    that went out, or else the first of `ENDINGS`. Whoever reads that a book is sold out shall not be asked to order it
    again with another card. And a confirmation of an order whose end is known before it went out."""
    ended = [template for template in ENDINGS if template in row.mails]
    gone = [template for template in ended if row.mails[template].message_id]
    late = {template for template, mail in row.mails.items() if template == "confirmation" and mail.wanted and ended}
    return late | set(ended) - set((gone or ended)[:1])


def claimed(row: MailRow, cause: Cause, by: str, now: datetime) -> MailRow:
    """With a claim of the attempt `by` on what is due, or with none."""
    template = due(row)
    if template is None:
        return row.with_(claim=None)
    return row.with_(claim=MailClaim(**dict(cause.passed_on()), template=template, at=now, by=by))


def sent(row: MailRow, claim: MailClaim, message_id: str, now: datetime) -> MailRow:
    """SES took the mail. That is written down even if another attempt has taken the claim over meanwhile."""
    if row.mails[claim.template].message_id is None:
        row = with_mail(row, claim.template, message_id=message_id, sent_at=now, refusal=None)
    return claimed(row, claim, claim.by, now) if holds(row, claim) else row


def refused(row: MailRow, claim: MailClaim, code: str, of_recipient: bool, now: datetime) -> MailRow:
    """SES will not take the mail; the order's other mails go on. One that is `of_recipient` is a fact of the order, and
    nobody's to see to."""
    if not holds(row, claim):
        return row
    told = MailRefusal(code=code, cause=claim.cause, by=claim.by, replayed=claim.replayed, of_recipient=of_recipient)
    return claimed(with_mail(row, claim.template, refusal=told), claim, claim.by, now)


def given_up(row: MailRow, claim: MailClaim) -> MailRow:
    """The mail did not go out and is wanted still; nobody need wait for this attempt."""
    return row.with_(claim=given_back(claim)) if holds(row, claim) else row


def holds(row: MailRow, claim: MailClaim) -> bool:
    return row.claim == claim


def with_mail(row: MailRow, template: Template, **changes: object) -> MailRow:
    mail = Mail.model_validate({**dict(row.mails[template]), **changes}, extra="allow")
    return row.with_(mails={**row.mails, template: mail})


def refusals(row: MailRow, event_id: str, replayed: bool) -> list[str]:
    """What SES refused for this event and somebody can see to, without addresses, in the order of sending."""
    mails = ((template.name, row.mails.get(template.name)) for template in TEMPLATES)
    told = ((name, mail.refusal) for name, mail in mails if mail and mail.refusal)
    return [f"{name} refused by SES: {each.code}" for name, each in told if each.concerns(event_id, replayed)]
