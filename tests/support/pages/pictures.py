"""Takes the pictures of docs/images anew, of a system of its own that is busy: `make pictures`.

What analytics heard of the last day is made up; the orders are those of samples/, placed over HTTP. Each picture is
1280 by 840 pixels, in 256 colours at most.
"""

import io
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import redirect_stdout
from datetime import datetime, timedelta
from decimal import Decimal
from math import pi, sin
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from rich.progress import Progress

from consumers.analytics import AnalyticsConsumer
from edges.publisher import AnyEvent
from orderwire.console.problem import Problem
from orderwire.contracts.reference.site import write
from orderwire.machine.local import CATALOG, Local, Ports, local_engine
from orderwire.machine.pollers.pauses import LocalPauses
from orderwire.machine.ports import free_port
from orderwire.stories.demo.command import ORDERS
from orderwire.stories.demo.shop import Shop as RunningShop
from orderwire.stories.demo.shop import act_all
from orderwire.workplace.api_client import ApiClient
from orderwire.workplace.home import ROOT, Home
from orderwire.workplace.samples import SampleProduct, load_catalog, load_orders
from schemas.events import InventoryRejected, OrderItem, PaymentCompleted, PaymentFailed, PaymentRefunded, Shortage
from tests.support.events import created, delivery, event
from tests.support.pages.fonts import Fonts
from tests.support.pages.shop_pages import Shop

IMAGES = ROOT / "docs" / "images"
WIDTH, HEIGHT, PHONE = 1280, 840, 390
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FONTS = Fonts("Liberation Serif", "Liberation Sans", "Liberation Mono")
"""The same wherever the pictures are taken."""
HOURS = 24
DEAD = {"payment": 12, "notification": 1, "subscriptions": 2}
BEHIND = "backup"
GENTLY = 8
"""How many sample orders are placed at a time: fast enough, and not all in one second."""


def main() -> None:
    """Raises Problem where a tool is missing."""
    if not shutil.which("pngquant"):
        raise Problem("pngquant makes the pictures small: apt-get install pngquant")
    with (
        TemporaryDirectory() as folder,
        (Path(folder) / "worker.log").open("wb") as log,
        local_engine(Home(Path(folder) / "home"), Ports(free_port(), 0), print, log) as local,
        sync_playwright() as playwright,
    ):
        url = local.start(print)
        shop = Shop(url, local.admin, ApiClient(url).as_admin(local.admin), local.target.edges)
        seen_in = os.environ | FONTS.environment(Path(folder))
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"], env=dict(seen_in)
        )
        figures(browser, shop)
        be_busy(local, shop)
        take_all(browser, shop)
        write(Path(folder) / "site")
        page = at(browser, WIDTH).new_page()
        page.goto(f"file://{folder}/site/index.html")
        keep(page, "events")


def figures(browser: Browser, shop: Shop) -> None:
    """Before there are orders of this hour, beside which all others would be small."""
    told = [each for order in history(shop.edges.clock.now(), Random(7)) for each in order]
    with redirect_stdout(io.StringIO()):  # its metrics
        for start in range(0, len(told), 100):
            AnalyticsConsumer(shop.edges).handle_together([delivery(each) for each in told[start : start + 100]])
    seen = shop.seen_by(at(browser, WIDTH).new_page())
    seen.log_in("figures")
    keep(seen.page, "admin-figures")


def be_busy(local: Local, shop: Shop) -> None:
    LocalPauses(local.home.paused).set(BEHIND, True)
    for consumer, letters in DEAD.items():
        for number in range(letters):
            shop.bury(consumer, event(created(f"ord_dead_{consumer}_{number}"), shop.edges.clock.now()))
    stage = RunningShop(local.target, local.engine.endpoint, shop.url, local.admin)
    act_all(stage, load_orders(ORDERS), Progress(disable=True), GENTLY)


