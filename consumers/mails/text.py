"""The values of a mail's placeholders. All are text, on one line but for the items; the mail is plain text."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from consumers.mails.templates import BY_NAME
from schemas.events import OrderItem
from tables.mails import Mail, Ordered, Template

Variables = Mapping[str, str]

REFUSED = "refused"
"""What everybody is told of a card, whatever the provider said: a decline's reason tells whoever tries out cards which
of them are worth keeping. It is a value, for the template of the release before has a place for one, and SES drops a
mail without it."""


def variables(order_id: str, ordered: Ordered, template: Template, mail: Mail) -> Variables:
    """Placeholder -> value, each one that the template has and no other."""
    values = {"order_id": order_id, **order_values(ordered), **told(ordered, template, mail)}
    return {name: value for name, value in values.items() if name in BY_NAME[template].placeholders}


def order_values(ordered: Ordered) -> dict[str, str]:
    """Every field of the order as a mail has it. One that may be missing is a line with its name, or nothing."""
    fields = type(ordered).model_fields.items()
    return {
        name: in_words(getattr(ordered, name)) if field.is_required() else own_line(name, getattr(ordered, name))
        for name, field in fields
    }


def in_words(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(map(item_line, value))
    return amount(value) if isinstance(value, Decimal) else one_line(str(value))


def own_line(name: str, value: Any) -> str:
    """For example, after a line break, `Delivery note: second floor`; nothing without a value."""
    return "" if value is None else f"\n{name.replace('_', ' ').capitalize()}: {in_words(value)}"


def told(ordered: Ordered, template: Template, mail: Mail) -> dict[str, str]:
    """What only this template tells."""
    match template:
        case "receipt":
            return {"paid": paid(mail.method, f"{amount(mail.amount or ordered.total)} {ordered.currency}")}
        case "payment_failed":
            return {"reason": REFUSED}
        case "cancelled" if mail.sold_out:
            names = "; ".join(names_of(mail.sold_out, ordered.items))
            return {"reason": f"sold out: {names}", "money": "You have not been charged."}
        case "cancelled":
            return {"reason": one_line(mail.reason or "") or "none was given", "money": IF_CHARGED}
        case "refunded":
            return {"amount": amount(mail.amount or ordered.total), "money": given_back(mail.method)}
    return {}


IF_CHARGED = "If you were charged already, you get all of it back, and a mail that says so."


def paid(method: str | None, sum_: str) -> str:
    if method == "invoice":
        return f"{sum_} are on your account: you get an invoice and pay nothing now."
    return f"your card was charged {sum_}."


def given_back(method: str | None) -> str:
    if method == "invoice":
        return "It is taken off your account, so there is nothing left to pay."
    return "It goes to the card that you paid with; your bank may take a few days to show it."


def item_line(item: OrderItem) -> str:
    """For example `  2 x Middlemarch, 29.99 each: 59.98`."""
    return f"  {item.quantity} x {one_line(item.name)}, {amount(item.unit_price)} each: {amount(sum_of(item))}"


def sum_of(item: OrderItem) -> Decimal:
    total: Decimal = item.quantity * item.unit_price
    return total


def names_of(skus: Iterable[str], items: Iterable[OrderItem]) -> list[str]:
    names = {item.sku: one_line(item.name) for item in items}
    return [names.get(sku, sku) for sku in skus]


def amount(money: Decimal) -> str:
    return f"{money:.2f}"


def one_line(text: str) -> str:
    """Line breaks and runs of blanks become one blank, so that no value looks like a line of the mail."""
    return " ".join(text.split())
