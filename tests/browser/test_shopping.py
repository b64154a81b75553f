"""A shopper finds books, buys them, and sees what becomes of the order."""

import re

from playwright.sync_api import Route, expect

from tests.support.pages.shop_pages import Shop


def test_a_shopper_buys_two_books_and_sees_the_order_settle(shop: Shop, width: int) -> None:
    shop.page.set_viewport_size({"width": width, "height": 844})
    shop.stock("buy-1", "Bought Together I", 12.50)
    shop.stock("buy-2", "Bought Together II", 7.25)
    shop.to_checkout("Bought Together I", "Bought Together II")
    expect(shop.order_button).to_have_text("Order for €29.75")
    shop.email.fill("ada@example.com")
    shop.order_button.click()
    expect(shop.heading).to_have_text("Your order is confirmed")
    shop.expect_events("Order received", "Books set aside", "Paid")
    expect(shop.page.get_by_role("link", name="Basket")).to_have_text("Basket")
    assert shop.status(shop.order_id()) == "confirmed"


def test_the_order_page_stops_following_once_nothing_more_is_expected(shop: Shop) -> None:
    shop.stock("rest-1", "Resting")
    order_id = shop.confirmed("rest-1")
    shop.page.clock.install()
    shop.open(f"orders/{order_id}")
    shop.expect_events("Order received", "Books set aside", "Paid")
    expect(shop.page.get_by_text("This page follows along by itself.")).to_be_visible()
    shop.page.clock.fast_forward(10_000)
    again = shop.page.get_by_role("button", name="Look again")
    expect(again).to_be_visible()
    shop.admin.decide(order_id, "process").require_ok()
    again.click()
    expect(shop.heading).to_have_text("Your order is being packed")
    shop.expect_events("Order received", "Books set aside", "Paid", "In hand")
    shop.page.clock.fast_forward("24:00:00")
    shop.page.reload()
    expect(shop.page.locator(".timeline time").first).to_have_text(re.compile("^[0-9]+ [A-Z][a-z]+, "))


def test_the_order_page_goes_on_when_the_server_was_away(shop: Shop) -> None:
    shop.stock("away-1", "Away")
    order_id = shop.confirmed("away-1")
    shop.page.route("**/orders/*", lambda route: route.fulfill(status=503, json={"detail": "Busy."}))
    shop.open(f"orders/{order_id}")
    expect(shop.page.get_by_text("The shop does not answer just now.")).to_be_visible()
    shop.page.unroute("**/orders/*")
    expect(shop.heading).to_have_text("Your order is confirmed")


def test_search_finds_by_title_and_author_whatever_the_accents(shop: Shop) -> None:
    shop.stock("find-1", "Älskarinnan på kusten", author="Åsa Öberg")
    shop.open()
    search = shop.page.get_by_role("searchbox", name="Search")
    search.fill("oberg alskar")
    expect(shop.book("Älskarinnan på kusten")).to_be_visible()
    expect(shop.page.locator(".book")).to_have_count(1)
    search.fill("no such book anywhere")
    expect(shop.page.get_by_text("Nothing here by that name.")).to_be_visible()


def test_the_basket_outlives_a_reload_and_is_the_same_in_another_tab(shop: Shop) -> None:
    shop.stock("keep-1", "Kept")
    shop.open()
    shop.take("Kept")
    other = shop.page.context.new_page()
    other.goto(f"{shop.url}/#/basket")
    expect(other.get_by_role("heading", name="Kept")).to_be_visible()
    other.get_by_role("button", name="One copy more of Kept").click()
    expect(shop.page.get_by_role("link", name="Basket")).to_have_text("Basket (2)")
    other.reload()
    expect(other.get_by_label("Copies of Kept")).to_have_value("2")
    other.get_by_role("button", name="Take out Kept").click()
    expect(other.get_by_text("There is nothing in it yet.")).to_be_visible()
    expect(shop.page.get_by_role("link", name="Basket")).to_have_text("Basket")


