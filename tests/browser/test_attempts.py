"""An order is placed once, whatever becomes of its answer, its tab and its browser meanwhile."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support.pages.shop_pages import Shop


def test_an_order_whose_answers_are_lost_is_placed_once(shop: Shop) -> None:
    shop.stock("lost-1", "Answer Lost")
    shop.to_checkout("Answer Lost")
    shop.email.fill("ada@example.com")
    keys = lose_answers(shop.page, 2)
    shop.order_button.click()
    expect(shop.heading).to_have_text("Your order is confirmed")
    assert len(keys) == 3
    assert len(set(keys)) == 1
    assert len(shop.orders_of("lost-1")) == 1


def test_what_was_typed_at_the_checkout_outlives_a_reload(shop: Shop) -> None:
    shop.stock("typed-1", "Typed Once")
    shop.to_checkout("Typed Once")
    shop.email.fill("ada@example.com")
    shop.page.get_by_label("Test card").select_option("A card that is declined")
    shop.page.reload()
    expect(shop.email).to_have_value("ada@example.com")
    expect(shop.page.get_by_label("Test card")).to_have_value("tok_declined")


def test_an_order_given_up_on_is_found_again_after_a_reload_however_its_address_is_typed(shop: Shop) -> None:
    shop.stock("again-1", "Found Again")
    shop.to_checkout("Found Again")
    shop.email.fill("ada@example.com")
    keys = lose_answers(shop.page, 4)
    shop.order_button.click()
    expect(shop.page.get_by_role("alert")).to_contain_text("may have been accepted all the same")
    shop.page.reload()
    expect(shop.page.get_by_text("No answer came to your order.")).to_be_visible()
    expect(shop.email).to_have_value("ada@example.com")
    shop.email.fill("Ada@Example.com")
    shop.order_button.click()
    expect(shop.heading).to_have_text("Your order is confirmed")
    assert len(set(keys)) == 1
    assert len(shop.orders_of("again-1")) == 1


def test_what_is_changed_after_a_lost_answer_leads_to_the_order_that_was_accepted(shop: Shop) -> None:
    shop.stock("changed-1", "Mistyped")
    shop.to_checkout("Mistyped")
    shop.email.fill("ada@example.con")
    lose_answers(shop.page, 4)
    shop.order_button.click()
    expect(shop.page.get_by_role("alert")).to_contain_text("never placed twice, even if you change something")
    shop.email.fill("ada@example.com")
    shop.order_button.click()
    expect(shop.page.get_by_text("This is what you ordered before your last change")).to_be_visible()
    expect(shop.heading).to_have_text("Your order is confirmed")
    assert len(shop.orders_of("changed-1")) == 1
    shop.page.reload()
    expect(shop.heading).to_have_text("Your order is confirmed")
    expect(shop.page.get_by_text("This is what you ordered before your last change")).to_have_count(0)


def test_an_order_whose_answer_was_an_error_of_the_server_may_have_been_accepted(shop: Shop) -> None:
    """A 500 may come after the order was written."""
    shop.stock("failed-1", "Failed Afterwards")
    shop.to_checkout("Failed Afterwards")
    shop.email.fill("ada@example.con")

    def fail_after(route: Route) -> None:
        route.fetch()
        route.fulfill(status=500, json={"detail": "Something went wrong."})

    shop.page.route("**/orders", fail_after)
    shop.order_button.click()
    expect(shop.page.get_by_role("alert")).to_contain_text("may have been accepted all the same", timeout=15_000)
    shop.page.unroute("**/orders")
    shop.email.fill("ada@example.com")
    shop.order_button.click()
    expect(shop.page.get_by_text("This is what you ordered before your last change")).to_be_visible()
    assert len(shop.orders_of("failed-1")) == 1


def test_what_is_changed_after_an_order_that_never_arrived_is_ordered_as_changed(shop: Shop) -> None:
    shop.stock("unsent-1", "Never Arrived")
    shop.to_checkout("Never Arrived")
    shop.email.fill("ada@example.con")
    shop.page.route("**/orders", lambda route: route.abort("connectionrefused"))
    shop.order_button.click()
    expect(shop.page.get_by_role("alert")).to_contain_text("may have been accepted all the same")
    shop.page.unroute("**/orders")
    shop.email.fill("ada@example.com")
    shop.order_button.click()
    expect(shop.heading).to_have_text("Your order is confirmed")
    expect(shop.page.get_by_text("This is what you ordered before your last change")).to_have_count(0)
    assert len(shop.orders_of("unsent-1")) == 1


def test_another_tab_asks_before_it_orders_beside_an_order_whose_answer_was_lost(shop: Shop) -> None:
    shop.stock("tabs-1", "In Two Tabs")
    shop.to_checkout("In Two Tabs")
    shop.email.fill("ada@example.com")
    lose_answers(shop.page, 4)
    shop.order_button.click()
    expect(shop.page.get_by_role("alert")).to_contain_text("may have been accepted all the same")
    other = shop.seen_by(shop.page.context.new_page())
    other.open("checkout")
    expect(other.email).to_have_value("")
    other.email.fill("grace@example.com")
    other.order_button.click()
    expect(other.page.get_by_role("alert")).to_contain_text("Is this another one?")
    assert len(shop.orders_of("tabs-1")) == 1
    other.page.get_by_role("button", name="Place this order as well").click()
    expect(other.heading).to_have_text("Your order is confirmed")
    assert len(shop.orders_of("tabs-1")) == 2


def test_a_reload_while_an_order_is_sent_goes_on_with_it(shop: Shop) -> None:
    shop.stock("midway-1", "Midway")
    shop.to_checkout("Midway")
    shop.email.fill("ada@example.com")
    held: list[Route] = []
    shop.page.route("**/orders", lambda route: held.append(route))
    with shop.page.expect_request("**/orders"):
        shop.order_button.click()
    assert held[0].fetch().status == 202
    shop.page.unroute("**/orders")
    shop.page.reload()
    expect(shop.heading).to_have_text("Your order is confirmed")
    assert len(shop.orders_of("midway-1")) == 1
    shop.open("basket")
    expect(shop.page.get_by_text("There is nothing in it yet.")).to_be_visible()


def test_whoever_left_the_checkout_while_the_order_was_sent_finds_it_from_the_empty_basket(shop: Shop) -> None:
    shop.stock("left-1", "Left Behind")
    shop.to_checkout("Left Behind")
    shop.email.fill("ada@example.com")
    held: list[Route] = []
    shop.page.route("**/orders", lambda route: held.append(route))
    with shop.page.expect_request("**/orders"):
        shop.order_button.click()
    shop.page.get_by_role("link", name="Basket").click()
    expect(shop.page.get_by_role("heading", name="Left Behind")).to_be_visible()
    held[0].continue_()
    shop.page.get_by_role("link", name="See how it stands.").click()
    expect(shop.heading).to_have_text("Your order is confirmed")
    shop.open("basket")
    expect(shop.page.get_by_text("There is nothing in it yet.")).to_be_visible()
    assert len(shop.orders_of("left-1")) == 1


def test_the_same_basket_bought_twice_is_two_orders(shop: Shop) -> None:
    shop.stock("twice-1", "Bought Twice")
    for _ in range(2):
        shop.to_checkout("Bought Twice")
        shop.email.fill("ada@example.com")
        shop.order_button.click()
        expect(shop.heading).to_have_text("Your order is confirmed")
    assert len(shop.orders_of("twice-1")) == 2


def lose_answers(page: Page, most: int) -> list[str]:
    """Lets orders through to the server and drops its first `most` answers; each order's key is in the list."""
    keys: list[str] = []

    def handle(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) > most:
            route.continue_()
            return
        assert route.fetch().status == 202
        route.abort("connectionreset")

    page.route("**/orders", handle)
    return keys


FULL = "void (Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError'); })"


@pytest.mark.parametrize("from_the_start", [True, False])
def test_an_order_is_placed_once_and_leaves_the_basket_when_the_browsers_storage_is_full(
    shop: Shop, from_the_start: bool
) -> None:
    sku = shop.stock(f"full-{from_the_start}", f"Full Up {from_the_start}")
    if from_the_start:
        shop.page.add_init_script(FULL)
    shop.open()
    shop.take(f"Full Up {from_the_start}")
    shop.page.evaluate(FULL)
    shop.page.get_by_role("link", name="Basket").click()
    shop.page.get_by_role("link", name=re.compile("heckout")).click()
    shop.email.fill("ada@example.com")
    shop.order_button.click()
    expect(shop.heading).to_have_text("Your order is confirmed")
    shop.open("basket")
    expect(shop.page.get_by_text("There is nothing in it yet.")).to_be_visible()
    shop.page.reload()
    expect(shop.page.get_by_text("There is nothing in it yet.")).to_be_visible()
    assert len(shop.orders_of(sku)) == 1
