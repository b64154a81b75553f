"""The texts of the mails to customers, as the notification consumer declares them."""

from troposphere.ses import EmailTemplate, Template

from consumers.mails.templates import TEMPLATES, MailTemplate
from infrastructure.names import name, title


def mail_templates() -> list[Template]:
    """The emulator's CloudFormation has no such type: see `emulator_gaps`."""
    return [mail_template(template) for template in TEMPLATES]


def mail_template(declared: MailTemplate) -> Template:
    parts = declared.as_ses("")
    text = EmailTemplate(**{**parts, "TemplateName": name(declared.name)})
    return Template(title(declared.name, "mail"), Condition="OnAws", Template=text)
