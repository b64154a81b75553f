"""What an order costs. Pure: the catalog's rows and the stage's shipping terms are handed in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from checkout_api.http.problems import invalid
from checkout_api.http.requests import ItemAsked
from edges.settings import Settings
from schemas.events import OrderItem
from schemas.types import MAX_MONEY
from tables.catalog import ProductRow


@dataclass(frozen=True)
class Priced:
    items: list[OrderItem]
    shipping: Decimal
    total: Decimal


def price(asked: Sequence[ItemAsked], products: Mapping[str, ProductRow], settings: Settings) -> Priced:
    """The items at today's prices. Raises Problem 422 for what is not sold and for more money than fits."""
    if unknown := [number for number, item in enumerate(asked) if item.sku not in products]:
        raise invalid((f"/items/{number}/sku", "is not in the catalog") for number in unknown)
    items = [priced_item(item, products[item.sku]) for item in asked]
    value = sum((item.quantity * item.unit_price for item in items), Decimal())
    shipping = shipping_for(value, settings.shipping_fee, settings.free_shipping_above)
    if value + shipping > MAX_MONEY:
        raise invalid([("/items", f"come to more than {MAX_MONEY}")])
    return Priced(items, shipping, value + shipping)


def priced_item(item: ItemAsked, product: ProductRow) -> OrderItem:
    return OrderItem(sku=item.sku, name=product.name, quantity=item.quantity, unit_price=product.price)


def shipping_for(value: Decimal, fee: Decimal, free_above: Decimal) -> Decimal:
    """The fee, or nothing for items that come to more than `free_above`."""
    return Decimal("0.00") if value > free_above else fee
