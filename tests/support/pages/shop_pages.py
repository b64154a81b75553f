"""The running shop as the browser tests use it: its pages by what a person does there, and its API beside them."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from playwright.sync_api import Locator, Page, expect

from edges.connect import Edges
from orderwire.console.waiting import wait_until
from orderwire.workplace.api_client import ApiClient
from orderwire.workplace.home import Login
from schemas.envelope import Event, EventData
from tests.support.events import entry

SETTLE_SECONDS = 600


@dataclass(frozen=True)
class Shop:
    """`url` has no slash at its end. `page` is the reader's; the API, `admin` with an admin's token, needs none.

    `edges` are the running system's own.
    """

    url: str
    login: Login
    admin: ApiClient
    edges: Edges
    _page: Page | None = None

    def seen_by(self, page: Page) -> "Shop":
        return replace(self, _page=page)

    @property
    def page(self) -> Page:
        assert self._page is not None
        return self._page

    @property
    def api(self) -> ApiClient:
        return ApiClient(self.url)

    def open(self, place: str = "") -> None:
        """A place of the shop, for example `basket`."""
        self.page.goto(f"{self.url}/#/{place}")

    def stock(self, sku: str, name: str, price: float = 12.5, copies: int = 100, **product: Any) -> str:
        """Puts a book into the catalog; returns its sku."""
        book = {"name": name, "author": "A. Writer", "price": price, **product}
        self.admin.request("PUT", f"/catalog/{sku}", book).require_ok()
        if copies:
            self.admin.request("POST", f"/catalog/{sku}/stock", {"delta": copies}).require_ok()
        return sku

    def order(self, sku: str, quantity: int = 1, token: str = "tok_ok", **fields: Any) -> str:
        """Places an order beside the page; returns its id."""
        order = {
            "customer_id": "cust-1",
            "customer_email": "ada@example.com",
            "payment_token": token,
            "items": [{"sku": sku, "quantity": quantity}],
            **fields,
        }
        return str(self.api.place(order).require_ok()["order_id"])

    def status(self, order_id: str) -> str:
        return str(self.api.order(order_id).require_ok()["status"])

    def bury(self, consumer: str, message: Event[EventData]) -> None:
        """Puts an event's message among a consumer's dead letters."""
        sqs, name = self.edges.clients.sqs, self.edges.settings.name(f"{consumer}-dlq")
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps(entry(message)))

    def confirmed(self, sku: str, **order: Any) -> str:
        """An order that has settled as confirmed; its id."""
        order_id = self.order(sku, **order)
        assert wait_until(lambda: self.status(order_id) == "confirmed", SETTLE_SECONDS)
        return order_id

    def orders_of(self, sku: str) -> list[Mapping[str, Any]]:
        """Those of the newest orders that are for a book."""
        found = self.admin.request("GET", "/orders?limit=100").require_ok()["orders"]
        return [order for order in found if sku in [item["sku"] for item in order["items"]]]

    def book(self, name: str) -> Locator:
        """A book on the shelf."""
        title = self.page.get_by_role("heading", name=name, exact=True)
        return self.page.get_by_role("listitem").filter(has=title)

    def take(self, name: str) -> None:
        """Finds a book and puts a copy into the basket."""
        self.page.get_by_role("searchbox", name="Search").fill(name)
        self.book(name).get_by_role("button", name=re.compile("basket")).click()

    def to_checkout(self, *names: str) -> None:
        """To the checkout with these books in the basket."""
        self.open()
        for name in names:
            self.take(name)
        self.open("checkout")
        expect(self.order_button).to_be_visible()

    @property
    def order_button(self) -> Locator:
        return self.page.get_by_role("button", name=re.compile("^Order for"))

    @property
    def email(self) -> Locator:
        return self.page.get_by_label("E-mail")

    @property
    def heading(self) -> Locator:
        return self.page.get_by_role("heading", level=1)

    def expect_events(self, *names: str) -> None:
        """The timeline has these events, oldest first."""
        expect(self.page.locator(".timeline strong")).to_have_text(list(names))

    def order_id(self) -> str:
        """Of the order whose page is open."""
        return self.page.url.rpartition("/")[2]

    def log_in(self, place: str = "") -> None:
        """The admin page, logged in."""
        self.page.goto(f"{self.url}/admin#/{place}")
        self.give(self.login.username, self.login.password)
        expect(self.page.get_by_role("button", name="Log out")).to_be_visible()

    def give(self, username: str, password: str) -> None:
        self.page.get_by_label("Username").fill(username)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Log in").click()