def test_what_is_wrong_is_said_at_its_field_and_the_order_goes_through_once_it_is_right(shop: Shop) -> None:
    shop.stock("wrong-1", "Wrongly Addressed")
    shop.to_checkout("Wrongly Addressed")
    shop.email.fill("not an address")
    shop.order_button.click()
    expect(shop.email).to_have_attribute("aria-invalid", "true")
    expect(shop.email).to_have_accessible_description(re.compile("must be an e-mail address such as ada@example.com"))
    expect(shop.email).to_be_focused()
    assert shop.orders_of("wrong-1") == []
    shop.email.fill("ada@example.com")
    shop.order_button.click()
    expect(shop.heading).to_have_text("Your order is confirmed")


def test_a_book_that_is_no_longer_sold_is_pointed_at_in_the_order(shop: Shop) -> None:
    shop.stock("gone-1", "Still Sold")
    shop.stock("gone-2", "Just Withdrawn")
    shop.to_checkout("Still Sold", "Just Withdrawn")
    shop.email.fill("ada@example.com")
    problem = {"detail": "Wrong.", "errors": [{"pointer": "/items/1/sku", "detail": "is not in the catalog"}]}
    shop.page.route("**/orders", lambda route: route.fulfill(status=422, json=problem))
    shop.order_button.click()
    line = shop.page.get_by_role("complementary").get_by_role("listitem").filter(has_text="Just Withdrawn")
    expect(line).to_contain_text("This is not in the catalog.")
    expect(line).to_be_focused()


def test_an_error_without_a_field_of_its_own_is_said_above_the_form(shop: Shop) -> None:
    shop.stock("elsewhere-1", "Elsewhere")
    shop.to_checkout("Elsewhere")
    errors = [
        {"pointer": "/items", "detail": "come to more than is allowed"},
        {"pointer": "/parcel", "detail": "is too heavy"},
    ]
    problem = {"detail": "Wrong.", "errors": errors}
    shop.page.route("**/orders", lambda route: route.fulfill(status=422, json=problem))
    shop.order_button.click()
    told = shop.page.get_by_role("alert")
    expect(told).to_contain_text("The books come to more than is allowed.")
    expect(told).to_contain_text("/parcel: is too heavy")


def test_a_price_that_changed_is_explained_and_nothing_is_ordered_before_the_shopper_agrees(shop: Shop) -> None:
    shop.stock("price-1", "Getting Dearer", 10.00)
    shop.to_checkout("Getting Dearer")
    shop.email.fill("ada@example.com")
    shop.stock("price-1", "Getting Dearer", 11.50, copies=0)
    shop.order_button.click()
    told = shop.page.get_by_role("alert")
    expect(told).to_contain_text("your order now comes to €21.50. Nothing has been ordered yet.")
    expect(told).to_contain_text("Getting Dearer now costs €11.50 instead of €10.00.")
    assert shop.orders_of("price-1") == []
    expect(shop.order_button).to_have_text("Order for €21.50")
    shop.order_button.click()
    expect(shop.heading).to_have_text("Your order is confirmed")


def test_whoever_has_too_many_unpaid_orders_is_told_so_at_once_and_may_order_when_there_is_a_place_again(
    shop: Shop,
) -> None:
    shop.stock("unpaid-1", "Not Yet")
    shop.to_checkout("Not Yet")
    shop.email.fill("ada@example.com")
    tried: list[str] = []
    told = "Too many orders of yours are not paid, so this one was not taken. Try again in 6 hours."
    problem = {"type": "urn:orderwire:problem:too-many-unpaid", "status": 429, "detail": told}

    def refuse(route: Route) -> None:
        tried.append(route.request.method)
        route.fulfill(status=429, json=problem, headers={"Retry-After": "21600"})

    shop.page.route("**/orders", refuse)
    shop.order_button.click()
    expect(shop.page.get_by_role("alert")).to_have_text(told)
    assert tried == ["POST"]
    shop.page.unroute("**/orders")
    shop.order_button.click()
    expect(shop.heading).to_have_text("Your order is confirmed")
    assert len(shop.orders_of("unpaid-1")) == 1


