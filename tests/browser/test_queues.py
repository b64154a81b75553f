"""The queues on the admin page: what has dead letters, how old they are, and what can be moved back."""

from playwright.sync_api import expect

from tests.browser.figures import QUEUES
from tests.support.pages.shop_pages import Shop

NONE = "\N{EN DASH}"


def test_dead_letters_are_shown_with_their_age_and_those_without_a_way_back_have_no_button(shop: Shop) -> None:
    shop.page.route("**/queues", lambda route: route.fulfill(json=QUEUES))
    shop.log_in("queues")
    expect(shop.page.get_by_text("no longer than 14 days")).to_be_visible()
    analytics, rules = (shop.page.locator(f"tr[data-queue={name}]") for name in ("analytics", "subscriptions"))
    expect(analytics.get_by_role("cell")).to_have_text(["341", "10", "2", "3 min", "12", "2 h", "Move back"])
    expect(rules.get_by_role("cell")).to_have_text([NONE, NONE, NONE, NONE, "3", "1 min", "Move back"])
    expect(analytics.get_by_role("button")).to_be_visible()
    expect(rules.get_by_role("button")).to_be_hidden()
