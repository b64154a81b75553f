"""The pages hold whatever fonts a reader has: nobody's serif is as wide as another's.

Each reader has a browser that finds certain fonts and no others, so it does not matter what this machine has.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserType, expect

from tests.browser import test_access as states
from tests.browser.conftest import PATIENCE, launched
from tests.browser.test_access import State, overflow
from tests.support.pages.fonts import Fonts
from tests.support.pages.shop_pages import Shop

DEJAVU = Fonts("DejaVu Serif", "DejaVu Sans", "DejaVu Sans Mono")
LIBERATION = Fonts("Liberation Serif", "Liberation Sans", "Liberation Mono")
WIDEST = Fonts("DejaVu Sans Mono", "DejaVu Sans Mono", "DejaVu Sans Mono")
LARGE = "--blink-settings=defaultFontSize=32"
"""Letters of twice the usual size."""
READERS = {"dejavu": (DEJAVU,), "liberation": (LIBERATION,), "monospace": (WIDEST,), "large": (DEJAVU, LARGE)}


@pytest.fixture(scope="module", params=READERS)
def reader(
    request: pytest.FixtureRequest, chromium: BrowserType, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    fonts, *options = READERS[request.param]
    with launched(chromium, *options, **fonts.environment(tmp_path_factory.mktemp("fonts"))) as browser:
        yield browser


@pytest.fixture(scope="module", params=["monospace", "large"])
def stretched(
    request: pytest.FixtureRequest, chromium: BrowserType, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    """Those readers with the widest letters."""
    fonts, *options = READERS[request.param]
    with launched(chromium, *options, **fonts.environment(tmp_path_factory.mktemp("fonts"))) as browser:
        yield browser


def seen_with(system: Shop, browser: Browser, width: int) -> Shop:
    """The shop in a fresh profile of this browser."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, locale="en-IE", timezone_id="Europe/Berlin", reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE)
    return system.seen_by(context.new_page())


HARD = {
    "hard-1": ("Rechtsschutzversicherungsgesellschaften für Donaudampfschifffahrtskapitäne", "Ödön von Horváth"),
    "hard-2": ("Incomprehensibilities" * 4, "Incomprehensibilities" * 3),
    "hard-3": ("WWWWWWWWWWWWWWWW MMMMMMMMMMMMMMMM WWWWWWWWWWWWWWWW MMMMMMMMMMMMMMMM", "WWWWWWWWWWWWWW MMMMMMMMMMMM"),
    "hard-4": ("紅楼夢" * 30, "曹雪芹、" * 12),
    "hard-5": ("A " * 45, "One Author, Another Author, Many More Authors and Somebody Who Only Helped a Little"),
    "hard-6": ("The Uncharacteristically Straightforward Incompatibility of Telecommunications", "X"),
}
"""Sku -> title and author, for which some words have to be broken."""


def test_every_cover_has_room_for_its_words_and_breaks_none(system: Shop, reader: Browser, width: int) -> None:
    for sku, (title, author) in HARD.items():
        system.stock(sku, title, author=author, copies=0)
    shop = seen_with(system, reader, width)
    shop.open()
    expect(shop.page.locator(".cover-title").first).to_be_visible()
    assert shop.page.locator(".face").evaluate_all(OUTSIDE) == []
    broken = shop.page.locator(".cover-title").evaluate_all(BROKEN_WORDS)
    hard = tuple(title[:20] for title, _ in HARD.values())
    assert [(title, word) for title, word in broken if not title.startswith(hard)] == []
    assert overflow(shop.page) <= 0
    shop.page.context.close()


BROKEN_WORDS = """// a longer one would not fit at a size that can be read
titles => titles.flatMap(title => {
    const text = document.createRange();
    return Array.from(title.textContent.matchAll(/[^ -]+/g)).filter(({ index, 0: word }) => {
        if (word.length > 16) return false;
        text.setStart(title.firstChild, index);
        text.setEnd(title.firstChild, index + word.length);
        return new Set(Array.from(text.getClientRects(), ({ top }) => top)).size > 1;
    }).map(([word]) => [title.textContent, word]);
})"""
OUTSIDE = """// a line is higher than its letters
faces => faces.flatMap(face => {
    const room = face.getBoundingClientRect();
    const boxes = Array.from(face.children, part => {
        const text = document.createRange();
        text.selectNodeContents(part);
        return { words: part.textContent, box: text.getBoundingClientRect() };
    });
    const [author, title] = boxes.map(({ box }) => box);
    const apart = author.bottom <= title.top + 3 || title.bottom <= author.top + 3;
    const out = boxes.filter(({ box }) => box.left < room.left - 1 || box.right > room.right + 1
        || box.top < room.top - 1 || box.bottom > room.bottom + 1);
    return [...out.map(({ words }) => words), ...(apart ? [] : [`${boxes[0].words} on ${boxes[1].words}`])];
})"""


