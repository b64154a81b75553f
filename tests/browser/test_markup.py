"""Text that a person enters is shown as text, wherever it comes from, and the browser is told to hold to that."""

from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.support.pages.shop_pages import Shop

EVIL = '<img src=x onerror="window.stolen=1"><script>window.stolen=1</script>'


def expect_harmless(page: Page, text: str = EVIL) -> None:
    expect(page.get_by_text(text).first).to_be_visible()
    assert page.evaluate("window.stolen") is None
    assert page.locator("main img, main script").count() == 0


def test_a_products_texts_are_shown_as_they_are_in_shop_basket_checkout_and_order(shop: Shop) -> None:
    shop.stock("evil-1", EVIL, author='"><svg onload=window.stolen=1>', description=EVIL)
    shop.open()
    expect_harmless(shop.page)
    shop.take(EVIL)
    shop.open("basket")
    expect_harmless(shop.page)
    shop.open("checkout")
    expect_harmless(shop.page)
    shop.email.fill("ada@example.com")
    shop.order_button.click()
    expect(shop.heading).to_have_text("Your order is confirmed")
    expect_harmless(shop.page)


def test_a_products_and_a_reasons_texts_are_shown_as_they_are(shop: Shop) -> None:
    shop.stock("evil-2", EVIL)
    order_id = shop.confirmed("evil-2")
    shop.admin.request("DELETE", f"/orders/{order_id}", {"reason": EVIL}).require_ok()
    shop.log_in()
    expect_harmless(shop.page)
    shop.page.goto(f"{shop.url}/admin#/orders/{order_id}")
    expect(shop.page.get_by_text("Cancelled because")).to_be_visible()
    expect_harmless(shop.page, EVIL)
    shop.open(f"orders/{order_id}")
    expect_harmless(shop.page)


def test_what_is_typed_into_the_shops_fields_is_never_markup(shop: Shop) -> None:
    shop.stock("evil-3", "Innocent")
    shop.to_checkout("Innocent")
    shop.email.fill(EVIL)
    shop.order_button.click()
    expect(shop.email).to_have_attribute("aria-invalid", "true")
    shop.open()
    shop.page.get_by_role("searchbox").fill(f"nowhere {EVIL}")
    expect(shop.page.get_by_text("Nothing here by that name.")).to_be_visible()
    shop.open(f"orders/{quote(EVIL, safe='')}")
    expect(shop.page.get_by_role("alert")).to_have_text("There is no order with this address.")
    assert shop.page.evaluate("window.stolen") is None


def test_an_image_from_another_host_is_never_asked_for(shop: Shop) -> None:
    shop.stock("image-1", "Pictured Elsewhere", image="https://tracker.example/pixel.png")
    asked: list[str] = []
    shop.page.on("request", lambda request: asked.append(request.url))
    shop.open()
    expect(shop.book("Pictured Elsewhere").locator(".face")).to_be_visible()
    assert [url for url in asked if not url.startswith(shop.url)] == []


def test_an_image_of_this_host_is_shown_and_a_missing_one_replaced_by_a_drawn_cover(shop: Shop) -> None:
    version = shop.page.request.get(shop.url).text().partition("assets/")[2].partition("/")[0]
    shop.stock("image-2", "Pictured Here", image=f"/assets/{version}/shared/favicon.svg")
    shop.stock("image-3", "Picture Missing", image="/nowhere.png")
    shop.open()
    expect(shop.book("Pictured Here").locator("img.cover")).to_be_visible()
    shop.book("Picture Missing").scroll_into_view_if_needed()
    expect(shop.book("Picture Missing").locator(".face")).to_be_visible()


@pytest.mark.parametrize(
    "attempt",
    [
        "document.body.innerHTML = '<p>x</p>'",
        "document.createElement('script').text = '1'",
        "document.body.setAttribute('onclick', 'window.stolen = 1')",
        "trustedTypes.createPolicy('any', {createHTML: (text) => text})",
        "new DOMParser().parseFromString('<p>x</p>', 'text/html')",
    ],
)
@pytest.mark.parametrize("place", ["", "admin"])
def test_the_browser_refuses_to_read_text_as_markup(system: Shop, browser_page: Page, place: str, attempt: str) -> None:
    browser_page.goto(f"{system.url}/{place}")
    refused = browser_page.evaluate(f"() => {{ try {{ {attempt}; return false; }} catch {{ return true; }} }}")
    assert refused


def test_the_browser_refuses_scripts_and_styles_that_are_not_files_of_ours(system: Shop, browser_page: Page) -> None:
    browser_page.goto(system.url)
    refused = browser_page.evaluate("""async () => {
        const refused = [];
        document.addEventListener('securitypolicyviolation', (event) => refused.push(event.effectiveDirective));
        document.body.setAttribute('style', 'color: red');
        const image = document.createElement('img');
        image.src = 'https://elsewhere.example/pixel.png';
        document.body.append(image);
        await fetch('https://elsewhere.example/').catch(() => null);
        const over = performance.now() + 240_000;  // only if one is let through
        while (refused.length < 3 && performance.now() < over) await new Promise((resolve) => setTimeout(resolve, 20));
        return refused.sort();
    }""")
    assert refused == ["connect-src", "img-src", "style-src-attr"]
