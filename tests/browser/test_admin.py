"""An admin logs in and runs the shop."""

import re
from datetime import UTC, datetime
from uuid import uuid4

from playwright.sync_api import Browser, Locator, Route, expect

from orderwire.console.waiting import wait_until
from orderwire.workplace.home import Login
from tests.browser.figures import METRICS
from tests.support.events import created, event
from tests.support.pages.shop_pages import SETTLE_SECONDS, Shop


def row(shop: Shop, order_id: str) -> Locator:
    return shop.page.get_by_role("row").filter(has_text=order_id)


def agree(shop: Shop, label: str, reason: str | None = None) -> None:
    dialog = shop.page.get_by_role("dialog")
    if reason:
        dialog.get_by_label("Reason").fill(reason)
    dialog.get_by_role("button", name=label).click()


def test_a_wrong_password_is_refused_and_the_right_one_let_in(shop: Shop) -> None:
    shop.page.goto(f"{shop.url}/admin")
    shop.give(shop.login.username, "wrong")
    expect(shop.page.get_by_role("alert")).to_have_text("Username or password is wrong.")
    expect(shop.page.locator("#sections")).to_be_hidden()
    shop.give(shop.login.username, shop.login.password)
    expect(shop.heading).to_have_text("Orders")


def test_an_admin_handles_and_ships_an_order_from_the_list(shop: Shop, width: int) -> None:
    shop.page.set_viewport_size({"width": width, "height": 844})
    shop.stock("ship-1", "On Its Way Out")
    order_id = shop.confirmed("ship-1")
    shop.log_in("status/confirmed")
    order = row(shop, order_id)
    expect(order).to_contain_text("Confirmed")
    order.get_by_role("button", name="Handle").click()
    expect(order).to_contain_text("Being packed")
    order.get_by_role("button", name="Ship").click()
    agree(shop, "Ship it")
    expect(order).to_contain_text("Shipped")
    expect(order.get_by_role("button")).to_have_accessible_name(f"Refund order {order_id}")
    assert shop.status(order_id) == "shipped"


def test_the_buttons_are_those_decisions_that_the_api_offers_and_the_page_knows_whatever_the_status(shop: Shop) -> None:
    shop.stock("offer-1", "As Offered")
    order_id = shop.confirmed("offer-1")

    def offer(route: Route) -> None:
        page = route.fetch().json()
        for order in page["orders"]:
            order["decisions"] = ["gift_wrap", "refund"]
        route.fulfill(json=page)

    shop.page.route("**/orders?*", offer)
    shop.log_in()
    expect(row(shop, order_id).get_by_role("button")).to_have_text(["Refund"])


def test_a_shipped_order_is_refunded_with_a_reason_that_the_admins_read(shop: Shop) -> None:
    shop.stock("refund-1", "Sent Back")
    order_id = shop.confirmed("refund-1")
    for decision in ("process", "ship"):
        shop.admin.decide(order_id, decision).require_ok()
    shop.log_in(f"orders/{order_id}")
    shop.page.get_by_role("button", name="Refund").click()
    agree(shop, "Refund it", "Two pages were missing")
    events = shop.page.locator(".timeline strong")
    expect(events.last).to_have_text("Refunded")
    expect(shop.page.get_by_text("Two pages were missing")).to_be_visible()
    shop.open(f"orders/{order_id}")
    expect(shop.page.get_by_text("We have told you more by mail.")).to_be_visible()
    expect(shop.page.get_by_text("Two pages were missing")).to_have_count(0)


def test_an_order_is_deleted_only_when_the_admin_means_it(shop: Shop) -> None:
    shop.stock("delete-1", "Called Off")
    order_id = shop.confirmed("delete-1")
    shop.log_in()
    order = row(shop, order_id)
    order.get_by_role("button", name="Delete").click()
    agree(shop, "Not now")
    assert shop.status(order_id) == "confirmed"
    order.get_by_role("button", name="Delete").click()
    agree(shop, "Delete it", "Ordered twice")
    expect(order).to_contain_text("Cancelled")
    expect(order.get_by_role("button")).to_have_count(0)
    order.get_by_role("link").click()
    expect(shop.page.locator(".timeline strong", has_text="Refunded")).to_be_visible()
    expect(shop.page.get_by_text("Ordered twice")).to_be_visible()


