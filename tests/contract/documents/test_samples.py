"""The sample data: well-formed, consistent with itself, and every line can come to the end that it names."""

import json
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from checkout_api.http.problems import HttpProblem
from checkout_api.http.requests import ProductAsked, parse_order
from checkout_api.orders.placing import at_expected_total
from edges.settings import Settings
from infrastructure.stages import LOCAL
from orderwire.workplace.samples import SampleError, SampleProduct, load_catalog, load_orders
from tables.catalog import ProductRow

SAMPLES = Path(__file__).parents[3] / "samples"
PRODUCTS = {product.sku: product for product in load_catalog(SAMPLES / "catalog.csv")}
ORDERS = load_orders(SAMPLES / "orders.jsonl")
ACCEPTED = [order for order in ORDERS if not order.refused]
GROUPS = defaultdict(list)
for _order in ORDERS:
    if _order.group:
        GROUPS[_order.group.name].append(_order)
RESERVING = [order for order in ACCEPTED if order.expect != "rejected"]


def wanted(order):
    """sku -> copies"""
    return {item["sku"]: item["quantity"] for item in order.order["items"]}


def total(items):
    value = sum((PRODUCTS[sku].price * int(quantity) for sku, quantity in items.items()), Decimal())
    return value + (0 if value > 2000 else 10)


def contested(name):
    """The one product for which the lines of a group compete: it is too few for all of them."""
    asked = sum((Counter(wanted(order)) for order in GROUPS[name]), Counter())
    [sku] = [sku for sku, copies in asked.items() if copies > PRODUCTS[sku].stock]
    return sku


CONTESTED = {name: contested(name) for name in GROUPS}


def test_there_are_enough_books_and_orders():
    assert len(PRODUCTS) >= 60
    assert len(ORDERS) >= 150


def test_every_sku_is_an_isbn_with_its_check_digit():
    for sku in PRODUCTS:
        assert sku[:3] in ("978", "979")
        assert sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(sku)) % 10 == 0, sku


def test_every_book_has_a_text_and_a_price_and_stocks_vary():
    assert all(len(each.description) > 30 and each.description.endswith(".") for each in PRODUCTS.values())
    assert all(5 <= each.price <= 100 for each in PRODUCTS.values())
    assert len({(each.name, each.author) for each in PRODUCTS.values()}) == len(PRODUCTS)
    stocks = [each.stock for each in PRODUCTS.values()]
    assert {0, 1} <= set(stocks)
    assert len(set(stocks)) > 20


def test_customers_are_many_and_no_address_is_anybodys():
    known = {}
    for order in ACCEPTED:
        address = known.setdefault(order.order["customer_id"], order.order["customer_email"])
        assert address == order.order["customer_email"]
        assert address.endswith(("@example.com", "@example.org", "@example.net"))
    assert len(known) > 100
    assert len(set(known.values())) == len(known)


def test_accepted_orders_ask_for_books_of_the_catalog():
    for order in ACCEPTED:
        assert 1 <= len(order.order["items"]) <= 50
        assert len(wanted(order)) == len(order.order["items"])
        assert set(wanted(order)) <= set(PRODUCTS), order.note


def test_stock_suffices_for_all_orders_that_are_not_meant_to_be_short_whichever_comes_first():
    needed = sum((Counter(wanted(order)) for order in RESERVING), Counter())
    short = {sku for sku, copies in needed.items() if copies > PRODUCTS[sku].stock}
    assert short == set(CONTESTED.values())


@pytest.mark.parametrize("order", [order for order in ORDERS if order.expect == "rejected"], ids=lambda each: each.key)
def test_an_order_that_must_be_rejected_is_short_even_if_it_comes_first(order):
    assert any(copies > PRODUCTS[sku].stock for sku, copies in wanted(order).items())


@pytest.mark.parametrize("name", GROUPS)
def test_of_a_group_exactly_as_many_as_it_says_get_a_last_copy(name):
    sku, members = contested(name), GROUPS[name]
    [each] = {wanted(order)[sku] for order in members}
    assert PRODUCTS[sku].stock // each == members[0].group.winners < len(members)
    assert members[0].group.otherwise == "rejected"
    others = [order for order in RESERVING if order not in members and sku in wanted(order)]
    assert others == []


