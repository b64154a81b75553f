"""A running system, in which lines are acted until they have settled."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.progress import Progress

from consumers.registry import consumers
from edges.queues import depth
from orderwire.console.waiting import wait_until
from orderwire.stories.demo.ends import settled
from orderwire.stories.demo.shopper import Acted, Shopper
from orderwire.workplace.api_client import ApiClient
from orderwire.workplace.embedded import Inside
from orderwire.workplace.home import Login
from orderwire.workplace.samples import SampleOrder
from orderwire.workplace.stage import Target
from tables.orders import Orders

SHOPPERS = 32
"""How many lines are acted at the same time; most of them wait for something."""
SLOW_CARDS = {"tok_flaky": 5, "tok_lost": 4, "tok_slow": 2}
SETTLE_SECONDS = 900
"""Only what hangs takes so long."""
BETWEEN_LOOKS = 0.2


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


def act_all(shop: Shop, lines: Sequence[SampleOrder], bars: Progress, shoppers: int = SHOPPERS) -> list[Acted]:
    """Acts the lines, those that take longest first. Returns in the order of the lines."""
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
    return not any(depth(edges.clients.sqs, edges.settings.name(row.name)).total for row in consumers())


def statuses(shop: Shop) -> dict[str, str]:
    return {row.order_id: row.status for row in Orders(shop.target.edges).scan()}