def test_a_decision_that_comes_too_late_is_refused_with_the_reason_and_the_order_shown_as_it_is(shop: Shop) -> None:
    shop.stock("late-1", "Too Late")
    order_id = shop.confirmed("late-1")
    shop.log_in()
    order = row(shop, order_id)
    expect(order).to_contain_text("Confirmed")
    shop.admin.decide(order_id, "cancel").require_ok()
    order.get_by_role("button", name="Handle").click()
    expect(shop.page.get_by_role("alert")).to_contain_text("this one is cancelled")
    expect(order).to_contain_text("Cancelled")


def test_orders_are_shown_a_page_at_a_time(shop: Shop) -> None:
    shop.stock("page-1", "Many Times Over", copies=500)
    placed = [shop.order("page-1") for _ in range(45)]
    newest_first = placed[::-1]
    shop.log_in()
    ids = shop.page.locator("tr[data-order] a")

    def shown() -> list[str]:
        return ids.all_inner_texts()

    assert wait_until(lambda: shown() == newest_first[:20], SETTLE_SECONDS)
    shop.page.get_by_role("button", name="Older").click()
    assert wait_until(lambda: shown() == newest_first[20:40], SETTLE_SECONDS)
    expect(shop.page.get_by_role("button", name="Older")).to_be_focused()
    shop.page.get_by_role("button", name="Older").click()
    assert wait_until(lambda: shown()[:5] == newest_first[40:], SETTLE_SECONDS)
    shop.page.get_by_role("button", name="Newer").click()
    assert wait_until(lambda: shown() == newest_first[20:40], SETTLE_SECONDS)
    shop.page.get_by_role("button", name="Newer").click()
    assert wait_until(lambda: shown() == newest_first[:20], SETTLE_SECONDS)


def test_a_page_that_does_not_load_leaves_the_reader_where_she_was(shop: Shop) -> None:
    shop.stock("page-2", "Never Lost")
    placed = [shop.order("page-2") for _ in range(21)]
    shop.log_in()
    pager = shop.page.locator(".pager")
    expect(pager).to_contain_text("Page 1, 20 orders")
    shop.page.route("**/orders?*cursor=*", lambda route: route.fulfill(status=503, json={"detail": "Busy."}))
    for _ in range(2):
        pager.get_by_role("button", name="Older").click()
        expect(shop.page.get_by_role("alert")).to_contain_text("Busy.")
    expect(pager).to_contain_text("Page 1, 20 orders")
    shop.page.unroute("**/orders?*cursor=*")
    shop.page.get_by_role("button", name="Try again").click()
    expect(pager).to_contain_text("Page 2, ")
    expect(shop.page.locator("tr[data-order] a").first).to_have_text(placed[0])
    pager.get_by_role("button", name="Newer").click()
    expect(pager).to_contain_text("Page 1, 20 orders")
    expect(pager.get_by_role("button", name="Newer")).to_have_count(0)


def test_a_question_is_gone_with_the_page_that_asked_it_and_with_the_session(shop: Shop) -> None:
    shop.stock("asked-1", "Never Asked")
    order_id = shop.confirmed("asked-1")
    shop.log_in()
    order = row(shop, order_id)
    order.get_by_role("link").click()
    expect(shop.heading).to_have_text(f"Order {order_id}")
    shop.page.get_by_role("button", name="Delete").click()
    expect(shop.page.get_by_role("dialog")).to_be_visible()
    shop.page.go_back()
    expect(shop.heading).to_have_text("Orders")
    expect(shop.page.get_by_role("dialog")).to_have_count(0)
    order.get_by_role("button", name="Delete").click()
    expect(shop.page.get_by_role("dialog")).to_be_visible()
    shop.page.evaluate("document.getElementById('log-out').click()")
    expect(shop.page.get_by_label("Password")).to_be_visible()
    expect(shop.page.get_by_role("dialog")).to_have_count(0)
    assert shop.status(order_id) == "confirmed"


