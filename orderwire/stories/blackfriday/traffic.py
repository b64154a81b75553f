"""Shoppers who order, and the warehouse that ships: the traffic of both days, over HTTP.

Each shopper orders the next basket only when the last one is shipped. So both days put the same load on the system,
however slow the machine is, and their figures can be compared.
"""

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from orderwire.console.problem import Problem
from orderwire.console.waiting import wait_until
from orderwire.workplace.api_client import ApiClient

TITLES = 24
"""What everybody wants."""
CONFIRM_SECONDS, BETWEEN_LOOKS = 600, 0.25


@dataclass(frozen=True)
class Traffic:
    """`titles` are the skus on sale; `shop` orders as nobody in particular, `admin` decides."""

    shop: ApiClient
    admin: ApiClient
    titles: Sequence[str]
    shoppers: int

    def run(self, day: str, orders: int, held_up: Collection[int], tick: Callable[[], None]) -> list[str]:
        """Places that many orders and has each shipped but those whose numbers are `held_up`; returns their ids in
        order. Raises Problem."""

        def buy(number: int) -> str:
            order_id = self.place(day, number)
            if number not in held_up:
                self.ship(order_id)
            tick()
            return order_id

        with ThreadPoolExecutor(self.shoppers) as pool:
            return list(pool.map(buy, range(orders)))

    def place(self, day: str, number: int) -> str:
        order = basket(day, number, self.titles)
        return str(self.shop.place(order, idempotency_key(day, number)).require_ok()["order_id"])

    def ship(self, order_id: str) -> None:
        """Waits until the order is confirmed, packs it and sends it. Raises Problem."""
        if not wait_until(lambda: self.status(order_id) == "confirmed", CONFIRM_SECONDS, BETWEEN_LOOKS):
            raise Problem(f"{order_id} is {self.status(order_id)}, not confirmed, after {CONFIRM_SECONDS} s.")
        for decision in ("process", "ship"):
            self.admin.decide(order_id, decision).require_ok()

    def ship_all(self, order_ids: Collection[str], tick: Callable[[], None]) -> None:
        def ship(order_id: str) -> None:
            self.ship(order_id)
            tick()

        with ThreadPoolExecutor(self.shoppers) as pool:
            list(pool.map(ship, order_ids))

    def status(self, order_id: str) -> str:
        return str(self.shop.order(order_id).require_ok()["status"])


def customer(day: str, number: int) -> str:
    return f"{day}-{number}"


def idempotency_key(day: str, number: int) -> str:
    return f"blackfriday-{day}-order-{number}"


def basket(day: str, number: int, titles: Sequence[str]) -> dict[str, Any]:
    """The body of POST /orders: one to three copies of a title, and one of another in every second basket."""
    items = [{"sku": titles[number % len(titles)], "quantity": 1 + number % 3}]
    if number % 2:
        items.append({"sku": titles[(number * 5 + 7) % len(titles)], "quantity": 1})
    name = customer(day, number)
    return {"customer_id": name, "customer_email": f"{name}@example.com", "payment_token": "tok_ok", "items": items}


def spread(count: int, among: int) -> list[int]:
    """`count` of the numbers below `among`, evenly."""
    return [number * among // count for number in range(count)]
