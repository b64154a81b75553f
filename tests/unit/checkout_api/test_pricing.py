"""Prices are the catalog's, shipping is the stage's, and the sum is exact."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout_api.http.problems import HttpProblem
from checkout_api.http.requests import ItemAsked
from checkout_api.orders.pricing import price, shipping_for
from edges.settings import Settings
from tables.catalog import ProductRow

SETTINGS = Settings(stage="test", shipping_fee=Decimal("10.00"), free_shipping_above=Decimal("2000.00"))

prices = st.decimals("0.00", "9999.99", places=2)
lines = st.lists(st.tuples(prices, st.integers(1, 999)), min_size=1, max_size=50)


def products(*amounts):
    rows = [ProductRow(sku=f"s{number}", name="Book", price=amount) for number, amount in enumerate(amounts)]
    return {row.sku: row for row in rows}


def asked(*quantities):
    return [ItemAsked(sku=f"s{number}", quantity=quantity) for number, quantity in enumerate(quantities)]


@given(lines)
def test_the_total_is_to_the_cent_the_sum_of_the_items_and_the_shipping(chosen):
    priced = price(asked(*(quantity for _, quantity in chosen)), products(*(amount for amount, _ in chosen)), SETTINGS)
    cents = sum(int(amount * 100) * quantity for amount, quantity in chosen)
    assert int(priced.total * 100) == cents + int(priced.shipping * 100)
    assert priced.shipping == (0 if cents > 200_000 else 10)


def test_shipping_is_free_only_above_the_limit():
    fee, limit = Decimal("10.00"), Decimal("2000.00")
    assert shipping_for(Decimal("2000.00"), fee, limit) == fee
    assert shipping_for(Decimal("2000.01"), fee, limit) == 0


def test_the_client_learns_of_every_item_that_is_not_sold():
    with pytest.raises(HttpProblem) as refused:
        price(
            [ItemAsked(sku="no", quantity=1), *asked(1), ItemAsked(sku="nor", quantity=1)],
            products(Decimal(1)),
            SETTINGS,
        )
    assert [error["pointer"] for error in refused.value.errors] == ["/items/0/sku", "/items/2/sku"]


def test_an_order_of_more_money_than_an_event_can_say_is_refused():
    with pytest.raises(HttpProblem, match="cannot be accepted") as refused:
        price(asked(999, 999), products(Decimal(999999), Decimal(999999)), SETTINGS)
    assert refused.value.document()["errors"] == [{"pointer": "/items", "detail": "come to more than 999999999.99"}]
