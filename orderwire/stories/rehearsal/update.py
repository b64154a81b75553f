"""The second release: a changed consumer, while shoppers are in the shop."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from orderwire.console.waiting import wait_until
from orderwire.stories.check import Check, check
from orderwire.stories.demo.shop import Shop, act_all, settle
from orderwire.stories.demo.shopper import Acted
from orderwire.stories.rehearsal.change import change_consumer, new_code_runs
from orderwire.stories.rehearsal.checkout import Checkout
from orderwire.stories.rehearsal.in_place import InPlace, all_deployed, in_place, updated
from orderwire.stories.rehearsal.lines import FOLLOWERS, SHOPPERS, accepted, followers, one_of_each
from orderwire.stories.rehearsal.steps import Steps
from orderwire.workplace.samples import SampleOrder
from tables.order_log import OrderLog
from tables.order_row import OrderRow
from tables.orders import Orders

UNDER_WAY = "Updating lambda layer"
"""What Chalice says before it updates one function after the other."""
UPDATE_SECONDS = 3600


@dataclass(frozen=True)
class Updated:
    """What was acted `before`, `during` and `after` the update, which replaced functions from `began` to `ended`, and
    what was deployed `old` and `new`."""

    before: Sequence[Acted]
    during: Sequence[Acted]
    after: Sequence[Acted]
    began: datetime
    ended: datetime
    old: InPlace
    new: InPlace

    @property
    def acted(self) -> list[Acted]:
        return [*self.before, *self.during, *self.after]


def update(checkout: Checkout, shop: Shop, lines: Sequence[SampleOrder], steps: Steps) -> Updated:
    """Acts some lines, then one of each kind while the functions are replaced, then some more. Raises Problem."""
    middle = one_of_each(lines)
    plain = followers(lines, middle, 2 * FOLLOWERS)
    with steps.step("ordering"):
        before = act_all(shop, plain[:FOLLOWERS], steps.bars, SHOPPERS)
        settle(shop, before)
    old = in_place(checkout.account.client)
    with steps.step("updating a consumer, while orders are placed"):
        change_consumer(checkout.path)
        checkout.commit("Change a consumer")
        began, during, ended = deploy_and_act(checkout, shop, middle, steps)
    new = in_place(checkout.account.client)
    with steps.step("ordering from the update"):
        after = act_all(shop, plain[FOLLOWERS:], steps.bars, SHOPPERS)
    return Updated(before, during, after, began, ended, old, new)


def deploy_and_act(
    checkout: Checkout, shop: Shop, lines: Sequence[SampleOrder], steps: Steps
) -> tuple[datetime, list[Acted], datetime]:
    """When the functions began to be replaced, what was acted from then on, and when they were replaced."""
    now, size = shop.target.edges.clock.now, checkout.log.stat().st_size

    def deploy() -> datetime:
        checkout.orderwire("release", shop.target.stage.name, "--yes")
        return now()

    with ThreadPoolExecutor(1) as beside:
        deploying = beside.submit(deploy)
        wait_until(lambda: deploying.done() or UNDER_WAY in checkout.said(size), UPDATE_SECONDS)
        if deploying.done():
            deploying.result()
        began = now()
        return began, act_all(shop, lines, steps.bars, SHOPPERS), deploying.result()


def update_checks(shop: Shop, found: Updated) -> list[Check]:
    """The shop must be quiet."""
    edges = shop.target.edges
    return [
        all_deployed(found.new, shop.target.stage, "updated"),
        updated(found.old, found.new, "updated"),
        new_code_runs(OrderLog(edges).scan(), *map(accepted, (found.before, found.during, found.after))),
        in_flight(list(Orders(edges).scan()), found.began, found.ended),
    ]


def in_flight(orders: Sequence[OrderRow], began: datetime, ended: datetime) -> Check:
    """Without orders on their way, the update would prove nothing."""
    placed = [row for row in orders if row.placed_at and began <= row.placed_at <= ended]
    wrong = [] if placed else ["no order was placed meanwhile"]
    return check("orders came in during the update", f"{len(placed)} while functions were replaced", wrong)
