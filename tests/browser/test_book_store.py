"""A book store's front end on another origin: its pages find in the answers all that they read, in a real browser."""

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Page, expect

from tests.support.embedded import eventually
from tests.support.pages.shop_pages import Shop


class Unheard(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    """Where the front end is served: to a browser, localhost is another site than 127.0.0.1."""
    handler = partial(Unheard, directory=str(Path(__file__).parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/book_store.html"
        server.shutdown()


@pytest.fixture
def front_end(page: Page, elsewhere: str, system: Shop) -> Page:
    system.stock("fe-1", "Emma", 8.99, description="A clever young woman.", category="Novels")
    page.goto(f"{elsewhere}?api={system.url}")
    expect(page).to_have_title("ready")
    page.evaluate("showBooks()")
    return page


def test_a_books_page_shows_its_category_and_its_comments_of_which_there_are_none(front_end: Page) -> None:
    expect(front_end.locator("#books")).to_contain_text("Emma A. Writer $8.99")
    front_end.evaluate("showDetail('fe-1')")
    expect(front_end.locator("#detail")).to_have_text("Emma|A. Writer|A clever young woman.|$8.99|Novels")


def test_an_admin_logs_in_with_the_right_password_only(front_end: Page, system: Shop) -> None:
    front_end.evaluate("([name, password]) => logIn(name, password)", [system.login.username, "Wrong-horse-1"])
    expect(front_end.locator("#login")).to_have_text("Login fail!")
    front_end.evaluate("([name, password]) => logIn(name, password)", [system.login.username, system.login.password])
    expect(front_end.locator("#login")).to_have_text("admin")


def test_a_basket_is_checked_out_listed_handled_and_another_one_deleted(front_end: Page) -> None:
    kept, gone = (front_end.evaluate("checkOut('fe-1', 2)")["receiptHandle"] for _ in range(2))
    assert eventually(lambda: {kept, gone} <= {each["receiptHandle"] for each in front_end.evaluate("showOrders()")})
    orders = {each["receiptHandle"]: each for each in front_end.evaluate("showOrders()")}
    front_end.evaluate("order => handle(order)", orders[kept])
    front_end.evaluate("order => remove(order)", orders[gone])
    front_end.evaluate("showOrders()")
    expect(front_end.locator("#orders")).to_contain_text(f"2 Emma $27.98 Processed {kept}")
    expect(front_end.locator("#orders")).not_to_contain_text(gone)
