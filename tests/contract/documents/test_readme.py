"""The README is short, and it, the tour and the page for subscribers show what there is."""

import re
from operator import attrgetter

from consumers.registry import consumers
from infrastructure.render import ROOT
from infrastructure.resources.topics import TOPICS

LARGEST = 8192
"""Bytes that one reads to the end."""
README, TOUR, SUBSCRIBING = ((ROOT / page).read_text() for page in ("README.md", "docs/tour.md", "docs/subscribing.md"))


def blocks(page, language):
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


def subscriptions_typed(page):
    return re.findall(r"(?m)^\$ (\.venv/bin/orderwire subscriptions .*campus.*)$", page)


def test_the_readme_can_be_read_to_the_end():
    assert len(README.encode()) <= LARGEST


def test_the_picture_draws_queues_and_topics_that_there_are():
    drawn = drawn_boxes()
    assert {"orders", "payment", "fulfilment"} <= drawn <= {*map(attrgetter("name"), consumers()), *TOPICS}


def drawn_boxes():
    """The queues and topics of the README's picture."""
    [picture] = re.findall(r"(?ms)^    shopper .*?^## ", README)
    return set(re.findall(r"(?:SQS|SNS) ([a-z-]+)", picture))


def test_every_box_of_the_picture_is_shown_with_a_command_or_an_image():
    table = TOUR.partition("| box | where it is seen |")[2].partition("\n\n")[0]
    shown = {row.split(" | ")[0].strip("| "): row for row in table.splitlines()[2:]}
    wanted = drawn_boxes() | {"checkout_api", "archive", "bus", "other teams' rules"}
    assert {box for box in wanted if not any(box in name for name in shown)} == set()
    assert {name for name, row in shown.items() if "`orderwire " not in row and "images/" not in row} == set()


def test_the_readme_subscribes_as_the_page_for_subscribers_does():
    """That page's story is played by tests/journey/test_subscribing.py."""
    assert blocks(README, "yaml") == blocks(SUBSCRIBING, "yaml")
    typed = subscriptions_typed(README)
    assert typed
    assert [line for line in typed if line not in subscriptions_typed(SUBSCRIBING)] == []
