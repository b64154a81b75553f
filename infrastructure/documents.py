"""What pages of docs/ say of the declarations. It stands between two marks, and `make render` writes it."""

import re
from collections.abc import Iterable
from importlib import import_module

from consumers.declaration import Consumer
from consumers.registry import consumers
from schemas.envelope import EventData

ARCHITECTURE = "docs/architecture.md"


class NoSuchPart(ValueError):
    """The page does not have the marks of a part, once and in order."""


def with_part(page: str, name: str, part: str) -> str:
    """The page's text with `part`, Markdown, between its marks. Raises NoSuchPart."""
    first, last = f"<!-- {name}: written by `make render` -->", f"<!-- end of {name} -->"
    if page.count(first) != 1 or page.count(last) != 1 or page.index(first) > page.index(last):
        raise NoSuchPart(f"the page has not, once, the lines {first} and {last}")
    before, rest = page.split(first)
    return f"{before}{first}\n\n{part}\n\n{last}{rest.split(last)[1]}"


def architecture(page: str) -> str:
    """The page's text with the table of all consumers."""
    return with_part(page, "consumers", consumers_table())


def consumers_table() -> str:
    """A line of Markdown per consumer: what it is for, which events it hears, and which it publishes."""
    rows = [(row.name, purpose(row), heard(row), named(row.publishes)) for row in consumers()]
    head = ("consumer", "what it does", "hears", "publishes")
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows))


def purpose(consumer: Consumer) -> str:
    """What the first line of the consumer's module says after its name. Raises ValueError if it does not."""
    module = f"consumers.{consumer.name.replace('-', '_')}"
    said = re.match(rf"{consumer.name}: (.+)", import_module(module).__doc__ or "")
    if said is None:
        raise ValueError(f'{module} has to begin with a docstring such as """{consumer.name}: what it does."""')
    return said[1].rstrip(".")


def heard(consumer: Consumer) -> str:
    if consumer.topic:
        return f"what the topic {consumer.topic} posts"
    return "every event" if EventData in consumer.hears else named(consumer.hears)


def named(events: Iterable[type[EventData]]) -> str:
    return ", ".join(event.DETAIL_TYPE for event in events) or "-"
