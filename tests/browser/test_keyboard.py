"""Everything works without a mouse, and the focus is never lost."""

import re

from playwright.sync_api import Page, expect

from tests.support.pages.shop_pages import Shop

FOCUSED = """() => {
  const node = document.activeElement;
  const label = node.labels?.[0]?.textContent ?? node.getAttribute('aria-label') ?? node.textContent;
  return label.trim();
}"""
MOST_TABS = 60


def tab_to(page: Page, name: str) -> None:
    """Presses Tab until what bears the name has the focus."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if re.fullmatch(name, page.evaluate(FOCUSED)):
            return
    raise AssertionError(f"Tab does not reach {name!r}")


def test_a_purchase_needs_no_mouse(shop: Shop) -> None:
    page = shop.page
    shop.stock("keys-1", "By Keyboard Alone")
    shop.open()
    expect(page.get_by_role("searchbox", name="Search")).to_be_visible()
    tab_to(page, "Search")
    page.keyboard.type("by keyboard alone")
    expect(page.locator(".book")).to_have_count(1)
    tab_to(page, "Add to basket")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="2 copies in the basket")).to_be_attached()
    page.reload()
    expect(page.locator(".book").first).to_be_visible()
    tab_to(page, r"Basket \(2\)")
    page.keyboard.press("Enter")
    expect(shop.heading).to_be_focused()
    expect(page.get_by_role("link", name="To the checkout")).to_be_visible()
    tab_to(page, "To the checkout")
    page.keyboard.press("Enter")
    expect(shop.order_button).to_be_visible()
    tab_to(page, "E-mail")
    page.keyboard.type("nonsense")
    page.keyboard.press("Enter")
    expect(shop.email).to_be_focused()
    expect(shop.email).to_have_attribute("aria-invalid", "true")
    page.keyboard.press("Control+A")
    page.keyboard.type("ada@example.com")
    tab_to(page, "Test card")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    tab_to(page, "Order for .*")
    page.keyboard.press("Enter")
    expect(shop.heading).to_have_text("Your order is confirmed")
    expect(shop.heading).to_be_focused()


def test_the_skip_link_leads_past_the_navigation(shop: Shop) -> None:
    shop.open()
    expect(shop.page.locator(".book").first).to_be_visible()
    shop.page.keyboard.press("Tab")
    expect(shop.page.get_by_role("link", name="Skip to the content")).to_be_focused()
    shop.page.keyboard.press("Enter")
    expect(shop.page.get_by_role("main")).to_be_focused()
    shop.page.keyboard.press("Tab")
    expect(shop.page.get_by_role("searchbox")).to_be_focused()


def test_an_admin_decides_without_a_mouse(shop: Shop) -> None:
    page = shop.page
    shop.stock("keys-2", "Decided By Keyboard")
    order_id = shop.confirmed("keys-2")
    shop.log_in(f"orders/{order_id}")
    expect(page.get_by_role("button", name="Handle")).to_be_visible()
    tab_to(page, f"Handle order {order_id}")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Ship")).to_be_focused()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Has the parcel left?")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).not_to_be_attached()
    assert shop.status(order_id) == "processed"
    expect(page.get_by_role("button", name="Ship")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, "Ship it")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Refund")).to_be_focused()
    assert shop.status(order_id) == "shipped"
