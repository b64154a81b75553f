"""What an order costs. Pure: the catalog's rows and the stage's shipping terms are handed in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from checkout_api.http.problems import invalid
from checkout_api.http.requests import ItemAsked
from edges.settings import Settings
from schemas.currencies import unchargeable
from schemas.events import ON_ACCOUNT, OrderItem
from tables.catalog import ProductRow


@dataclass(frozen=True)
class Priced:
    items: list[OrderItem]
    shipping: Decimal
    total: Decimal


@dataclass(frozen=True)
class Ceiling:
    """What one order may come to, and how many copies it may have."""

    total: Decimal
    copies: int

    @classmethod
    def of(cls, settings: Settings, payment_token: str) -> "Ceiling":
        if payment_token == ON_ACCOUNT:
            return cls(settings.account_most_total, settings.account_most_copies)
        return cls(settings.order_most_total, settings.order_most_copies)


def price(
    asked: Sequence[ItemAsked], products: Mapping[str, ProductRow], ceiling: Ceiling, settings: Settings
) -> Priced:
    """The items at today's prices. Raises Problem 422 for what is not sold and for what is above the ceiling."""
    if unknown := [number for number, item in enumerate(asked) if item.sku not in products]:
        raise invalid((f"/items/{number}/sku", "is not in the catalog") for number in unknown)
    if priceless := [*without_a_price(asked, products, settings.currency)]:
        raise invalid(priceless)
    items = [priced_item(item, products[item.sku]) for item in asked]
    value = sum((item.quantity * item.unit_price for item in items), Decimal())
    shipping = shipping_for(value, settings.shipping_fee, settings.free_shipping_above)
    if value + shipping > ceiling.total:
        raise invalid([("/items", f"come to more than {ceiling.total}")])
    if sum(item.quantity for item in items) > ceiling.copies:
        raise invalid([("/items", f"are more than {ceiling.copies} copies")])
    return Priced(items, shipping, value + shipping)


def without_a_price(
    asked: Sequence[ItemAsked], products: Mapping[str, ProductRow], currency: str
) -> Iterator[tuple[str, str]]:
    """The items that nobody can be charged for: their rows are of before the stage had this currency."""
    for number, item in enumerate(asked):
        if wrong := unchargeable(products[item.sku].price, currency):
            yield f"/items/{number}/sku", f"has no price: {wrong}"


def priced_item(item: ItemAsked, product: ProductRow) -> OrderItem:
    return OrderItem(sku=item.sku, name=product.name, quantity=item.quantity, unit_price=product.price)


def shipping_for(value: Decimal, fee: Decimal, free_above: Decimal) -> Decimal:
    """The fee, or nothing for items that come to more than `free_above`."""
    return Decimal("0.00") if value > free_above else fee