def test_the_last_copy_is_wanted_by_three_customers():
    for name in ("last-copy-of-the-trial", "last-copy-of-bleak-house"):
        assert PRODUCTS[contested(name)].stock == 1
        assert len({order.order["customer_id"] for order in GROUPS[name]}) == 3


def test_expected_totals_are_the_catalogs_prices_with_shipping_and_others_are_refused():
    right = [order for order in ACCEPTED if "expected_total" in order.order]
    assert len(right) > 30
    for order in right:
        assert total(wanted(order)) == Decimal(str(order.order["expected_total"])), order.note
    wrong = [order for order in ORDERS if order.refused == 409]
    assert len(wrong) == 2
    for order in wrong:
        assert total(wanted(order)) != Decimal(str(order.order["expected_total"])), order.note


def test_shipping_is_charged_up_to_2000_and_free_above():
    values = [total(wanted(order)) for order in ACCEPTED]
    assert Decimal("2010.00") in values
    assert sum(value > 2010 for value in values) >= 4


def at_least(count, condition):
    """Orders of this kind are there, refused ones included."""
    assert len([order for order in ORDERS if condition(order)]) >= count


def actions(order):
    return [step.action for step in order.steps]


def test_all_kinds_of_orders_are_there():
    for token, count in (("tok_declined", 8), ("tok_flaky", 6), ("tok_slow", 3), ("tok_lost", 4)):
        at_least(count, lambda order, token=token: order.order.get("payment_token") == token)
    for status in ("rejected", "cancelled", "shipped", "refunded", "processed", "payment_failed"):
        at_least(4, lambda order, status=status: order.expect == status)
    at_least(30, lambda order: len(order.order["items"]) == 1 and order.expect == "confirmed")
    at_least(1, lambda order: len(order.order["items"]) == 50 and order.expect == "confirmed")
    at_least(1, lambda order: 999 in wanted(order).values() and order.expect == "confirmed")
    at_least(3, lambda order: actions(order) == ["cancel"])
    at_least(3, lambda order: actions(order) == ["await", "cancel"])
    at_least(4, lambda order: "resubmit" in actions(order))
    at_least(3, lambda order: "reuse-key" in actions(order))
    at_least(12, lambda order: order.refused == 422)
    at_least(2, lambda order: order.refused == 422 and set(wanted(order)) - set(PRODUCTS))


def test_a_key_reused_for_another_body_of_the_same_customer_is_refused():
    for order in ACCEPTED:
        assert all(step.refused == 422 for step in order.steps if step.action == "reuse-key")
        if order.other_order:
            assert order.other_order != order.order
            assert order.other_order["customer_id"] == order.order["customer_id"]


def test_what_an_admin_may_not_do_any_more_is_a_conflict():
    refused = [step for order in ACCEPTED for step in order.steps if step.refused and step.action != "reuse-key"]
    assert {step.action for step in refused} == {"process", "ship", "cancel", "refund"}
    assert {step.refused for step in refused} == {409}


def test_two_customers_may_send_the_same_key_and_nobody_else_shares_one():
    keys = Counter(order.key for order in ORDERS)
    assert [count for count in keys.values() if count > 1] == [2]


CATALOG = {sku: ProductRow(**product.model_dump(exclude={"stock", "threshold"})) for sku, product in PRODUCTS.items()}


def refusal(order):
    """The status with which the API refuses the order's body, or None."""
    try:
        asked = parse_order(json.dumps(order.order).encode())
        at_expected_total(asked, CATALOG, Settings.from_environment(LOCAL.environment))
    except HttpProblem as problem:
        return problem.status
    return None


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order.key)
def test_the_api_takes_or_refuses_each_order_as_its_line_says(order):
    assert refusal(order) == order.refused


# Reading them


