"""Importing the catalog: what is new is stocked once, and what changed is changed."""

from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from orderwire.console.problem import Problem
from orderwire.operate.catalog import Imported, import_products
from orderwire.workplace.samples import SampleProduct
from tables.catalog import Catalog
from tables.stock import Stock
from tests.support.edges import moto_edges


def product(sku="book-1", **changes):
    fields = {
        "sku": sku,
        "name": "Middlemarch",
        "author": "George Eliot",
        "price": Decimal("14.50"),
        "stock": 40,
        "threshold": 8,
        "image": "",
        "description": "",
    }
    return SampleProduct(**{**fields, **changes})


def test_a_product_is_priced_and_stocked():
    with moto_edges() as edges:
        assert import_products(edges, [product()]) == Imported(new=1, changed=0, unchanged=0, stocked=1)
        assert Catalog(edges).get("book-1").price == Decimal("14.50")
        row = Stock(edges).get("book-1")
        assert (row.on_hand, row.threshold) == (40, 8)


def test_importing_again_changes_nothing_and_stocks_nothing_twice():
    with moto_edges() as edges:
        import_products(edges, [product(), product("book-2")])
        assert import_products(edges, [product(), product("book-2")]) == Imported(0, 0, 2, 0)
        assert Stock(edges).get("book-1").on_hand == 40
        assert Stock(edges).get("book-1").version == Catalog(edges).get("book-1").version == 1


def test_a_file_without_categories_leaves_those_that_there_are():
    with moto_edges() as edges:
        import_products(edges, [product(category="Novels")])
        assert import_products(edges, [product(price=Decimal("12.00"))]).changed == 1
        assert (Catalog(edges).get("book-1").price, Catalog(edges).get("book-1").category) == (
            Decimal("12.00"),
            "Novels",
        )
        assert import_products(edges, [product(price=Decimal("12.00"), category="")]).changed == 1
        assert Catalog(edges).get("book-1").category == ""


def test_a_changed_price_and_threshold_are_taken_over_and_the_stock_is_left_alone():
    with moto_edges() as edges:
        import_products(edges, [product()])
        Stock(edges).restock("book-1", -15)
        changed = product(price=Decimal("12.00"), threshold=3, stock=99)
        assert import_products(edges, [changed]) == Imported(0, 1, 0, 0)
        assert Catalog(edges).get("book-1").price == Decimal("12.00")
        row = Stock(edges).get("book-1")
        assert (row.on_hand, row.threshold) == (25, 3)


def test_an_import_that_was_cut_off_is_taken_up():
    class CutOff(Exception):
        pass

    def cut_off():
        raise CutOff

    with moto_edges() as edges:
        with suppress(CutOff):
            import_products(edges, [product(), product("book-2")], cut_off)
        import_products(edges, [product(), product("book-2")])
        assert [Stock(edges).get(sku).on_hand for sku in ("book-1", "book-2")] == [40, 40]


@settings(max_examples=15)
@given(st.lists(st.lists(st.sampled_from(["a", "b", "c"]), unique=True, max_size=3), max_size=5))
def test_whatever_was_imported_before_every_product_is_stocked_once(imports):
    with moto_edges() as edges:
        for skus in imports:
            import_products(edges, [product(sku) for sku in skus])
        stocked = {row.sku: row.on_hand for row in Stock(edges).scan()}
    assert stocked == {sku: 40 for skus in imports for sku in skus}


def test_prices_that_the_stages_currency_does_not_have_are_refused_before_anything_is_written():
    with moto_edges(currency="JPY") as edges:
        with pytest.raises(Problem, match=r"Nothing was imported; book-2: JPY has no unit for 14\.50"):
            import_products(edges, [product(price=Decimal("1450")), product("book-2")])
        assert list(Catalog(edges).scan()) == []


class Throttled:
    """DynamoDB's client, which takes so many writes and then no more."""

    def __init__(self, client, writes):
        self._client, self._left = client, writes

    def __getattr__(self, name):
        return getattr(self._client, name)

    def put_item(self, **request):
        self._left -= 1
        if self._left < 0:
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "too fast"}}, "PutItem")
        return self._client.put_item(**request)


def test_an_import_that_aws_stops_says_where_and_goes_on_from_there():
    products = [product(f"book-{number}") for number in range(3)]
    with moto_edges() as edges:
        slow = replace(edges, clients=SimpleNamespace(dynamodb=Throttled(edges.clients.dynamodb, 3)))
        with pytest.raises(Problem, match=r"stopped at book-1, with 1 of 3 products imported: .*ThrottlingException"):
            import_products(slow, products)
        import_products(edges, products)
        assert {row.sku: row.on_hand for row in Stock(edges).scan()} == {each.sku: 40 for each in products}
