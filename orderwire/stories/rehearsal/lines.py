"""Which of the sample orders are placed: one of each kind, and some that only follow once the update is out. Pure."""

from collections.abc import Iterator, Sequence

from orderwire.stories.demo.shopper import Acted
from orderwire.workplace.samples import SampleOrder

FOLLOWERS = 4
"""How many orders are placed before the update, and how many after it."""
SHOPPERS = 8
"""Lambda would start a function for each of many; on this machine each is a process that takes a second to begin."""

Kind = tuple[object, ...]
PLAIN: Kind = ("tok_ok", "confirmed", (), None)


def kind(line: SampleOrder) -> Kind:
    """Lines of one kind have the same payment token, steps and end. Each group is a kind of its own."""
    group = line.group.name if line.group else None
    return (line.order.get("payment_token"), line.expect, line.steps, group)


def one_of_each(lines: Sequence[SampleOrder]) -> list[SampleOrder]:
    """The first line of each kind; a group's lines only make sense together, so the first group comes whole."""
    groups = [line.group.name for line in lines if line.group]
    return [*firsts(lines), *(line for line in lines if line.group and line.group.name == groups[0])]


def firsts(lines: Sequence[SampleOrder]) -> Iterator[SampleOrder]:
    seen = set()
    for line in lines:
        if not line.group and kind(line) not in seen:
            seen.add(kind(line))
            yield line


def followers(lines: Sequence[SampleOrder], taken: Sequence[SampleOrder], number: int) -> list[SampleOrder]:
    """This many lines of the plainest kind that are not `taken`."""
    return [line for line in lines if kind(line) == PLAIN and line not in taken][:number]


def accepted(acted: Sequence[Acted]) -> list[str]:
    """The ids of the orders that were accepted."""
    return [each.order_id for each in acted if each.order_id]
