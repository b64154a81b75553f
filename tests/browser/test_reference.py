"""The reference of events in a browser: it is found one's way in, at a desk and on a phone."""

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import Page, expect

from orderwire.contracts.reference.site import write
from tests.support.pages.axe import Axe


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the site is served."""
    folder = tmp_path_factory.mktemp("site") / "events"
    write(folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/index.html"
        server.shutdown()


def test_the_saga_leads_to_an_event_and_the_event_back(page: Page, index: str) -> None:
    page.goto(index)
    page.get_by_role("link", name="payment.refunded").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("payment.refunded")
    expect(page.get_by_role("row", name="data.amount")).to_contain_text("money")
    page.get_by_role("link", name="Events").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("What happens to an order")


@pytest.mark.parametrize("name", ["index", "order.created"])
def test_no_serious_problem_is_found_and_nothing_sticks_out(
    page: Page, axe: Axe, index: str, width: int, name: str
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(index.replace("index.html", f"{name}.html"))
    assert axe.problems(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_pictures_boxes_are_reached_by_keyboard(page: Page, index: str) -> None:
    page.goto(index)
    page.locator("svg a").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("order.created")
