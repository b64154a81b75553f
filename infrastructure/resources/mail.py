"""The texts of the mails to customers, as the notification consumer declares them."""

from troposphere.ses import EmailTemplate, Template

from consumers.mails.templates import TEMPLATES, MailTemplate
from infrastructure.names import name, title


def mail_templates() -> list[Template]:
    """One after the other, as SES takes no more than one template a second. The emulator's CloudFormation has no such
    type: see `emulator_gaps`."""
    made: list[Template] = []
    for declared in TEMPLATES:
        waits_for = {"DependsOn": made[-1].title} if made else {}
        made.append(mail_template(declared, **waits_for))
    return made


def mail_template(declared: MailTemplate, **waits_for: str) -> Template:
    parts = declared.as_ses("")
    text = EmailTemplate(**{**parts, "TemplateName": name(declared.name)})
    return Template(title(declared.name, "mail"), Condition="OnAws", Template=text, **waits_for)
