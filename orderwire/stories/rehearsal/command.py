"""The command: an account of its own on free ports, that nothing is left of afterwards but two logs."""

import json
import select
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from orderwire.console.output import out, progress
from orderwire.console.signals import stoppable
from orderwire.console.waiting import wait_until
from orderwire.machine.local import CATALOG
from orderwire.stories.demo.command import ORDERS
from orderwire.stories.demo.shop import Shop
from orderwire.stories.rehearsal.checkout import Checkout
from orderwire.stories.rehearsal.outcome import RehearsalOutcome
from orderwire.stories.rehearsal.perform import RehearsalFolder, Samples, rehearse
from orderwire.stories.rehearsal.show import show
from orderwire.workplace.home import Home
from orderwire.workplace.samples import load_catalog, load_orders

LONGEST_HOLD = 24 * 3600.0
"""Seconds; the account's certificate is good for a day."""


def rehearsal(home: Home, hold: bool, as_json: bool) -> bool:
    """Performs the rehearsal, prints what came of it and returns whether all is as it should be. Raises Problem.

    Of `home` only two log files are used. With `hold` the account stays until somebody presses Enter.
    """
    began = time.monotonic()
    with stoppable():
        outcome = perform_apart(home, hold, as_json)
    show(outcome, time.monotonic() - began, as_json)
    return outcome.good


def perform_apart(home: Home, hold: bool, as_json: bool) -> RehearsalOutcome:
    samples = Samples(load_orders(ORDERS), load_catalog(CATALOG))
    log, account_log = home.log("rehearsal"), home.log("rehearsal-account")
    for name in ("rehearsal", "rehearsal-account"):
        home.open_log(name).close()
    with TemporaryDirectory(prefix="orderwire-rehearsal-") as folder, progress() as bars:
        waiting = holder(as_json, bars.console) if hold else go_on
        return rehearse(RehearsalFolder(Path(folder), log, account_log), samples, bars, waiting)


def go_on(_checkout: Checkout, _shop: Shop) -> None:
    """Nobody wants to look around."""


def holder(as_json: bool, console: Console) -> Callable[[Checkout, Shop], None]:
    """Says where everything is and waits for Enter, or for the end of standard input."""

    def wait(checkout: Checkout, shop: Shop) -> None:
        found = {
            "api": shop.api,
            "admin": asdict(shop.admin),
            "checkout": str(checkout.path),
            "environment": checkout.environment_of_account,
        }
        if as_json:
            out.print(json.dumps(found), soft_wrap=True, highlight=False, markup=False)
        else:
            exports = "\n".join(f"export {key}={value}" for key, value in checkout.environment_of_account.items())
            told = (
                f"The stage is up: {shop.api}\nIts admin is {shop.admin.username}, password {shop.admin.password}.\n"
                f"To work in its account, from {checkout.path}:\n{exports}\nPress Enter to go on."
            )
            console.print(told, soft_wrap=True, highlight=False, markup=False)
        wait_until(lambda: bool(select.select([sys.stdin], [], [], 0)[0]), LONGEST_HOLD, pause=0.1)

    return wait
