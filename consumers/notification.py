"""notification: writes to the customer, each mail once per order and template.

SES knows no idempotency key, so a mail is sent between a claim on the order's row and the record of SES's message id.
It is sent again in these windows, and in no others:
- the process dies, or DynamoDB is out of reach, after SES took the mail and before its message id is on the row; the
  claim goes stale and the next attempt sends;
- SES's answer is lost: boto3 asks again at once (three times in all), and the message does when that fails too;
- an attempt stands still for longer than the lease of its claim, and another takes it over.
So a mail may come twice, and is never left out without a message in the dead-letter queue that says why; but where it
is the recipient whom SES refuses, the order's row and a metric say so, for nobody could do anything about it.
"""

import json
from collections.abc import Callable, Sequence
from datetime import timedelta

from botocore.exceptions import BotoCoreError, ClientError

from consumers.decisions.mails import given_up, heard, refusals, refused, sent
from consumers.declaration import Consumer
from consumers.mails.templates import TEMPLATES
from consumers.mails.text import variables
from consumers.runner.batch import Delivery
from consumers.runner.entry import LambdaEntry
from consumers.runner.errors import Hopeless, TryLater
from edges.connect import Edges
from edges.grants import Grant, OnlyIf
from edges.metrics import MAILS_REFUSED, write_metrics
from edges.publisher import AnyEvent
from schemas.events import (
    InventoryRejected,
    OrderCancelled,
    OrderCreated,
    OrderShipped,
    PaymentCompleted,
    PaymentFailed,
    PaymentRefunded,
)
from tables.claim import left_to_its_cause, own, unfinished
from tables.mails import TABLE, MailClaim, MailRow, Mails

SEND = ("SendTemplatedEmail",)
FROM_US = (OnlyIf("ses:FromAddress", ("{mail_sender}",)),)

CONSUMER = Consumer(
    name="notification",
    hears=(
        OrderCreated,
        OrderShipped,
        OrderCancelled,
        PaymentCompleted,
        PaymentFailed,
        PaymentRefunded,
        InventoryRejected,
    ),
    objective=900,  # a mail has no hurry of seconds, and a rush is held back to what SES lets through
    concurrency=2,  # two send about as much as a new SES account may: 14 mails a second
    touches=(
        TABLE.allow("GetItem", "PutItem"),
        # SES asks for leave on the sender's identity, which is an address or its whole domain, and in its sandbox on
        # the recipient's as well. So identities have no names that could stand here; the sender's address has.
        Grant("ses", SEND, "identity/*", FROM_US),
        *(Grant("ses", SEND, f"template/orderwire-{{stage}}-{template.name}", FROM_US) for template in TEMPLATES),
    ),
)

LEASE = timedelta(seconds=CONSUMER.timeout + 30)
"""An attempt that made its claim longer ago is dead: Lambda ended it. The half minute is patience, because what follows
may be a second mail."""

FINAL = frozenset({
    "ConfigurationSetDoesNotExist",
    "FromEmailAddressNotVerified",
    "InvalidParameterValue",
    "InvalidRenderingParameter",
    "InvalidTemplate",
    "MailFromDomainNotVerifiedException",
    "MessageRejected",
    "MissingRenderingAttribute",
    "ProductionAccessNotGranted",
    "TemplateDoesNotExist",
})  # fmt: skip
"""SES's codes for what stays refused until a person does something: a sender or template not set up; or for good."""


def concerns_recipient(code: str, message: str) -> bool:
    """Whether SES refuses the recipient, whatever is mailed: an address that it finds malformed, or has on its list of
    those that bounced. That an address is not verified is another thing: it says so of the sender, too."""
    return code == "InvalidParameterValue" or (code == "MessageRejected" and "blacklisted" in message.lower())


class FinallyRefused(Exception):
    """SES will not take this mail. `code` is SES's; its message is left out, because it repeats addresses."""

    def __init__(self, code: str, of_recipient: bool) -> None:
        super().__init__(code)
        self.code, self.of_recipient = code, of_recipient


class NotificationConsumer:
    def __init__(self, edges: Edges) -> None:
        self._edges, self._mails = edges, Mails(edges)

    def __call__(self, delivery: Delivery) -> Sequence[AnyEvent]:
        """Sends what is due, unless another attempt is at it. Raises TryLater, and Hopeless when all else is sent.

        An attempt at another event will see the fact that was just stored; one at this very event may have died, and
        then this message is the only one that comes again, so it must not be called done. Smoke orders are not kept.
        """
        event, by = delivery.event, self._edges.chance.token()
        if event.metadata.test:
            return ()
        now = self._edges.clock.now
        when = self._edges.settings.confirmation
        row = self._change(
            event.data.order_id, lambda row: heard(row, event, delivery.replayed, by, now(), LEASE, when)
        )
        while claim := own(row.claim, by):
            try:
                row = self._send(row, claim)
            except TryLater:
                if not left_to_its_cause(claim, event.event_id, delivery.replayed):
                    raise
                break
        if row.claim is not None and unfinished(row.claim, event.event_id):
            raise TryLater(f"another attempt began to send {row.claim.template} for this event at {row.claim.at}")
        if told := refusals(row, event.event_id, delivery.replayed):
            raise Hopeless("; ".join(told))
        return ()

    def _send(self, row: MailRow, claim: MailClaim) -> MailRow:
        """Sends the claimed mail and stores what became of it. Raises TryLater."""
        now = self._edges.clock.now
        try:
            message_id = self._ask_ses(row, claim)
        except FinallyRefused as refusal:
            code, of_recipient = refusal.code, refusal.of_recipient
            if of_recipient:
                write_metrics({MAILS_REFUSED: 1}, self._edges.settings.stage)
            return self._change(row.order_id, lambda fresh: refused(known(fresh), claim, code, of_recipient, now()))
        except TryLater:
            self._change(row.order_id, lambda fresh: given_up(known(fresh), claim))
            raise
        return self._change(row.order_id, lambda fresh: sent(known(fresh), claim, message_id, now()), row)

    def _ask_ses(self, row: MailRow, claim: MailClaim) -> str:
        """SES's message id. Raises FinallyRefused and TryLater, with no word of SES's own, which may hold addresses."""
        assert row.ordered is not None  # nothing is due before
        values = variables(row.order_id, row.ordered, claim.template, row.mails[claim.template])
        try:
            answer = self._edges.clients.ses.send_templated_email(
                Source=self._edges.settings.mail_sender,
                Destination={"ToAddresses": [row.ordered.email]},
                Template=self._edges.settings.name(claim.template),
                TemplateData=json.dumps(values),
            )
        except (ClientError, BotoCoreError) as error:
            told = error.response["Error"] if isinstance(error, ClientError) else {"Code": type(error).__name__}
            code, message = told["Code"], told.get("Message", "")
            if code in FINAL:
                raise FinallyRefused(code, concerns_recipient(code, message)) from None
            raise TryLater(f"{claim.template}: {code} from SES") from None
        return str(answer["MessageId"])

    def _change(
        self, order_id: str, change: Callable[[MailRow | None], MailRow], seen: MailRow | None = None
    ) -> MailRow:
        return known(self._mails.change(order_id, change, seen))


def known(row: MailRow | None) -> MailRow:
    assert row is not None  # an event of the order has been noted on it
    return row


on_records = LambdaEntry(CONSUMER, NotificationConsumer)
