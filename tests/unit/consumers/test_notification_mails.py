"""The mails themselves: every placeholder has its value, and what they say is right."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.ses.models import ses_backends

from consumers.mails.templates import TEMPLATES
from consumers.mails.text import order_values, variables
from consumers.notification import NotificationConsumer
from consumers.runner.errors import Hopeless
from schemas.events import OrderItem, OrderShipped, PaymentCompleted
from tables.mails import Mail, Ordered
from tests.support.edges import moto_edges
from tests.support.events import ORDER, TOTAL, created, delivery, event

ORDERED = Ordered(
    email="ada@example.com",
    items=[
        OrderItem(sku="book-1", name="Middlemarch", quantity=2, unit_price=Decimal("29.99")),
        OrderItem(sku="book-2", name="Emma", quantity=1, unit_price=Decimal("8.50")),
    ],
    shipping=Decimal("10.00"),
    total=Decimal("78.48"),
    currency="EUR",
)
PLACEHOLDER = re.compile(r"{{(.*?)}}")


def mail(name, **told):
    """The rendered text."""
    template = next(each for each in TEMPLATES if each.name == name)
    values = variables("ord_1", ORDERED, name, Mail(**told))
    return PLACEHOLDER.sub(lambda found: values[found[1]], template.text)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda each: each.name)
@pytest.mark.parametrize("told", [Mail(), Mail(sold_out=["book-1"]), Mail(reason="x", method="invoice")], ids=range(3))
def test_each_template_has_a_value_for_every_placeholder_and_no_value_in_vain(template, told):
    used = set(PLACEHOLDER.findall(template.subject + template.text))
    values = variables("ord_1", ORDERED, template.name, told)
    optional = {name for name, field in Ordered.model_fields.items() if not field.is_required()}
    assert set(values) == used == template.placeholders
    assert all(isinstance(value, str) for value in values.values())
    assert {name for name, value in values.items() if not value} <= optional


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda each: each.name)
def test_every_mail_has_the_items_with_their_prices_the_shipping_the_total_and_the_order_number(template):
    text = mail(template.name)
    for line in (
        "  2 x Middlemarch, 29.99 each: 59.98",
        "  1 x Emma, 8.50 each: 8.50",
        "  Shipping: 10.00 EUR",
        "  Total:    78.48 EUR",
        "Order number: ord_1",
    ):
        assert line in text.splitlines()
    assert text.startswith("Hello,\n")
    assert "[" not in text


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda each: each.name)
def test_ses_takes_each_template_as_it_is_and_renders_it(template):
    with moto_edges() as edges:
        edges.clients.ses.create_template(Template=template.as_ses("orderwire-test-mail"))
        values = variables("ord_1", ORDERED, template.name, Mail())
        assert (
            edges.clients.ses.get_template(TemplateName="orderwire-test-mail")["Template"]["TextPart"] == template.text
        )
        assert set(values) >= {"items", "total"}


def test_a_sold_out_order_names_what_was_missing_and_says_that_nothing_was_charged():
    text = mail("cancelled", sold_out=["book-2", "book-1"])
    assert "The reason: sold out: Emma; Middlemarch" in text
    assert "You have not been charged." in text


def test_a_cancelled_order_gives_its_reason_and_promises_the_money_back_only_if_it_was_taken():
    assert "The reason: changed my mind" in mail("cancelled", reason="changed my mind")
    assert "The reason: none was given" in mail("cancelled")
    assert "If you were charged already, you get all of it back" in mail("cancelled")


@pytest.mark.parametrize("said", ["card_declined", "insufficient_funds", "stolen_card", "authorisation_expired", None])
def test_a_failed_payment_is_told_in_one_word_whatever_the_provider_said(said):
    text = mail("payment_failed", reason=said)
    assert "the payment for your order was refused." in text
    assert "You have not been charged" in text
    assert text == mail("payment_failed")


def test_a_receipt_says_how_the_order_is_paid():
    assert "your card was charged 78.48 EUR." in mail("receipt", amount=Decimal("78.48"), method="card")
    assert "78.48 EUR are on your account" in mail("receipt", amount=Decimal("78.48"), method="invoice")


def test_a_refund_says_how_much_comes_back_and_where():
    assert "given you back 78.48 EUR" in mail("refunded", amount=Decimal("78.48"), method="card")
    assert "goes to the card" in mail("refunded", amount=Decimal("78.48"), method="card")
    assert "off your account" in mail("refunded", amount=Decimal("78.48"), method="invoice")


@given(st.text(min_size=1, max_size=200))
def test_no_name_or_reason_adds_a_line_to_the_mail(text):
    ordered = Ordered(**{**dict(ORDERED), "items": [OrderItem(sku="a", name=text, quantity=1, unit_price=Decimal(1))]})
    assert len(variables("ord_1", ordered, "shipped", Mail())["items"].splitlines()) == 1
    assert len(variables("ord_1", ordered, "cancelled", Mail(reason=text))["reason"].splitlines()) <= 1


class WithNote(Ordered):
    doorbell: str | None = None


def test_a_field_that_may_be_missing_brings_a_line_of_its_own_or_nothing():
    assert order_values(WithNote(**dict(ORDERED)))["doorbell"] == ""
    told = order_values(WithNote(**dict(ORDERED), doorbell="Ada\nLovelace"))
    assert told["doorbell"] == "\nDoorbell: Ada Lovelace"
    assert told["total"] == "78.48"


def ready(edges, templates=TEMPLATES):
    edges.clients.ses.verify_email_identity(EmailAddress=edges.settings.mail_sender)
    for template in templates:
        edges.clients.ses.create_template(Template=template.as_ses(edges.settings.name(template.name)))
    return NotificationConsumer(edges)


def test_the_mails_of_an_order_go_out_through_ses():
    order = event(created())
    paid = event(PaymentCompleted(order_id=ORDER, amount=TOTAL, currency="EUR", method="card", reference="pay_1"))
    with moto_edges(confirmation="placed") as edges:
        consumer = ready(edges)
        for each in [paid, order, order, event(OrderShipped(order_id=ORDER))]:
            assert consumer(delivery(each)) == ()
        sent = ses_backends["123456789012"]["eu-central-1"].sent_messages
        assert [mail.template for mail in sent] == [
            f"orderwire-test-{name}" for name in ("confirmation", "receipt", "shipped")
        ]
        assert {mail.source for mail in sent} == {"orders@orderwire.example"}
        assert [mail.destinations["ToAddresses"] for mail in sent] == [["ada@example.com"]] * 3
        rendered = edges.clients.ses.test_render_template(
            TemplateName="orderwire-test-receipt", TemplateData=sent[1].template_data
        )["RenderedTemplate"]
        assert "your card was charged 69.98 EUR." in rendered
        assert "  2 x Middlemarch, 29.99 each: 59.98" in rendered


def test_a_sender_that_is_not_verified_is_hopeless_and_a_missing_template_too():
    with moto_edges(confirmation="placed") as edges:
        with pytest.raises(Hopeless, match=r"^confirmation refused by SES: MessageRejected$"):
            NotificationConsumer(edges)(delivery(event(created())))
        with pytest.raises(Hopeless, match=r"^confirmation refused by SES: TemplateDoesNotExist$"):
            ready(edges, templates=())(delivery(event(created())))
