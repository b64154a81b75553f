"""Performs the story on a running system."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from rich.progress import Progress

from consumers.registry import subscriptions
from orderwire.api_client import ApiClient
from orderwire.blackfriday import mistake
from orderwire.blackfriday.judge import Story
from orderwire.blackfriday.traffic import TITLES, Traffic, spread
from orderwire.commands.dlq import DeadLetter, DeadLetters
from orderwire.demo.books import read_books
from orderwire.demo.perform import Stage, statuses
from orderwire.problem import Problem
from orderwire.samples import Product
from orderwire.settling import messages, settle
from tables.sandbox_ledger import SandboxLedger

SLOW, SPOILED = "analytics", "payment"
"""The consumer that is slow, and the one at which the twelve come to grief."""
BAD = 12
SETTLE_SECONDS = 90
COPIES = 2000
"""Of each title, that the shop has got in for the day."""


@dataclass(frozen=True)
class Size:
    """How many orders come on the day before and in the rush, and how many shoppers there are. `rate` is how many dead
    letters are sent back a second."""

    before: int
    rush: int
    shoppers: int = 12
    rate: int = 10


def perform(
    stage: Stage, size: Size, products: Sequence[Product], slowly: AbstractContextManager[object], bars: Progress
) -> Story:
    """`slowly` is a block in which analytics is slow. Raises Problem if the story cannot go on."""
    edges = stage.target.edges
    shop = ApiClient(stage.api)
    titles = most_wanted(products)
    traffic = Traffic(shop, shop.as_admin(stage.admin), titles, size.shoppers)
    stock_up(traffic)
    warm_up = run(traffic, "doors", size.shoppers, (), bars, "opening")
    before = run(traffic, "before", size.before, (), bars, "the day before")
    wait(stage, everybody(), bars)

    numbers = spread(BAD, size.rush)
    bad = mistake.order_ids(edges, "rush", numbers)
    mistake.make(edges, bad)
    with slowly:
        rush = run(traffic, "rush", size.rush, numbers, bars, "the rush")
        wait(stage, [name for name in everybody() if name != SLOW], bars)
        backlog, then = messages(edges, [SLOW]), statuses(stage)
        letters = dead_letters(stage).show()
        paid_then = [row.order_id for row in SandboxLedger(edges).scan() if row.status == "captured"]

    mistake.mend(edges, bad)
    moved = send_back(stage, letters, size.rate, bars)
    task = bars.add_task("shipping what was held up", total=len(bad))
    traffic.ship_all(bad, lambda: bars.advance(task))
    wait(stage, everybody(), bars)
    first = {each.sku: each.stock + COPIES * (each.sku in titles) for each in products}
    books = read_books(stage.target, stage.endpoint)
    return Story(warm_up, before, rush, bad, backlog, then, letters, paid_then, moved, books, first)


def most_wanted(products: Sequence[Product]) -> list[str]:
    return [each.sku for each in sorted(products, key=lambda each: -each.stock)[:TITLES]]


def stock_up(traffic: Traffic) -> None:
    for sku in traffic.titles:
        traffic.admin.request("POST", f"/catalog/{sku}/stock", {"delta": COPIES}).require_ok()


def run(traffic: Traffic, day: str, orders: int, held_up: Sequence[int], bars: Progress, what: str) -> list[str]:
    task = bars.add_task(what, total=orders)
    return traffic.run(day, orders, held_up, lambda: bars.advance(task))


def everybody() -> list[str]:
    return [row.name for row in subscriptions()]


def wait(stage: Stage, consumers: Sequence[str], bars: Progress) -> None:
    """Until nothing is left for these consumers. Raises Problem."""
    task = bars.add_task("settling", total=None)

    def told(left: int) -> None:
        bars.update(task, description=f"settling: {left} messages")

    if left := settle(stage.target.edges, consumers, SETTLE_SECONDS, told):
        raise Problem(f"{left} messages are still in the queues after {SETTLE_SECONDS} s.")
    bars.remove_task(task)


def dead_letters(stage: Stage) -> DeadLetters:
    edges = stage.target.edges
    return DeadLetters(edges.clients.sqs, edges.settings, SPOILED, clock=edges.clock)


def send_back(stage: Stage, letters: Sequence[DeadLetter], rate: int, bars: Progress) -> int:
    task = bars.add_task("redriving", total=len(letters))
    return dead_letters(stage).redrive(None, lambda moved: bars.update(task, completed=moved), rate)
