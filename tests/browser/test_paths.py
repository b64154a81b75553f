"""The pages work wherever they are put: at the root of a host, below a stage's path, behind a proxy."""

import pytest
from playwright.sync_api import Page, expect

from tests.support.pages.shop_pages import Shop


def test_a_shopper_buys_and_an_admin_handles_below_a_stages_path(behind_a_path: Shop, page: Page) -> None:
    shop = behind_a_path.seen_by(page)
    shop.stock("path-1", "Below a Path")
    shop.to_checkout("Below a Path")
    shop.email.fill("ada@example.com")
    shop.order_button.click()
    expect(shop.heading).to_have_text("Your order is confirmed")
    order_id = shop.order_id()
    page.get_by_role("link", name="Behind the counter").click()
    shop.give(shop.login.username, shop.login.password)
    order = page.get_by_role("row").filter(has_text=order_id)
    order.get_by_role("button", name="Handle").click()
    expect(order).to_contain_text("Being packed")
    page.get_by_role("link", name="To the shop").click()
    expect(page.locator(".book").first).to_be_visible()
    assert page.url.startswith(f"{shop.url}/")


@pytest.mark.parametrize(("asked", "got"), [("/", "/"), ("/admin", "/admin"), ("/admin/", "/admin")])
def test_a_slash_too_many_leads_to_the_same_page(behind_a_path: Shop, page: Page, asked: str, got: str) -> None:
    page.goto(f"{behind_a_path.url}{asked}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.url == f"{behind_a_path.url}{got}"


def test_two_shops_on_one_host_do_not_share_a_basket(behind_a_path: Shop, page: Page) -> None:
    shop = behind_a_path.seen_by(page)
    shop.stock("path-2", "In One Basket")
    shop.open()
    shop.take("In One Basket")
    keys = page.evaluate("Object.keys(localStorage)")
    assert keys == ["orderwire:/api/:basket"]
