"""The rehearsal from the empty account to its end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.progress import Progress

from edges.connect import Clock
from orderwire.release.packaging.package import machine_architecture
from orderwire.release.smoke.smoke import RESTOCK
from orderwire.stories.demo.checks import Check, check
from orderwire.stories.demo.ends import Ended
from orderwire.stories.demo.perform import Shop, act_all, balance, settle, statuses
from orderwire.stories.rehearsal.account import strict_account
from orderwire.stories.rehearsal.checkout import Checkout, copy_checkout
from orderwire.stories.rehearsal.end import taken_back, torn_down
from orderwire.stories.rehearsal.first_release import STAGE, first_release, open_shop
from orderwire.stories.rehearsal.front import front_door
from orderwire.stories.rehearsal.lines import followers
from orderwire.stories.rehearsal.one_stack import create_one_stack
from orderwire.stories.rehearsal.steps import RehearsalStep, Steps
from orderwire.stories.rehearsal.update import update, update_checks
from orderwire.workplace.api_client import ApiClient
from orderwire.workplace.samples import SampleOrder, SampleProduct
from orderwire.workplace.stage import stage_named
from tables.catalog import SMOKE_SKU


@dataclass(frozen=True)
class Samples:
    lines: Sequence[SampleOrder]
    products: Sequence[SampleProduct]

    @property
    def first_stock(self) -> dict[str, int]:
        """The smoke orders' own product included."""
        return {SMOKE_SKU: RESTOCK, **{product.sku: product.stock for product in self.products}}


@dataclass(frozen=True)
class RehearsalFolder:
    """Where a rehearsal works: a `folder` that is gone afterwards, and the logs that stay, of the commands and of the
    account."""

    folder: Path
    log: Path
    account_log: Path


@dataclass(frozen=True)
class RehearsalOutcome:
    steps: Sequence[RehearsalStep]
    ends: Sequence[Ended]
    checks: Sequence[Check]

    @property
    def good(self) -> bool:
        return not any(end.wrong for end in self.ends) and not any(check.wrong for check in self.checks)


Hold = Callable[[Checkout, Shop], None]


def rehearse(place: RehearsalFolder, samples: Samples, bars: Progress, hold: Hold) -> RehearsalOutcome:
    """Calls `hold` when the stage is released, updated and settled. Raises Problem."""
    steps = Steps(bars, place.log)
    with strict_account(place.folder, place.account_log) as account:
        checkout = copy_checkout(place.folder, account, place.log)
        ends, checks = released_and_updated(checkout, samples, steps, hold)
    with strict_account(place.folder, place.account_log) as account:
        checks.append(in_one_stack(checkout.in_(account), samples, steps))
    return RehearsalOutcome(steps.done, ends, checks)


def released_and_updated(
    checkout: Checkout, samples: Samples, steps: Steps, hold: Hold
) -> tuple[Sequence[Ended], list[Check]]:
    began = Clock().now()
    shop = first_release(checkout, steps)
    found = update(checkout, shop, samples.lines, steps)
    with steps.step("settling, and replaying the archive"):
        outcome = balance(shop, found.acted, samples.first_stock, began, steps.bars)
        checks = [front_door(ApiClient(shop.api, trust=shop.trust)), *update_checks(shop, found), *outcome.checks]
    hold(checkout, shop)
    checks += taken_back(checkout, shop, samples.lines, steps)
    checks += torn_down(checkout, shop, steps)
    return outcome.ends, checks


def in_one_stack(checkout: Checkout, samples: Samples, steps: Steps) -> Check:
    """The same sources as one stack, and an order there over HTTP."""
    stage, package = stage_named(STAGE.name, emulated=True), checkout.path.parent / "package"
    with steps.step("packing one stack"):
        architecture = ("--architecture", machine_architecture())
        checkout.orderwire("package", STAGE.name, str(package), "--whole", *architecture)
    with steps.step("creating one stack"):
        api = create_one_stack(checkout.account, stage, package)
    with steps.step("ordering from one stack"):
        shop = open_shop(checkout, api)
        acted = act_all(shop, followers(samples.lines, (), 1), steps.bars)
        settle(shop, acted)
    ended = list(statuses(shop).values())
    return check("as one stack it takes orders too", f"{len(ended)} order", () if ended == ["confirmed"] else ended)
