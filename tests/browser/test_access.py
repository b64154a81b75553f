"""axe-core finds no serious or critical problem in any state of either page: light and wide, dark and narrow."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.figures import METRICS, QUEUES
from tests.support.pages.axe import Axe
from tests.support.pages.shop_pages import Shop

State = Callable[[Shop], None]

HELD = "Held Against Rechtsschutzversicherungsgesellschaften"
ORDERED = f"Ordered for the {'Incomprehensibilities' * 3}"
"""Words that are too long for a line of a phone."""


def shelf(shop: Shop) -> None:
    shop.open()
    expect(shop.page.locator(".book").first).to_be_visible()


def empty_basket(shop: Shop) -> None:
    shop.open("basket")
    expect(shop.page.get_by_text("There is nothing in it yet.")).to_be_visible()


def basket(shop: Shop) -> None:
    shop.stock("axe-1", HELD, copies=3)
    shop.open()
    shop.take(HELD)
    shop.open("basket")
    shop.page.get_by_label(f"Copies of {HELD}").fill("9")
    shop.page.keyboard.press("Tab")
    expect(shop.page.get_by_text("There are only")).to_be_visible()


def checkout(shop: Shop) -> None:
    shop.stock("axe-1", HELD, copies=3)
    shop.to_checkout(HELD)


def checkout_refused(shop: Shop) -> None:
    checkout(shop)
    problem = {
        "errors": [
            {"pointer": "/customer_email", "detail": "must be an e-mail address"},
            {"pointer": "/payment_token", "detail": "must be known"},
            {"pointer": "/items/0/sku", "detail": "is not in the catalog"},
            {"pointer": "/items", "detail": "come to too much"},
        ]
    }
    shop.page.route("**/orders", lambda route: route.fulfill(status=422, json=problem))
    shop.order_button.click()
    expect(shop.page.get_by_role("alert")).to_be_visible()


def order(shop: Shop) -> None:
    shop.stock("axe-2", ORDERED)
    shop.open(f"orders/{shop.confirmed('axe-2')}")
    expect(shop.heading).to_have_text("Your order is confirmed")


def unknown_order(shop: Shop) -> None:
    shop.open("orders/ord_nobodys")
    expect(shop.page.get_by_role("alert")).to_be_visible()


def your_orders(shop: Shop) -> None:
    checkout(shop)
    shop.email.fill("ada@example.com")
    shop.order_button.click()
    expect(shop.page.locator(".timeline li").first).to_be_visible()
    shop.open("orders")
    expect(shop.page.get_by_role("main").get_by_role("link")).to_be_visible()


def login(shop: Shop) -> None:
    shop.page.goto(f"{shop.url}/admin")
    shop.give("nobody", "wrong")
    expect(shop.page.get_by_role("alert")).to_be_visible()


def admin_orders(shop: Shop) -> None:
    shop.stock("axe-2", ORDERED)
    shop.confirmed("axe-2")
    shop.log_in()
    expect(shop.page.locator("table")).to_be_visible()


def admin_order(shop: Shop) -> None:
    shop.stock("axe-2", ORDERED)
    shop.log_in(f"orders/{shop.confirmed('axe-2')}")
    expect(shop.page.locator(".timeline li").first).to_be_visible()


def dialog(shop: Shop) -> None:
    admin_order(shop)
    shop.page.get_by_role("button", name="Delete").click()
    expect(shop.page.get_by_role("dialog")).to_be_visible()


def queues(shop: Shop) -> None:
    shop.page.route("**/queues", lambda route: route.fulfill(json=QUEUES))
    shop.log_in("queues")
    expect(shop.page.locator("table")).to_be_visible()


def figures(shop: Shop) -> None:
    shop.page.route("**/metrics", lambda route: route.fulfill(json=METRICS))
    shop.log_in("figures")
    shop.page.get_by_text("Orders as a table").click()
    expect(shop.page.get_by_role("figure").locator("table").first).to_be_visible()


def events(shop: Shop) -> None:
    shop.stock("axe-2", ORDERED)
    shop.confirmed("axe-2")
    shop.log_in("events")
    expect(shop.page.locator(".feed li").first).to_be_visible()


STATES: list[State] = [
    shelf, empty_basket, basket, checkout, checkout_refused, order, unknown_order, your_orders,
    login, admin_orders, admin_order, dialog, queues, figures, events,
]  # fmt: skip


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_no_serious_problem_is_found(shop: Shop, axe: Axe, state: State) -> None:
    shop.page.emulate_media(reduced_motion="reduce")
    state(shop)
    for colours, width in (("light", 1280), ("dark", 390)):
        shop.page.emulate_media(color_scheme=colours, reduced_motion="reduce")
        shop.page.set_viewport_size({"width": width, "height": 844})
        assert (colours, width, axe.problems(shop.page)) == (colours, width, [])
        assert overflow(shop.page) <= 0, f"{width} px are too narrow"


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def test_what_is_new_moves_but_not_for_who_asks_for_less_motion(shop: Shop) -> None:
    shop.stock("axe-3", "Moved")
    order_id = shop.confirmed("axe-3")
    shop.open(f"orders/{order_id}")
    expect(shop.page.locator(".timeline li")).to_have_count(3)
    shop.admin.decide(order_id, "process").require_ok()
    news = shop.page.locator(".timeline .news")
    expect(news).to_have_css("animation-name", "arrive")
    shop.page.emulate_media(reduced_motion="reduce")
    expect(news).to_have_css("animation-name", "none")
