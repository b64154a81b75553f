"""What the browser tests share: the whole system on free ports, Debian's Chromium, and axe-core.

Where Chromium, npm or a font is missing a laptop skips, with the reason; with CI=true it fails.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page, expect, sync_playwright

from orderwire.contracts.reference.site import write
from orderwire.machine.local import Ports, local_engine
from orderwire.machine.ports import free_port
from orderwire.workplace.api_client import ApiClient
from orderwire.workplace.home import Home
from tests.support.pages.axe import Axe
from tests.support.pages.front_door import front_door
from tests.support.pages.shop_pages import Shop
from tests.support.tools import missing, npm_packages

FOLDER = Path(__file__).parent
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
QUIETLY = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE = 300_000
"""Milliseconds that a page may take for what a test expects; only what hangs takes so long."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One process runs them all, so that one system serves them all."""
    for item in items:
        if FOLDER in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A running system with the sample catalog."""
    home = Home(tmp_path_factory.mktemp("home"))
    with home.log("worker").open("wb") as log, local_engine(home, Ports(free_port(), 0), lambda _: None, log) as local:
        url = local.start(lambda _: None)
        yield Shop(url, local.admin, ApiClient(url).as_admin(local.admin), local.target.edges)


@pytest.fixture(scope="session")
def chromium() -> Iterator[BrowserType]:
    if not Path(CHROMIUM).exists():
        missing("Chromium", "apt-get install -y chromium")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        yield playwright.chromium


@contextmanager
def launched(chromium: BrowserType, *options: str, **environment: str) -> Iterator[Browser]:
    """A browser of its own, with more options and variables than all have."""
    browser = chromium.launch(
        executable_path=CHROMIUM, args=[*QUIETLY, *options], env={**os.environ, **environment}, timeout=PATIENCE
    )
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def browser(chromium: BrowserType) -> Iterator[Browser]:
    with launched(chromium) as browser:
        yield browser


@pytest.fixture(params=[1280, 390], ids=["desk", "phone"])
def width(request: pytest.FixtureRequest) -> int:
    """For tests that hold at both ends of what screens there are."""
    return int(request.param)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile. Whatever a page says is wrong with it fails the test: errors, refused sources, unsafe markup."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-IE", timezone_id="Europe/Berlin")
    context.set_default_timeout(PATIENCE)
    wrong: list[str] = []
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    context.on("console", lambda message: message.type == "error" and wrong.append(message.text))
    yield context
    context.close()
    assert [text for text in wrong if not text.startswith("Failed to load resource")] == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def shop(page: Page, system: Shop) -> Shop:
    """The system, with `page` at its shop."""
    return system.seen_by(page)


@pytest.fixture(scope="session")
def behind_a_path(system: Shop) -> Iterator[Shop]:
    """The same system below /api, as API Gateway's stage would have it."""
    with front_door(system.url, "/api") as url:
        yield replace(system, url=url)


@pytest.fixture(scope="session")
def axe() -> Axe:
    why = "axe-core, which holds the pages against accessibility rules, comes with it"
    return Axe((npm_packages(FOLDER, why) / "axe-core/axe.min.js").read_text("utf-8"))


@pytest.fixture
def browser_page(browser: Browser) -> Iterator[Page]:
    """A page of a fresh profile that may complain."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the reference of events is served."""
    folder = tmp_path_factory.mktemp("site") / "events"
    write(folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/index.html"
        server.shutdown()
