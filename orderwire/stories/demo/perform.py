"""Performs the demo on a running system."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from rich.progress import Progress

from orderwire.stories.demo.books import Books
from orderwire.stories.demo.checks import checks, unchanged
from orderwire.stories.demo.ends import ends
from orderwire.stories.demo.outcome import DemoOutcome
from orderwire.stories.demo.reading import read_books
from orderwire.stories.demo.replay import replay_everything
from orderwire.stories.demo.shop import Shop, act_all, settle
from orderwire.stories.demo.shopper import Acted
from orderwire.workplace.samples import SampleOrder, SampleProduct


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


def statuses_in(books: Books) -> dict[str, str]:
    return {key: row.status for key, row in books.orders.items()}


def with_spinner(bars: Progress, what: str, work: Callable[[], None]) -> None:
    task = bars.add_task(what, total=1)
    work()
    bars.advance(task)
