"""Prices are the catalog's, shipping is the stage's, and the sum is exact."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout_api.http.problems import HttpProblem
from checkout_api.http.requests import ItemAsked
from checkout_api.orders.pricing import Ceiling, price, shipping_for
from edges.settings import Settings
from schemas.events import ON_ACCOUNT
from schemas.types import MAX_MONEY
from tables.catalog import ProductRow

SETTINGS = Settings(stage="test", shipping_fee=Decimal("10.00"), free_shipping_above=Decimal("2000.00"))

MOST = Ceiling(MAX_MONEY, 50 * 999)
"""More than any of these orders."""

prices = st.decimals("0.00", "9999.99", places=2)
lines = st.lists(st.tuples(prices, st.integers(1, 999)), min_size=1, max_size=50)


def products(*amounts):
    rows = [ProductRow(sku=f"s{number}", name="Book", price=amount) for number, amount in enumerate(amounts)]
    return {row.sku: row for row in rows}


def asked(*quantities):
    return [ItemAsked(sku=f"s{number}", quantity=quantity) for number, quantity in enumerate(quantities)]


@given(lines)
def test_the_total_is_to_the_cent_the_sum_of_the_items_and_the_shipping(chosen):
    priced = price(
        asked(*(quantity for _, quantity in chosen)), products(*(amount for amount, _ in chosen)), MOST, SETTINGS
    )
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
            MOST,
            SETTINGS,
        )
    assert [error["pointer"] for error in refused.value.errors] == ["/items/0/sku", "/items/2/sku"]


def test_an_order_of_more_money_than_an_event_can_say_is_refused():
    with pytest.raises(HttpProblem, match="cannot be accepted") as refused:
        price(asked(999, 999), products(Decimal(999999), Decimal(999999)), MOST, SETTINGS)
    assert refused.value.document()["errors"] == [{"pointer": "/items", "detail": "come to more than 999999999.99"}]


@pytest.mark.parametrize(
    ("amount", "quantity", "told"),
    [("100.00", 9, None), ("100.00", 10, "come to more than 1000.00"), ("0.10", 51, "are more than 50 copies")],
)
def test_an_order_on_account_has_a_ceiling_of_its_own_in_money_and_in_copies(amount, quantity, told):
    """Nobody has paid for it. Shipping, 10.00, counts."""
    products_ = products(Decimal(amount), Decimal(amount))
    lines_ = asked(quantity - 1, 1)
    assert price(lines_, products_, Ceiling.of(SETTINGS, "tok_ok"), SETTINGS)
    if told is None:
        assert price(lines_, products_, Ceiling.of(SETTINGS, ON_ACCOUNT), SETTINGS)
        return
    with pytest.raises(HttpProblem) as refused:
        price(lines_, products_, Ceiling.of(SETTINGS, ON_ACCOUNT), SETTINGS)
    assert refused.value.errors == [{"pointer": "/items", "detail": told}]


def test_the_ceiling_of_every_order_is_the_stages():
    settings = SETTINGS.model_copy(update={"order_most_total": Decimal("50.00"), "order_most_copies": 3})
    assert Ceiling.of(settings, "tok_ok") == Ceiling(Decimal("50.00"), 3)


def test_a_price_of_before_the_stage_had_its_currency_is_not_ordered_at():
    yen = Settings(stage="test", currency="JPY", shipping_fee=Decimal(500))
    rows = products(Decimal(1200), Decimal("29.99"))
    with pytest.raises(HttpProblem) as refused:
        price(asked(1, 1), rows, MOST, yen)
    assert refused.value.status == 422
    assert [each["pointer"] for each in refused.value.errors] == ["/items/1/sku"]
    assert price(asked(1), rows, MOST, yen).total == 1700