def written(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


GOOD = {"note": "n", "key": "k", "order": {"customer_id": "c"}, "expect": "confirmed"}


@pytest.mark.parametrize(("change", "told"), [
    ({"expect": "happy"}, "/expect"),
    ({"expect": "http 202"}, "/expect"),
    ({"key": "two words"}, "/key"),
    ({"note": ""}, "/note"),
    ({"order": []}, "/order"),
    ({"stepps": []}, "/stepps"),
    ({"steps": ["await happiness"]}, "/steps/0: must be 'await <status>' or one of cancel, process"),
    ({"steps": ["cancel", "ship 200"]}, "/steps/1"),
    ({"steps": [7]}, "/steps/0"),
    ({"steps": ["cancel"], "expect": "http 422"}, "a refused order has no steps and no group"),
    ({"steps": ["reuse-key 422"]}, "other_order goes with a step 'reuse-key'"),
    ({"other_order": {}}, "other_order goes with a step 'reuse-key'"),
    ({"group": {"name": "g", "winners": 0, "otherwise": "rejected"}}, "/group/winners"),
    ({"group": {"name": "g", "winners": 1, "otherwise": "rejected"}}, "group g has no line that could lose"),
])  # fmt: skip
def test_a_wrong_line_is_named_with_its_field(tmp_path, change, told):
    good = json.dumps({**GOOD, "key": "other"})
    path = written(tmp_path, "orders.jsonl", f"{good}\n{json.dumps(GOOD | change)}\n")
    with pytest.raises(SampleError) as error:
        load_orders(path)
    assert told in str(error.value)
    assert str(error.value).startswith(f"{path}:" if "group g" in told else f"{path}:2: ")


@pytest.mark.parametrize(("text", "told"), [
    ("{", ":1: is not JSON"),
    ('{"a": NaN}', ":1: is not JSON"),
    (f"{json.dumps(GOOD)}\n\n", ":2: is not JSON"),
    (f"{json.dumps(GOOD)}\n{json.dumps(GOOD)}", ": customer_id and key c k is there twice"),
    (f"[{json.dumps(GOOD)}]", ":1: /"),
])  # fmt: skip
def test_a_file_that_is_no_list_of_orders_is_refused(tmp_path, text, told):
    path = written(tmp_path, "orders.jsonl", text)
    with pytest.raises(SampleError) as error:
        load_orders(path)
    assert str(error.value).startswith(f"{path}{told}")


def test_lines_of_a_group_that_disagree_are_refused(tmp_path):
    group = {"name": "g", "winners": 1, "otherwise": "rejected"}
    lines = [
        GOOD | {"key": str(n), "group": group, "expect": expect} for n, expect in enumerate(("shipped", "confirmed"))
    ]
    with pytest.raises(SampleError, match="the lines of group g differ in what they expect"):
        load_orders(written(tmp_path, "orders.jsonl", "\n".join(map(json.dumps, lines))))


HEAD = "sku,name,author,price,stock,threshold,image,description\n"
MORE = "sku,name,author,price,stock,threshold,image,description,category\n"


@pytest.mark.parametrize(("text", "told"), [
    ("sku,name\n", ":1: the columns must be sku,name,author,"),
    ("", ":1: the columns must be"),
    (HEAD + "b-1,Emma,Jane Austen,1.005,1,0,,\n", ":2: b-1: /price: must have at most two decimals"),
    (HEAD + "b-1,Emma,Jane Austen,cheap,1,0,,\n", ":2: b-1: /price: must be a number"),
    (HEAD + "b-1,Emma,Jane Austen,1.00,1.5,0,,\n", ":2: b-1: /stock: must be a whole number"),
    (HEAD + "b-1,Emma,Jane Austen,1.00,,0,,\n", ":2: b-1: /stock: must be a whole number"),
    (HEAD + "b-1,Emma,Jane Austen,1.00,-1,0,,\n", ":2: b-1: /stock: must be a whole number"),
    (HEAD + "b 1,Emma,Jane Austen,1.00,1,0,,\n", ":2: b 1: /sku"),
    (HEAD + "b-1,Emma,Jane Austen,1.00,1,0\n", ":2: b-1: has 6 values for 8 columns"),
    (HEAD + "b-1,Emma,Jane Austen,1.00,1,0,,,\n", ":2: b-1: has 9 values for 8 columns"),
    (MORE + "b-1,Emma,Jane Austen,1.00,1,0,,\n", ":2: b-1: has 8 values for 9 columns"),
    (MORE + f"b-1,Emma,Jane Austen,1.00,1,0,,,{'x' * 101}\n", ":2: b-1: /category: "),
    (HEAD.strip() + ",genre\n", f":1: the columns must be {HEAD.strip()}, and may have category besides"),
    (HEAD + 'b-1,"Emma"!,J,1,1,0,,\n', ":2: is not CSV: "),
    (HEAD + "b-1,Emma,J,1,1,0,,\nb-1,Emma,J,1,1,0,,\n", ":3: b-1: is in line 2 already"),
    (HEAD + "b-1,Emma,J,1,1,0,javascript:alert(1),\n", ":2: b-1: /image: "),
    (HEAD + f"b-1,Emma,J,1,1,0,,{'x' * 4001}\n", ":2: b-1: /description: "),
    (HEAD + '\n\nb-0,Two,J,1,1,0,,"Two\nlines"\n"b\n2",Emma,J,1,1,0,,\n', ":6: b 2: /sku: "),
])  # fmt: skip
def test_a_wrong_catalog_is_refused_with_line_and_column(tmp_path, text, told):
    path = written(tmp_path, "catalog.csv", text)
    with pytest.raises(SampleError) as error:
        load_catalog(path)
    assert str(error.value).startswith(f"{path}{told}")


def test_every_fault_of_a_catalog_is_told_at_once(tmp_path):
    lines = [f"b-{number},Emma,J,{price},1,0,,\n" for number, price in enumerate(["1", "x", "1.5", "1.001", "2"])]
    path = written(tmp_path, "catalog.csv", HEAD + "".join(lines))
    with pytest.raises(SampleError) as error:
        load_catalog(path, lambda product: [("/price", "is odd")] if product.price == 2 else [])
    assert [line.split(": ")[:3] for line in str(error.value).split("\n")] == [
        [f"{path}:3", "b-1", "/price"],
        [f"{path}:5", "b-3", "/price"],
        [f"{path}:6", "b-4", "/price"],
    ]


def test_of_a_catalog_that_is_wrong_throughout_twenty_lines_are_told(tmp_path):
    path = written(tmp_path, "catalog.csv", HEAD + "".join(f"b-{number},,J,1,1,0,,\n" for number in range(25)))
    with pytest.raises(SampleError, match=r"and 5 lines more$"):
        load_catalog(path)


@pytest.mark.parametrize("field", ["name", "author", "price", "threshold", "image", "description", "category"])
def test_a_catalog_takes_nothing_that_the_api_refuses(field):
    for value in ("", "x" * 201, "x" * 4001, "\0", "javascript:x", Decimal("1.001"), Decimal(-1), Decimal(10) ** 9):
        sample = {
            "sku": "b-1",
            "name": "Emma",
            "author": "J",
            "price": 1,
            "threshold": 0,
            "image": "",
            "description": "",
            "category": "",
        }
        asked = {**sample, field: value}
        try:
            SampleProduct.model_validate({**asked, "stock": 1})
        except ValidationError:
            continue
        ProductAsked.model_validate({name: asked[name] for name in ProductAsked.model_fields})


def test_a_catalog_from_a_spreadsheet_may_begin_with_a_byte_order_mark(tmp_path):
    path = written(tmp_path, "catalog.csv", "\ufeff" + HEAD + 'b-1,"Emma, again",Jane Austen,9.5,1,0,,\n')
    [product] = load_catalog(path)
    assert (product.name, str(product.price)) == ("Emma, again", "9.50")


def test_files_in_another_encoding_are_refused(tmp_path):
    path = tmp_path / "latin-1"
    path.write_bytes((HEAD + "b-1,Jane Eyre,Charlotte Brontë,9.5,1,0,,\n").encode("latin-1"))
    with pytest.raises(SampleError, match="latin-1:2: is not in UTF-8"):
        load_catalog(path)
    path.write_bytes(json.dumps({**GOOD, "note": "Brontë"}, ensure_ascii=False).encode("latin-1"))
    with pytest.raises(SampleError, match="latin-1:1: is not JSON"):
        load_orders(path)