def test_the_section_and_the_status_that_are_open_are_marked(shop: Shop) -> None:
    shop.log_in("orders/ord_nobodys")
    for place in ("orders/ord_nobodys", "status/shipped", ""):
        shop.page.goto(f"{shop.url}/admin#/{place}")
        expect(shop.page.locator("header [aria-current]")).to_have_text(["Orders"])
    shop.page.goto(f"{shop.url}/admin#/status/shipped")
    expect(shop.page.locator(".chips [aria-current]")).to_have_text(["Shipped"])
    shop.page.goto(f"{shop.url}/admin#/status/nonsense")
    expect(shop.heading).to_have_text("There is nothing here")


def test_times_are_whole_where_a_day_has_twice_twelve_hours(browser: Browser, system: Shop) -> None:
    context = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 900})
    shop = system.seen_by(context.new_page())
    hours = [{**METRICS["hours"][0], "hour": f"2026-11-20T{hour:02d}:00:00.000Z"} for hour in range(24)]
    shop.page.route("**/metrics", lambda route: route.fulfill(json={**METRICS, "hours": hours}))
    shop.stock("clock-1", "By the Clock")
    shop.order("clock-1")
    shop.log_in("figures")
    labels = shop.page.locator(".drawing text[text-anchor=middle]")
    expect(labels.first).to_contain_text(re.compile("AM|PM"))
    assert labels.evaluate_all(CUT_OR_COVERED) == []
    shop.page.goto(f"{shop.url}/admin#/events")
    time = shop.page.locator(".feed time").first
    expect(time).to_contain_text(re.compile("AM|PM"))
    assert time.evaluate(LINES) == 1
    context.close()


LINES = """node => {
    const text = document.createRange();
    text.selectNodeContents(node);
    return new Set(Array.from(text.getClientRects(), ({ top }) => top)).size;
}"""
CUT_OR_COVERED = """labels => labels.filter((label, i) => {
    const [box, room] = [label.getBoundingClientRect(), label.ownerSVGElement.getBoundingClientRect()];
    const next = labels[i + 1]?.getBoundingClientRect();
    return box.right > room.right || (next && next.top === box.top && next.left > box.left && next.left < box.right);
}).map(label => label.textContent)"""


def test_a_status_narrows_the_list_to_its_orders(shop: Shop) -> None:
    shop.stock("state-1", "One Declined")
    declined = shop.order("state-1", token="tok_declined")
    assert wait_until(lambda: shop.status(declined) == "payment_failed", SETTLE_SECONDS)
    shop.log_in()
    shop.page.get_by_role("link", name="Payment refused").click()
    badges = shop.page.locator("tr[data-order] .badge")
    assert wait_until(lambda: set(badges.all_inner_texts()) == {"Payment refused"}, SETTLE_SECONDS)
    expect(row(shop, declined)).to_be_visible()


def test_an_order_is_opened_by_its_id(shop: Shop) -> None:
    shop.stock("find-2", "Opened by Id")
    order_id = shop.confirmed("find-2")
    shop.log_in()
    shop.page.get_by_role("searchbox", name="Order id").fill(order_id)
    shop.page.keyboard.press("Enter")
    expect(shop.heading).to_have_text(f"Order {order_id}")
    expect(shop.page.get_by_role("complementary")).to_contain_text("Ordered bycust-1E-mailada@example.com")
    shop.page.goto(f"{shop.url}/admin#/orders/ord_nobodys")
    expect(shop.page.get_by_role("alert")).to_have_text("There is no order with this id.")


def test_whatever_the_api_tells_of_the_customer_is_shown(shop: Shop) -> None:
    shop.stock("note-1", "With a Note")
    order_id = shop.confirmed("note-1")
    shop.log_in()
    customer = {"customer_id": "cust-1", "customer_email": "ada@example.com", "gift_note": "For you", "phone": None}
    shop.page.route(f"**/orders/{order_id}/customer", lambda route: route.fulfill(json=customer))
    shop.page.get_by_role("searchbox", name="Order id").fill(order_id)
    shop.page.keyboard.press("Enter")
    facts = shop.page.get_by_role("complementary")
    expect(facts).to_contain_text("Ordered bycust-1E-mailada@example.comGift noteFor you")
    expect(facts).not_to_contain_text("Phone")


