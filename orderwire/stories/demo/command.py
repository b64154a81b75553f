"""The command: a system of its own on free ports, with fresh state, that nothing is left of afterwards."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from orderwire.console.output import progress
from orderwire.console.signals import stoppable
from orderwire.machine.local import CATALOG, Ports, local_engine
from orderwire.machine.ports import free_port
from orderwire.stories.demo.outcome import DemoOutcome
from orderwire.stories.demo.perform import perform
from orderwire.stories.demo.shop import Shop
from orderwire.stories.demo.show import show
from orderwire.workplace.home import ROOT, Home
from orderwire.workplace.samples import load_catalog, load_orders

ORDERS = ROOT / "samples" / "orders.jsonl"
MORE_WORKERS = 1
"""A second process with the consumers: quicker on two processors, and they meet each other as functions in AWS do."""


def demo(home: Home, orders: Path, as_json: bool) -> bool:
    """Performs the demo, prints what came of it and returns whether all is as it should be. Raises Problem.

    Of `home` only a log file is used: what went wrong in the functions.
    """
    began = time.monotonic()
    with stoppable():
        outcome = perform_apart(home, orders)
    show(outcome, time.monotonic() - began, as_json)
    return outcome.good


def perform_apart(home: Home, orders: Path) -> DemoOutcome:
    lines, products = load_orders(orders), load_catalog(CATALOG)
    with TemporaryDirectory(prefix="orderwire-demo-") as folder, home.open_log("demo") as output, progress() as bars:
        starting = bars.add_task("starting", total=1)
        with local_engine(Home(Path(folder)), Ports(free_port(), 0), ignore, output, more=MORE_WORKERS) as local:
            api = local.start(ignore)
            bars.advance(starting)
            return perform(Shop(local.target, local.engine.endpoint, api, local.admin), lines, products, bars)


def ignore(_step: str) -> None:
    """The progress bars say enough."""
