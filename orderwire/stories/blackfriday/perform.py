"""Performs the story on a running system."""

from collections.abc import Sequence
from contextlib import AbstractContextManager

from rich.progress import Progress

from consumers.registry import consumers
from orderwire.console.problem import Problem
from orderwire.operate.dlq import DeadLetter, DeadLetters
from orderwire.stories.blackfriday import mistake
from orderwire.stories.blackfriday.judge import RushEnd, Story
from orderwire.stories.blackfriday.size import BAD, Size
from orderwire.stories.blackfriday.traffic import TITLES, Traffic, spread
from orderwire.stories.demo.books import read_books
from orderwire.stories.demo.perform import Shop, statuses
from orderwire.workplace.api_client import ApiClient
from orderwire.workplace.samples import SampleProduct
from orderwire.workplace.settling import messages, settle
from tables.sandbox_ledger import SandboxLedger

SLOW, SPOILED = "analytics", "payment"
"""The consumer that is slow, and the one at which the twelve come to grief."""
RUSH = "the-rush"
SETTLE_SECONDS = 90
COPIES = 2000
"""Of each title, that the shop has got in for the day."""


def perform(
    shop: Shop, size: Size, products: Sequence[SampleProduct], slowly: AbstractContextManager[object], bars: Progress
) -> Story:
    """`slowly` is a block in which analytics is slow. Raises Problem if the story cannot go on."""
    edges, titles = shop.target.edges, most_wanted(products)
    traffic = open_shop(shop, titles, size.shoppers)
    opening = run(traffic, "opening", size.shoppers, (), bars)
    before = run(traffic, "the-day-before", size.before, (), bars)
    wait(shop, everybody(), bars)
    numbers = spread(BAD, size.rush)
    bad = mistake.order_ids(edges, RUSH, numbers)
    mistake.make(edges, bad)
    with slowly:
        rush = run(traffic, RUSH, size.rush, numbers, bars)
        wait(shop, [name for name in everybody() if name != SLOW], bars)
        found = look(shop)
    mistake.mend(edges, bad)
    moved = send_back(shop, found.letters, size.rate, bars)
    ship_late(traffic, bad, bars)
    wait(shop, everybody(), bars)
    first_stock = {each.sku: each.stock + COPIES * (each.sku in titles) for each in products}
    return Story(opening, before, rush, bad, found, moved, read_books(shop.target, shop.inside), first_stock)


def look(shop: Shop) -> RushEnd:
    """How things stand now."""
    edges = shop.target.edges
    paid = [row.order_id for row in SandboxLedger(edges).scan() if row.status == "captured"]
    return RushEnd(messages(edges, [SLOW]), statuses(shop), dead_letters(shop).show(), paid)


def most_wanted(products: Sequence[SampleProduct]) -> list[str]:
    return [each.sku for each in sorted(products, key=lambda each: -each.stock)[:TITLES]]


def open_shop(shop: Shop, titles: Sequence[str], shoppers: int) -> Traffic:
    """With enough copies of every title."""
    client = ApiClient(shop.api)
    traffic = Traffic(client, client.as_admin(shop.admin), titles, shoppers)
    for sku in titles:
        traffic.admin.request("POST", f"/catalog/{sku}/stock", {"delta": COPIES}).require_ok()
    return traffic


def run(traffic: Traffic, day: str, orders: int, held_up: Sequence[int], bars: Progress) -> list[str]:
    task = bars.add_task(day.replace("-", " "), total=orders)
    return traffic.run(day, orders, held_up, lambda: bars.advance(task))


def ship_late(traffic: Traffic, orders: Sequence[str], bars: Progress) -> None:
    task = bars.add_task("shipping what was held up", total=len(orders))
    traffic.ship_all(orders, lambda: bars.advance(task))


def everybody() -> list[str]:
    return [row.name for row in consumers()]


def wait(shop: Shop, consumers: Sequence[str], bars: Progress) -> None:
    """Until nothing is left for these consumers. Raises Problem."""
    task = bars.add_task("settling", total=None)

    def told(left: int) -> None:
        bars.update(task, description=f"settling: {left} messages")

    if left := settle(shop.target.edges, consumers, SETTLE_SECONDS, told):
        raise Problem(f"{left} messages are still in the queues after {SETTLE_SECONDS} s.")
    bars.remove_task(task)


def dead_letters(shop: Shop) -> DeadLetters:
    edges = shop.target.edges
    return DeadLetters(edges.clients.sqs, edges.settings, SPOILED, clock=edges.clock)


def send_back(shop: Shop, letters: Sequence[DeadLetter], rate: int, bars: Progress) -> int:
    task = bars.add_task("redriving", total=len(letters))
    return dead_letters(shop).redrive(None, lambda moved: bars.update(task, completed=moved), rate)