@pytest.mark.parametrize(
    "state",
    [
        states.checkout,
        states.order,
        states.admin_orders,
        states.admin_order,
        states.queues,
        states.figures,
        states.events,
    ],
    ids=lambda state: state.__name__,
)
def test_no_text_is_cut_or_covered_in_the_widest_letters(
    system: Shop, stretched: Browser, width: int, state: State
) -> None:
    shop = seen_with(system, stretched, width)
    state(shop)
    assert shop.page.evaluate(CUT_OR_COVERED) == []
    assert overflow(shop.page) <= 0
    shop.page.context.close()


CUT_OR_COVERED = """() => {
    scrollTo(0, 0);  // the header stays in place and covers what is below it
    const UNSEEN = ".unseen, .skip, thead, option, title";
    const texts = [], found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const [node, range] = [walker.currentNode, document.createRange()];
        const parent = node.parentElement;
        if (!node.data.trim() || !parent.checkVisibility() || parent.closest(UNSEEN)) continue;
        range.selectNodeContents(node);
        for (const { left, right, top, bottom } of range.getClientRects()) {
            const quarter = (bottom - top) / 4;
            if (right > left) texts.push({ node, left, right, top: top + quarter, bottom: bottom - quarter });
        }
    }
    const scrolls = (style) => /auto|scroll/.test(style.overflowX);
    for (const text of texts) {
        for (let outer = text.node.parentElement; outer; outer = outer.parentElement) {
            const style = getComputedStyle(outer);
            if (scrolls(style)) break;
            const box = outer.getBoundingClientRect();
            const clips = outer.matches("svg, button, .badge") || style.overflowX !== "visible";
            if (clips && (text.left < box.left - 1 || text.right > box.right + 1)) found.push(`cut: ${text.node.data}`);
        }
    }
    for (const [i, one] of texts.entries())
        for (const other of texts.slice(i + 1))
            if (one.node !== other.node && Math.min(one.right, other.right) - Math.max(one.left, other.left) > 1
                && Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 1)
                found.push(`${one.node.data} on ${other.node.data}`);
    return found;
}"""


@pytest.mark.parametrize("cloth", range(8))
def test_lettering_stands_out_from_every_cloth_and_from_paper(shop: Shop, cloth: int) -> None:
    shop.open()
    assert shop.page.evaluate(LEAST_CONTRAST, cloth) >= 4.5


LEAST_CONTRAST = """cloth => {
    const cover = document.body.appendChild(document.createElement("span"));
    cover.className = `cover cloth-${cloth}`;
    const colours = (style) => {
        const face = cover.appendChild(document.createElement("span"));
        face.className = `face ${style}`;
        const part = face.appendChild(document.createElement("span"));
        part.className = "cover-title";
        return [getComputedStyle(part).color, getComputedStyle(face).backgroundColor];
    };
    const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const light = (colour) => {
        pen.fillStyle = colour;
        pen.fillRect(0, 0, 1, 1);
        const [r, g, b] = Array.from(pen.getImageData(0, 0, 1, 1).data, (value) => {
            const part = value / 255;
            return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const contrast = (pair) => {
        const [dark, bright] = pair.map(light).sort((a, b) => a - b);
        return (bright + 0.05) / (dark + 0.05);
    };
    return Math.min(contrast(colours("frame")), contrast(colours("plain")));
}"""


def test_the_names_in_the_picture_of_the_saga_have_room_in_their_boxes(stretched: Browser, index: str) -> None:
    page = stretched.new_page()
    page.goto(index)
    expect(page.locator("svg a").first).to_be_visible()
    assert page.locator("svg a").evaluate_all(WIDER_THAN_THEIR_BOXES) == []
    page.close()


WIDER_THAN_THEIR_BOXES = """boxes => boxes.filter(box => {
    const [name, room] = [box.querySelector("text").getBBox(), box.querySelector("rect").getBBox()];
    return name.width > room.width - 8;
}).map(box => box.textContent.trim())"""
