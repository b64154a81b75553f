"""Performs the demo on a running system."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.progress import Progress

from consumers.registry import consumers
from edges.queues import counts
from orderwire.console.waiting import wait_until
from orderwire.stories.demo.books import Books, read_books
from orderwire.stories.demo.checks import Check, checks, unchanged
from orderwire.stories.demo.ends import Ended, ends, settled
from orderwire.stories.demo.replay import replay_everything
from orderwire.stories.demo.shopper import Acted, Shopper
from orderwire.workplace.api_client import ApiClient
from orderwire.workplace.embedded import Inside
from orderwire.workplace.home import Login
from orderwire.workplace.samples import SampleOrder, SampleProduct
from orderwire.workplace.stage import Target
from tables.orders import Orders

SHOPPERS = 32
"""How many lines are acted at the same time; most of them wait for something."""
SLOW_CARDS = {"tok_flaky": 5, "tok_lost": 4, "tok_slow": 2}
SETTLE_SECONDS = 180
BETWEEN_LOOKS = 0.2


@dataclass(frozen=True)
class DemoOutcome:
    ends: list[Ended]
    checks: list[Check]

    @property
    def good(self) -> bool:
        return not any(end.wrong for end in self.ends) and not any(check.wrong for check in self.checks)


@dataclass(frozen=True)
class Shop:
    """A running system: `endpoint` is the engine's, `api` the API's URL; `trust` is a file with the certificate of both
    where they speak TLS."""

    target: Target
    endpoint: str
    api: str
    admin: Login
    trust: Path | None = None

    @property
    def inside(self) -> Inside:
        return Inside(self.endpoint, self.trust)


def perform(shop: Shop, lines: Sequence[SampleOrder], products: Sequence[SampleProduct], bars: Progress) -> DemoOutcome:
    """Acts all lines, waits until they have settled, checks; replays the archive, checks again. Raises Problem."""
    began = shop.target.edges.clock.now()
    acted = act_all(shop, lines, bars)
    return balance(shop, acted, {product.sku: product.stock for product in products}, began, bars)


def balance(
    shop: Shop, acted: Sequence[Acted], first_stock: Mapping[str, int], began: datetime, bars: Progress
) -> DemoOutcome:
    """As `perform`, for lines that were acted already, after the time `began`. `first_stock`: product -> copies.

    Test orders of an admin that are there count as accepted, too.
    """
    with_spinner(bars, "waiting until all is settled", lambda: settle(shop, acted))
    before = read_books(shop.target, shop.inside)
    with_spinner(bars, "replaying the archive", lambda: replay_everything(shop.target, "demo", began))
    with_spinner(bars, "waiting until all is settled", lambda: settle(shop, acted))
    after = read_books(shop.target, shop.inside)
    accepted = {each.order_id for each in acted if each.order_id}
    accepted |= {order for order, row in before.orders.items() if row.test}
    found = [*checks(before, accepted, first_stock), unchanged(before, after)]
    return DemoOutcome(ends(acted, statuses_in(before)), found)


def act_all(shop: Shop, lines: Sequence[SampleOrder], bars: Progress, shoppers: int = SHOPPERS) -> list[Acted]:
    """Acts the lines, those that take longest first. Answers in the order of the lines."""
    client = ApiClient(shop.api, trust=shop.trust)
    shopper = Shopper(client, client.as_admin(shop.admin))
    task = bars.add_task("orders placed", total=len(lines))
    with ThreadPoolExecutor(shoppers) as pool:
        acting = {
            number: pool.submit(shopper.act, lines[number], lambda: bars.advance(task))
            for number in sorted(range(len(lines)), key=lambda number: -effort(lines[number]))
        }
        return [acting[number].result() for number in range(len(lines))]


def effort(line: SampleOrder) -> int:
    """How long a line takes, roughly, in steps: a card that makes payment retry counts as several."""
    return len(line.steps) + SLOW_CARDS.get(str(line.order.get("payment_token")), 0)


def settle(shop: Shop, acted: Sequence[Acted]) -> None:
    """Waits until every queue is empty and every order where it must end, or for as long as that may take.

    It must be so at two looks: a message may move from a queue not yet looked at to one already seen.
    """

    def still() -> bool:
        return quiet(shop) and settled(acted, statuses(shop))

    def twice() -> bool:
        if not still():
            return False
        shop.target.edges.clock.sleep(BETWEEN_LOOKS)
        return still()

    wait_until(twice, SETTLE_SECONDS, BETWEEN_LOOKS)


def quiet(shop: Shop) -> bool:
    """Whether nothing waits for a consumer; what is in a dead-letter queue waits for a person."""
    edges = shop.target.edges
    return not any(sum(counts(edges.clients.sqs, edges.settings.name(row.name))) for row in consumers())


def statuses(shop: Shop) -> dict[str, str]:
    return {row.order_id: row.status for row in Orders(shop.target.edges).scan()}


def statuses_in(books: Books) -> dict[str, str]:
    return {key: row.status for key, row in books.orders.items()}


def with_spinner(bars: Progress, what: str, work: Callable[[], None]) -> None:
    task = bars.add_task(what, total=1)
    work()
    bars.advance(task)