def test_a_login_that_the_server_no_longer_accepts_is_asked_for_again(shop: Shop) -> None:
    shop.log_in()
    expect(shop.page.locator("table")).to_be_visible()
    shop.page.evaluate("""() => {
        const [name] = Object.keys(sessionStorage);
        sessionStorage.setItem(name, JSON.stringify({...JSON.parse(sessionStorage[name]), token: 'forged'}));
    }""")
    shop.page.reload()
    expect(shop.page.get_by_text("The login has ended.")).to_be_visible()
    shop.give(shop.login.username, shop.login.password)
    expect(shop.heading).to_have_text("Orders")


def test_logging_out_forgets_the_token(shop: Shop) -> None:
    shop.log_in()
    shop.page.get_by_role("button", name="Log out").click()
    expect(shop.page.get_by_text("You are logged out.")).to_be_visible()
    assert shop.page.evaluate("JSON.stringify([sessionStorage, localStorage])").count("token") == 0


def test_the_token_is_not_shared_with_other_tabs(shop: Shop) -> None:
    shop.log_in()
    other = shop.page.context.new_page()
    other.goto(f"{shop.url}/admin")
    expect(other.get_by_label("Password")).to_be_visible()


def test_events_pass_by_as_they_happen(shop: Shop) -> None:
    shop.stock("feed-1", "Passing By", copies=4, threshold=4)
    shop.page.clock.install()
    shop.log_in("events")
    expect(shop.heading).to_have_text("Events")
    order_id = shop.order("feed-1")
    passing = shop.page.locator(".feed li").filter(has_text=order_id)
    assert wait_until(lambda: looked(shop, passing) == 4, SETTLE_SECONDS)
    expect(passing.last.locator("strong")).to_have_text("Order received")
    expect(passing.filter(has_text="Low on stock")).to_contain_text("Passing By")
    passing.last.get_by_role("link").focus()
    for decision in ("process", "ship"):
        shop.admin.decide(order_id, decision).require_ok()
    assert wait_until(lambda: looked(shop, passing) == 6, SETTLE_SECONDS)
    expect(passing.first.locator("strong")).to_have_text("Shipped")
    expect(passing.last.get_by_role("link")).to_be_focused()
    shop.page.get_by_role("button", name="Pause").click()
    later = shop.page.locator(".feed li").filter(has_text=shop.confirmed("feed-1"))
    assert [looked(shop, later) for _ in range(3)] == [0, 0, 0]
    shop.page.get_by_role("button", name="Pause").click()
    assert wait_until(lambda: looked(shop, later) == 3, SETTLE_SECONDS)


def looked(shop: Shop, events: Locator) -> int:
    """How many of these events there are once it is time for the page to look again."""
    shop.page.clock.fast_forward(4_000)
    return events.count()


def test_figures_are_drawn_and_told_as_tables_too(shop: Shop) -> None:
    shop.page.route("**/metrics", lambda route: route.fulfill(json=METRICS))
    shop.log_in("figures")
    expect(shop.page.locator(".totals")).to_contain_text("Orders5Revenue€120.30Books ordered7Average basket€24.06")
    expect(shop.page.get_by_role("img", name="Orders: at most 4, at 10:00.")).to_be_visible()
    shop.page.get_by_text("Refunds and failures as a table").click()
    rows = shop.page.get_by_role("figure").filter(has_text="Refunds and failures").locator("tbody tr")
    expect(rows).to_have_text(["10:0010", "11:0000", "12:0002"])
    shop.page.get_by_label("Last 1 day").check()
    expect(shop.page.get_by_role("img", name="Revenue: at most €120.30, at 20 Nov.")).to_be_visible()
    expect(shop.page.get_by_role("row").filter(has_text="Most Wanted of All")).to_contain_text("€120.30")


