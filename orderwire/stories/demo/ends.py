"""Whether every line came to the end that it must come to. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from orderwire.stories.demo.shopper import Acted
from orderwire.workplace.samples import Group


@dataclass(frozen=True)
class Ended:
    """A line and its end. `wrong` says what is not as the line says, or is None."""

    note: str
    expected: str
    ended: str
    order_id: str | None
    wrong: str | None


def ends(acted: Sequence[Acted], statuses: Mapping[str, str]) -> list[Ended]:
    """`statuses`: order id -> status, of every order there is."""
    unfair = unfair_groups(acted, statuses)
    return [end_of(each, statuses, unfair) for each in acted]


def end_of(acted: Acted, statuses: Mapping[str, str], unfair: Mapping[str, str]) -> Ended:
    line = acted.line
    ended = f"http {acted.refused}" if acted.refused else statuses.get(acted.order_id or "", "nowhere")
    expected = f"{line.expect} or {line.group.otherwise}" if line.group else line.expect
    wrong = acted.unexpected
    if wrong is None and ended not in expected.split(" or "):
        wrong = f"must end {expected}"
    if wrong is None and line.group:
        wrong = unfair.get(line.group.name)
    return Ended(line.note, expected, ended, acted.order_id, wrong)


def unfair_groups(acted: Iterable[Acted], statuses: Mapping[str, str]) -> dict[str, str]:
    """Group name -> what is wrong, of the groups with more or fewer winners than there must be."""
    won: defaultdict[Group, int] = defaultdict(int)
    for each in acted:
        if each.line.group:
            won[each.line.group] += statuses.get(each.order_id or "") == each.line.expect
    return {
        group.name: f"{winners} of the group won, not {group.winners}"
        for group, winners in won.items()
        if winners != group.winners
    }


def settled(acted: Sequence[Acted], statuses: Mapping[str, str]) -> bool:
    """Whether every order has come to its end. Lines that failed already are left out: waiting does not help them."""
    return not any(each.wrong for each in ends([one for one in acted if one.unexpected is None], statuses))
