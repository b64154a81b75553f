"""The smoke order on a running machine: through the whole saga and back, and noticed by nobody."""

import json
import re

import pytest

from orderwire.console.problem import Problem
from orderwire.console.waiting import wait_until
from orderwire.release.smoke.smoke import smoke
from tables.catalog import SMOKE_SKU
from tables.mails import Mails
from tables.metrics import Metrics
from tables.order_log import OrderLog
from tables.payments import Payments
from tables.stock import Stock
from tests.support.machine import PATIENCE, copy_of_checkout, machine

pytestmark = pytest.mark.xdist_group("smoke")


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("smoke")
    with machine(folder / "home", copy_of_checkout(folder)) as made:
        made.start()
        yield made


def stock(shop):
    return {row.sku: (row.on_hand, row.reserved, row.shipped) for row in Stock(shop.target.edges).scan()}


def users(shop):
    pool = json.loads(shop.target.edges.parameter("cognito"))["pool_id"]
    return [each["Username"] for each in shop.target.edges.clients.cognito.list_users(UserPoolId=pool)["Users"]]


def backed_up(shop):
    return {each["order_id"] for each in shop.json("search", "--since", "1h")}


def figures(shop):
    return [hour for _, hour in Metrics(shop.target.edges).hours(2)]


def test_a_smoke_order_goes_through_everything_and_leaves_nothing_behind(shop):
    """What an order after it has left by then, it would have left as well."""
    before, catalog, logins = stock(shop), shop.api.request("GET", "/catalog").body, users(shop)
    done = shop.orderwire("smoke", "local")
    assert done.code == 0, done.err
    order_id = done.out.split()[1]
    assert "nobody has noticed" in done.out
    edges = shop.target.edges
    payment = Payments(edges).get(order_id)
    assert (payment.test, payment.status) == (True, "refunded")
    after = stock(shop)
    assert after.pop(SMOKE_SKU) == (100, 0, 0)
    assert after == before
    assert shop.api.request("GET", "/catalog").body == catalog
    assert users(shop) == logins
    real = shop.place()
    assert wait_until(lambda: sum(hour.orders for hour in figures(shop)) > 0, PATIENCE)
    assert wait_until(lambda: Mails(edges).get(real) and list(OrderLog(edges).scan()), PATIENCE)
    assert wait_until(lambda: backed_up(shop) >= {real}, PATIENCE)
    assert sum(hour.orders for hour in figures(shop)) == 1
    assert Mails(edges).get(order_id) is None
    assert {row.order_id for row in OrderLog(edges).scan()} == {real}
    assert order_id not in backed_up(shop)


def test_the_next_one_orders_from_the_same_stock(shop):
    assert shop.json("smoke", "local")["order_id"]
    assert stock(shop)[SMOKE_SKU] == (100, 0, 0)


def test_a_consumer_that_stands_still_is_named_with_what_waits_for_it_and_the_order_is_called_off(shop):
    shop.json("pause", "payment")
    try:
        for patience in ("3", "15", "60", "240"):  # until whoever does not stand still has done its part
            done = shop.orderwire("smoke", "local", "--patience", patience)
            told = " ".join(done.err.split())
            if f"after {patience} s: there is no payment.completed." in told and "inventory:" not in told:
                break
    finally:
        shop.json("resume", "payment")
    assert done.code == 2
    assert f"is not confirmed after {patience} s: there is no payment.completed." in told
    assert re.search(r"payment: [1-9]\d* waiting, 0 in flight", told)
    assert "The order is cancelled." in told
    assert "inventory:" not in told
    assert wait_until(lambda: stock(shop)[SMOKE_SKU] == (100, 0, 0), PATIENCE)
    assert [name for name in users(shop) if name.startswith("smoke-")] == []


def test_nothing_is_placed_if_a_rule_would_tell_somebody(shop):
    events, bus = shop.target.edges.clients.events, shop.target.edges.settings.bus
    events.put_rule(Name="by-hand", EventBusName=bus, EventPattern='{"detail-type": ["payment.refunded"]}')
    orders = len(shop.json("order", "list"))
    try:
        with pytest.raises(Problem, match="No smoke order was placed, for these rules would hear it: by-hand"):
            smoke(shop.target.client, shop.target.stage, print, shop.api)
    finally:
        events.delete_rule(Name="by-hand", EventBusName=bus)
    assert len(shop.json("order", "list")) == orders


@pytest.mark.parametrize("command", [("publish", "--stage"), ("diff", "--against")], ids=" ".join)
def test_a_laptop_has_no_schema_registry_and_says_so(shop, command):
    done = shop.orderwire("schemas", *command, "local")
    assert done.code == 2
    assert "has no EventBridge schema registry" in done.err
