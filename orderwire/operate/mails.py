"""The mails to customers: what the mails table says of them, and in the engine what they say."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from consumers.decisions.mails import needless
from edges.connect import Edges
from orderwire.workplace.embedded import Message
from tables.mails import Mail, MailRow, Mails

NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Mailed:
    """A mail that an order asked for. `state` is sent, waiting, or refused with SES's code; `message_id` is SES's."""

    order_id: str
    mail: str
    state: str
    sent_at: datetime | None
    message_id: str | None


@dataclass(frozen=True)
class Letter:
    """A sent mail's text. Whom it went to is left out."""

    order_id: str
    mail: str
    sent_at: datetime | None
    subject: str
    text: str


def mailed(edges: Edges, order_id: str | None, limit: int) -> list[Mailed]:
    """The latest mails, of one order or of all; those that wait come first. Reads the whole table for all."""
    found = [each for row in rows(edges, order_id) for each in mails_of(row)]
    waiting = [each for each in found if each.sent_at is None]
    sent = sorted((each for each in found if each.sent_at), key=lambda each: each.sent_at or NEVER, reverse=True)
    return [*waiting, *sent][:limit]


def rows(edges: Edges, order_id: str | None) -> Iterable[MailRow]:
    table = Mails(edges)
    if order_id is None:
        return table.scan()
    row = table.get(order_id)
    return [row] if row else []


def mails_of(row: MailRow) -> Iterator[Mailed]:
    """What was asked for, without a mail that another one made needless."""
    for template, mail in row.mails.items():
        if mail.wanted and template in needless(row):
            continue
        yield Mailed(row.order_id, template, state_of(mail), mail.sent_at, mail.message_id)


def state_of(mail: Mail) -> str:
    if mail.refusal:
        return f"refused: {mail.refusal.code}"
    return "sent" if mail.message_id else "waiting"


def letters(found: Iterable[Mailed], taken: Sequence[Message]) -> list[Letter]:
    """The texts of those mails that are among what the engine's SES took."""
    texts = {mail["MessageId"]: mail for mail in taken}
    return [
        Letter(
            each.order_id,
            each.mail,
            each.sent_at,
            texts[each.message_id]["Subject"],
            texts[each.message_id]["BodyText"],
        )
        for each in found
        if each.message_id in texts
    ]