def test_figures_keep_up_and_leave_open_and_chosen_what_the_reader_opened_and_chose(shop: Shop) -> None:
    answers = [METRICS, {**METRICS, "days": [{**METRICS["days"][0], "orders": 1234}]}]
    shop.page.clock.install()
    shop.page.route("**/metrics", lambda route: route.fulfill(json=answers[0]))
    shop.log_in("figures")
    shop.page.get_by_label("Last 1 day").check()
    shop.page.get_by_text("Orders as a table").click()
    figure = shop.page.get_by_role("figure").filter(has_text="Orders as a table")
    expect(figure.locator("tbody tr")).to_have_text(["20 Nov5"])
    answers.pop(0)
    shop.page.clock.fast_forward(10_000)
    expect(figure.locator("tbody tr")).to_have_text(["20 Nov1234"])
    expect(figure.get_by_role("img", name="Orders: at most 1234, at 20 Nov.")).to_be_visible()
    expect(shop.page.locator(".totals")).to_contain_text("Orders1,234")
    expect(shop.page.get_by_label("Last 1 day")).to_be_checked()
    shop.page.route("**/metrics", lambda route: route.fulfill(status=503, json={"detail": "Busy."}))
    shop.page.clock.fast_forward(10_000)
    expect(shop.page.get_by_role("alert")).to_have_text("Busy. The figures below are not fresh.")
    expect(figure.locator("tbody tr")).to_have_text(["20 Nov1234"])


def test_an_order_shows_in_the_figures(shop: Shop) -> None:
    before = orders_counted(shop)
    shop.stock("count-1", "Counted In", 33.00)
    shop.page.clock.install()
    shop.log_in("figures")
    shop.confirmed("count-1", quantity=2)
    shown = shop.page.locator(".totals dd").first

    def counted() -> bool:
        shop.page.clock.fast_forward(10_000)
        return int(shown.inner_text().replace(",", "")) > before

    assert wait_until(counted, SETTLE_SECONDS)
    expect(shop.page.get_by_role("img", name=re.compile("Revenue: at most €"))).to_be_visible()


def orders_counted(shop: Shop) -> int:
    hours = shop.admin.request("GET", "/metrics").require_ok()["hours"]
    return sum(hour["orders"] for hour in hours)


def test_dead_letters_are_moved_back_when_the_admin_agrees_and_are_handled_then(shop: Shop) -> None:
    order_id = f"ord_dead_{uuid4().hex}"
    shop.bury("orders", event(created(order_id), datetime.now(UTC)))
    shop.log_in("queues")
    orders = shop.page.get_by_role("row").filter(has=shop.page.get_by_role("rowheader", name="orders", exact=True))
    dead = orders.get_by_role("cell").nth(4)
    expect(dead).to_have_text("1")
    expect(shop.page.get_by_role("button", name="Move back the dead letters of payment")).to_be_hidden()
    assert not shop.api.order(order_id).ok
    orders.get_by_role("button").click()
    agree(shop, "Not now")
    expect(dead).to_have_text("1")
    orders.get_by_role("button").click()
    agree(shop, "Move them back")
    expect(shop.page.get_by_text("1 message moved back to orders.")).to_be_visible()
    expect(dead).to_have_text("0")
    assert wait_until(lambda: shop.api.order(order_id).ok, SETTLE_SECONDS)


def test_queues_that_cannot_be_read_say_so_and_are_shown_again_later(shop: Shop) -> None:
    shop.page.clock.install()
    shop.page.route("**/queues", lambda route: route.fulfill(status=503, json={"detail": "Busy."}))
    shop.log_in("queues")
    expect(shop.page.get_by_role("alert")).to_have_text("Busy.")
    shop.page.unroute("**/queues")
    shop.page.clock.fast_forward(4_000)
    expect(shop.page.get_by_role("rowheader", name="payment")).to_be_visible()
    shop.page.route("**/queues", lambda route: route.fulfill(status=503, json={"detail": "Busy."}))
    shop.page.clock.fast_forward(4_000)
    expect(shop.page.get_by_role("alert")).to_have_text("Busy. The figures below are not fresh.")
    shop.page.unroute("**/queues")
    shop.page.clock.fast_forward(4_000)
    expect(shop.page.get_by_role("alert")).to_have_count(0)


def test_an_unknown_login_learns_nothing(shop: Shop) -> None:
    stranger = Login("nobody", shop.login.password)
    shop.page.goto(f"{shop.url}/admin")
    shop.give(stranger.username, stranger.password)
    expect(shop.page.get_by_role("alert")).to_have_text("Username or password is wrong.")
