"""What the pages' modules compute, asked of the modules themselves in the browser that runs them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.support.pages.shop_pages import Shop

Calls = Callable[..., Any]


@pytest.fixture(scope="module")
def module_page(system: Shop, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="en-IE", timezone_id="UTC")
    page = context.new_page()
    page.goto(system.url)
    yield page
    context.close()


@pytest.fixture
def call(module_page: Page) -> Calls:
    """Calls a function of a module: `call("shared/money", "sums", ...)`. Arguments and result are plain data."""

    def call(module: str, function: str, *arguments: Any) -> Any:
        return module_page.evaluate(
            """async ([module, name, given]) => {
                const script = document.querySelector('script[type=module]').src;
                return (await import(new URL(`../${module}.js`, script)))[name](...given);
            }""",
            [module, function, list(arguments)],
        )

    return call


TERMS = {"shipping_fee": 10.0, "free_shipping_above": 2000.0}


def line(price: float, quantity: int) -> dict[str, Any]:
    return {"product": {"price": price}, "quantity": quantity}


@pytest.mark.parametrize(
    ("lines", "items", "shipping"),
    [
        ([], 0, 0),
        ([line(29.99, 2)], 5998, 1000),
        ([line(0.1, 3)], 30, 1000),
        ([line(1.15, 999)], 114885, 1000),
        ([line(2000.0, 1)], 200000, 1000),
        ([line(2000.01, 1)], 200001, 0),
        ([line(19.99, 100), line(0.99, 1), line(0.02, 1)], 200001, 0),
    ],
)
def test_a_basket_comes_to_what_the_server_would_ask(call: Calls, lines: Any, items: int, shipping: int) -> None:
    assert call("shared/money", "sums", lines, TERMS) == {
        "items": items,
        "shipping": shipping,
        "total": items + shipping,
    }


BOOKS = {
    "apostrophe": ("Alice\u2019s Adventures", "Flann O\u2019Brien"),
    "sharp": ("Die Stra\u00dfe", "J\u00f6rg M\u00fcller"),
    "stroke": ("Frygt og b\u00e6ven", "S\u00f8ren Kierkegaard"),
    "joined": ("Le C\u0153ur", "\u00c6sop"),
    "spelled": ("Strasse", "Joerg Soeren"),
    "wide": ("\uff37\uff29\uff24\uff25 \uff11\uff19", "A\u030ake \u0141em"),
    "greek": ("\u039f\u03b4\u03cd\u03c3\u03c3\u03b5\u03b9\u03b1", "\u038c\u03bc\u03b7\u03c1\u03bf\u03c2"),
    "dashed": ("Catch\u201322", "Hidden\u00adWord"),
    "parted": ("Rock \u2019n\u2019 Roll in the Moon", "J. R. R. Co\u2011Op"),
    "unspaced": ("\u65e5\u672c\u8a9e", "\u6751\u4e0a\u3000\u6625\u6a39"),
    "9780141439518": ("Pride and Prejudice", "Jane Austen"),
    "0-8044-2957-X": ("By Ten Digits", "Somebody"),
}
PRODUCTS = [{"sku": sku, "name": name, "author": author} for sku, (name, author) in BOOKS.items()]


@pytest.mark.parametrize(
    ("wanted", "skus"),
    [
        ("alice's", {"apostrophe"}),
        ("ALICE\u2019S", {"apostrophe"}),
        ("alices", {"apostrophe"}),
        ("o\u02bcbrien", {"apostrophe"}),
        ("o\u00b4brien", {"apostrophe"}),
        ("strasse", {"sharp", "spelled"}),
        ("STRA\u1e9eE", {"sharp", "spelled"}),
        ("jorg muller", {"sharp"}),
        ("joerg mueller", {"sharp"}),
        ("j\u00f6rg", {"sharp", "spelled"}),
        ("soren", {"stroke"}),
        ("s\u00f8ren", {"stroke", "spelled"}),
        ("soeren", {"stroke", "spelled"}),
        ("baeven", {"stroke"}),
        ("coeur aesop", {"joined"}),
        ("c\u0153ur", {"joined"}),
        ("wide 19", {"wide"}),
        ("\uff41\uff4b\uff45 lem", {"wide"}),
        ("aake", {"wide"}),
        ("\u039f\u0394\u03a5\u03a3 \u03bf\u03bc\u03b7\u03c1\u03bf\u03c3", {"greek"}),
        ("catch-22", {"dashed"}),
        ("catch 22, hiddenword", {"dashed"}),
        ("rock'n'roll", {"parted"}),
        ("rock \u2018n\u2019 roll", {"parted"}),
        ("jrr coop", {"parted"}),
        ("catch22", {"dashed"}),
        ("them", set()),
        ("\u6751\u4e0a\u6625\u6a39", {"unspaced"}),
        ("978-0-14-143951-8", {"9780141439518"}),
        ("ISBN 978 0 14 143951 8", {"9780141439518"}),
        ("ISBN-13: 9780141439518", {"9780141439518"}),
        ("0141439513", {"9780141439518"}),
        ("\uff19\uff17\uff18\uff10\uff11\uff14\uff11\uff14\uff13\uff19\uff15\uff11\uff18", {"9780141439518"}),
        ("97801414", {"9780141439518"}),
        ("9780804429573", {"0-8044-2957-X"}),
        ("080442957x", {"0-8044-2957-X"}),
        ("9780141439519", set()),
        ("978", set()),
        ("austen kierkegaard", set()),
        ("", set(BOOKS)),
        ("  ", set(BOOKS)),
    ],
)
def test_a_book_is_found_however_its_title_its_author_or_its_number_is_typed(
    call: Calls, wanted: str, skus: set[str]
) -> None:
    assert {product["sku"] for product in call("shop/catalog", "found", PRODUCTS, wanted)} == skus


def test_looks_grow_rarer_while_nothing_happens(call: Calls) -> None:
    pauses = [call("shared/follow", "pause", quiet) for quiet in range(12)]
    assert pauses[0] == 400
    assert pauses == sorted(pauses)
    assert pauses[-1] == 8000


@pytest.mark.parametrize(
    ("settled", "quiet_for", "stops"),
    [(True, 9_999, False), (True, 10_000, True), (False, 10_000, False), (False, 600_000, True)],
)
def test_following_ends_sooner_once_nothing_more_is_expected(
    call: Calls, settled: bool, quiet_for: int, stops: bool
) -> None:
    assert call("shared/follow", "enough", settled, quiet_for) is stops


def test_a_retry_waits_as_long_as_the_server_asks_but_not_for_ever(call: Calls) -> None:
    assert call("shop/placing", "pause", 1, None, 0) == 500
    assert call("shop/placing", "pause", 2, None, 1) == 2000
    assert call("shop/placing", "pause", 1, 5, 0) == 5000
    assert call("shop/placing", "pause", 1, 3600, 0) == 10_000


@pytest.mark.parametrize(
    ("most", "ticks"),
    [
        (0, [0, 1]),
        (1, [0, 1]),
        (3, [0, 1, 2, 3]),
        (7, [0, 2, 4, 6, 8]),
        (41, [0, 20, 40, 60]),
        (509.88, [0, 200, 400, 600]),
        (1000, [0, 500, 1000]),
    ],
)
def test_a_charts_scale_has_round_numbers_and_room_for_the_largest(call: Calls, most: float, ticks: list[int]) -> None:
    assert call("admin/chart", "ticksTo", most) == ticks


def test_a_books_cover_is_always_the_same_and_books_differ(call: Calls) -> None:
    skus = [f"97801414395{number:02d}" for number in range(60)]
    looks = [call("shop/cover", "look", sku) for sku in skus]
    assert looks == [call("shop/cover", "look", sku) for sku in skus]
    assert {look["style"] for look in looks} == {"band", "frame", "label", "plain"}
    assert {look["cloth"] for look in looks} == set(range(8))


@pytest.mark.parametrize(
    ("seconds", "words"), [(None, "\N{EN DASH}"), (0, "\N{EN DASH}"), (59, "59 s"), (187, "3 min"), (90_000, "1 d")]
)
def test_an_age_is_told_in_its_largest_unit(call: Calls, seconds: int | None, words: str) -> None:
    assert call("admin/queues", "age", seconds) == words


def test_a_status_that_is_not_known_yet_is_shown_as_it_is_called(call: Calls) -> None:
    assert call("shared/words", "statusName", "partly_shipped") == "partly shipped"
    assert call("shared/words", "eventWords", "order.gift_wrapped") == {"name": "Order gift wrapped", "meaning": ""}
