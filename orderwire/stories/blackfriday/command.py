"""The command: a system of its own on free ports, with fresh state, that nothing is left of afterwards."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from orderwire.console.output import progress
from orderwire.console.signals import stoppable
from orderwire.machine.local import CATALOG, Ports, local_engine
from orderwire.machine.ports import free_port
from orderwire.stories.blackfriday.judge import Story, judge
from orderwire.stories.blackfriday.perform import SLOW, perform
from orderwire.stories.blackfriday.show import show
from orderwire.stories.blackfriday.size import Size
from orderwire.stories.blackfriday.slow import SlowConsumer
from orderwire.stories.demo.shop import Shop
from orderwire.workplace.home import Home
from orderwire.workplace.samples import load_catalog

MORE_WORKERS = 1
"""A second process with the consumers, as in the demo."""
BATCH_SECONDS = 5.0
"""What ten events take analytics while it is slow; they come a hundred times as fast."""


def blackfriday(home: Home, size: Size, as_json: bool) -> bool:
    """Performs the story, prints its figures and returns whether it ended as it is told. Raises Problem.

    Of `home` only a log file is used: what the functions logged.
    """
    began = time.monotonic()
    with stoppable():
        story = perform_apart(home, size)
    found = judge(story)
    show(story, found, time.monotonic() - began, as_json)
    return not any(each.wrong for each in found)


def perform_apart(home: Home, size: Size) -> Story:
    products = load_catalog(CATALOG)
    log = home.open_log("blackfriday")
    with TemporaryDirectory(prefix="orderwire-blackfriday-") as folder, log as output, progress() as bars:
        starting = bars.add_task("starting", total=1)
        inner = Home(Path(folder))
        with local_engine(inner, Ports(free_port(), 0), lambda _: None, output, more=MORE_WORKERS) as local:
            api = local.start(lambda _: None)
            bars.advance(starting)
            slowly = SlowConsumer(inner, local.engine.endpoint, SLOW, BATCH_SECONDS, output)
            return perform(Shop(local.target, local.engine.endpoint, api, local.admin), size, products, slowly, bars)