def test_what_cannot_be_paid_is_told_and_the_books_are_in_the_basket_again_once(shop: Shop) -> None:
    shop.stock("declined-1", "Declined")
    shop.to_checkout("Declined")
    shop.email.fill("ada@example.com")
    shop.page.get_by_label("Test card").select_option("A card that is declined")
    shop.order_button.click()
    expect(shop.heading).to_have_text("The payment was refused")
    expect(shop.page.get_by_text("Nothing was charged. You may order again.")).to_be_visible()
    expect(shop.page.locator(".timeline strong", has_text="Payment refused")).to_be_visible()
    failed = shop.page.url
    expect(shop.page.get_by_text("Its books are in your basket again.")).to_be_visible()
    shop.page.get_by_role("link", name="To the basket").click()
    expect(shop.page.get_by_label("Copies of Declined")).to_have_value("1")
    shop.page.get_by_role("link", name="To the checkout").click()
    expect(shop.email).to_have_value("ada@example.com")
    expect(shop.page.get_by_label("Test card")).to_have_value("tok_ok")
    shop.order_button.click()
    expect(shop.heading).to_have_text("Your order is confirmed")
    shop.page.goto(failed)
    expect(shop.heading).to_have_text("The payment was refused")
    expect(shop.page.get_by_text("Its books are in your basket again.")).to_have_count(0)
    expect(shop.page.get_by_role("link", name="Basket")).to_have_text("Basket")


def test_what_is_not_there_in_full_is_refused_and_the_shortage_told(shop: Shop) -> None:
    shop.stock("short-1", "In Short Supply", copies=2)
    shop.open()
    expect(shop.book("In Short Supply")).to_contain_text("Only 2 left")
    shop.take("In Short Supply")
    shop.open("basket")
    shop.page.get_by_label("Copies of In Short Supply").fill("3")
    shop.page.keyboard.press("Tab")
    expect(shop.page.get_by_text("There are only 2; more cannot be sent.")).to_be_visible()
    shop.page.get_by_role("link", name="To the checkout").click()
    shop.email.fill("ada@example.com")
    shop.order_button.click()
    expect(shop.heading).to_have_text("We could not fulfil this order")
    expect(shop.page.get_by_text("You asked for 3 of “In Short Supply”; 2 are left.")).to_be_visible()
    expect(shop.page.get_by_text("Its books are in your basket again.")).to_be_visible()
    expect(shop.page.get_by_role("link", name="Basket (3)")).to_be_visible()


def test_a_book_that_is_out_of_stock_cannot_be_put_into_the_basket(shop: Shop) -> None:
    shop.stock("none-1", "None Left", copies=0)
    shop.open()
    expect(shop.book("None Left")).to_contain_text("Out of stock")
    expect(shop.book("None Left").get_by_role("button")).to_have_count(0)


def test_this_browser_remembers_its_orders(shop: Shop) -> None:
    shop.stock("mine-1", "Mine", 30.00)
    shop.to_checkout("Mine")
    shop.email.fill("ada@example.com")
    shop.order_button.click()
    expect(shop.heading).to_have_text("Your order is confirmed")
    address = shop.page.url
    shop.page.get_by_role("link", name="Your orders").click()
    shop.page.get_by_role("main").get_by_role("link").click()
    expect(shop.heading).to_have_text("Your order is confirmed")
    assert shop.page.url == address


def test_an_address_of_no_order_says_so(shop: Shop) -> None:
    shop.open("orders/ord_nobodys")
    expect(shop.page.get_by_role("alert")).to_have_text("There is no order with this address.")