def history(now: datetime, random: Random) -> Iterator[list[AnyEvent]]:
    """The events of each order of the last day, more of them by day than by night."""
    products = load_catalog(CATALOG)
    for hours in range(HOURS):
        at = now - timedelta(hours=hours)
        for number in range(random.randint(15, 30) + round(60 * max(0, sin((at.hour - 7) / 15 * pi)))):
            yield life(f"ord_{hours}_{number}", at, random.choices(products, k=random.randint(1, 3)), random)


def life(order_id: str, at: datetime, books: list[SampleProduct], random: Random) -> list[AnyEvent]:
    items = [
        OrderItem(sku=book.sku, name=book.name, quantity=random.choice([1, 1, 1, 2]), unit_price=book.price)
        for book in books
    ]
    total = sum((item.quantity * item.unit_price for item in items), Decimal(10))
    money = {"order_id": order_id, "amount": total, "currency": "EUR"}
    paid = PaymentCompleted(**money, method="card", reference="pay")
    short = [Shortage(sku=books[0].sku, requested=1, available=0)]
    ends = [[paid]] * 30 + [
        [paid, PaymentRefunded(**money, method="card", reference="pay")],
        [PaymentFailed(**money, reason="card_declined")],
        [InventoryRejected(order_id=order_id, items=short)],
    ]
    return [event(each, at) for each in [created(order_id, items=items, total=total), *random.choice(ends)]]


def at(browser: Browser, width: int) -> BrowserContext:
    return browser.new_context(
        viewport={"width": width, "height": HEIGHT},
        locale="en-IE",
        timezone_id="Europe/Dublin",
        reduced_motion="reduce",
    )


def take_all(browser: Browser, shop: Shop) -> None:
    context = at(browser, WIDTH)
    seen = shop.seen_by(context.new_page())
    seen.open()
    keep(seen.page, "shop")
    order_id = buy(seen)
    for decision in ("process", "ship"):
        shop.admin.decide(order_id, decision).require_ok()
    seen.page.get_by_text("Shipped").first.wait_for()
    keep(seen.page, "order")
    seen.log_in()
    keep(seen.page, "admin-orders")
    seen.page.goto(f"{shop.url}/admin#/queues")
    keep(seen.page, "admin-queues")
    phones(browser, shop, order_id, context)


def buy(seen: Shop) -> str:
    """Buys the three books that there are most of; returns the order's id."""
    most = sorted(seen.api.request("GET", "/catalog").require_ok(), key=lambda book: -book["in_stock"])[:3]
    seen.to_checkout(*(book["name"] for book in most))
    seen.email.fill("ada@example.com")
    seen.order_button.click()
    seen.page.get_by_text("Your order is confirmed").first.wait_for()
    return seen.order_id()


def phones(browser: Browser, shop: Shop, order_id: str, known: BrowserContext) -> None:
    """Three places of the pages, beside each other."""
    context = at(browser, PHONE)
    seen = shop.seen_by(context.new_page())
    shots = []
    for go in (seen.open, lambda: seen.open(f"orders/{order_id}"), lambda: seen.log_in("events")):
        go()
        shots.append(settled(seen.page).screenshot())
    page = known.new_page()
    page.evaluate(BESIDE, [list(shot) for shot in shots])
    keep(page, "phones")


BESIDE = """async shots => {
    document.body.style = 'margin: 0; display: flex; justify-content: space-between; background: #8a8f8b';
    for (const shot of shots) {
        const image = document.body.appendChild(new Image());
        image.src = URL.createObjectURL(new Blob([new Uint8Array(shot)], {type: 'image/png'}));
        await image.decode();
    }
}"""


def settled(page: Page) -> Page:
    """Once nothing on it changes any more."""
    page.wait_for_load_state("networkidle")
    before, now = b"", page.screenshot()
    while before != now:
        time.sleep(0.5)
        before, now = now, page.screenshot()
    return page


def keep(page: Page, name: str) -> None:
    path = IMAGES / f"{name}.png"
    page.mouse.move(0, 0)
    settled(page).screenshot(path=path)
    subprocess.run(["pngquant", "--force", "--strip", "--skip-if-larger", "--output", path, "256", path], check=True)
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1024} kB")  # noqa: T201


if __name__ == "__main__":
    main()
