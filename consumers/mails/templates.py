"""The mails' texts, as SES templates with plain `{{variable}}` placeholders, which `consumers.mails.text` fills.

SES takes a mail that lacks a value and then drops it without a word, so a test holds placeholders and values together.
There is no HTML part: SES does not escape the values that it puts into one.

A template may name every field of `tables.mails.Ordered`. One that may be missing brings a line of its own, with its
name, or nothing: it stands at the end of the line before, as in `Order number: {{order_id}}{{delivery_note}}`.
"""

import re
from dataclasses import dataclass

from tables.mails import Template

ORDER = """\
{{items}}

  Shipping: {{shipping}} {{currency}}
  Total:    {{total}} {{currency}}

Order number: {{order_id}}"""

FRAME = """\
Hello,

[body]

If anything is not as it should be, just answer this mail.

With warm regards
your Orderwire shop
"""


@dataclass(frozen=True)
class MailTemplate:
    """In SES it is named as all things of a stage are: `orderwire-<stage>-<name>`. `[order]` in the body stands for
    what was ordered."""

    name: Template
    subject: str
    body: str

    @property
    def text(self) -> str:
        return FRAME.replace("[body]", self.body.strip().replace("[order]", ORDER))

    @property
    def placeholders(self) -> frozenset[str]:
        return frozenset(re.findall("{{(.*?)}}", self.subject + self.text))

    def as_ses(self, full_name: str) -> dict[str, str]:
        """As CreateTemplate and AWS::SES::Template take it."""
        return {"TemplateName": full_name, "SubjectPart": self.subject, "TextPart": self.text}


TEMPLATES = (
    MailTemplate(
        "confirmation",
        "We have your order {{order_id}}",
        """
thank you for your order! It has reached us safely, and this is what we
noted:

[order]

We look for all of it on our shelves now. You hear from us again when the
payment has gone through, and once more when your parcel is on its way.
""",
    ),
    MailTemplate(
        "receipt",
        "Your receipt for order {{order_id}}",
        """
thank you for your order! Everything in it is set aside for you, and
{{paid}}

[order]

We pack it next, and write to you when it leaves the house.
""",
    ),
    MailTemplate(
        "payment_failed",
        "The payment for your order {{order_id}} did not go through",
        """
we are sorry: the payment for your order was {{reason}}.

You have not been charged, and this order will not be sent. If you still
want what was in it, please order again, with another card if you like.

This was in your order:

[order]
""",
    ),
    MailTemplate(
        "shipped",
        "Your order {{order_id}} is on its way",
        """
your parcel has just left our house. In it:

[order]

We hope you enjoy it. Thank you for buying from us!
""",
    ),
    MailTemplate(
        "cancelled",
        "Your order {{order_id}} was cancelled",
        """
we are sorry: your order was cancelled and will not be sent.

  The reason: {{reason}}

{{money}}

This was in your order:

[order]
""",
    ),
    MailTemplate(
        "refunded",
        "Your money for order {{order_id}} is on its way back",
        """
we have given you back {{amount}} {{currency}} for your order.
{{money}}

This was in your order:

[order]
""",
    ),
)
"""In the order in which mails of one order that are due together are sent."""

BY_NAME = {template.name: template for template in TEMPLATES}
