"""What a change of the contracts means, and whose rules meet it. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from orderwire.evolution.contracts import Contract, Contracts
from orderwire.evolution.covers import Verdict
from orderwire.evolution.diff import Change, diff, worst
from orderwire.evolution.hearers import Hearer, affected


@dataclass(frozen=True)
class Notice:
    """Somebody to talk to, whose rule meets a change. `reads` is what it reads of that, in the event's detail."""

    name: str
    team: str
    contact: str
    event: str
    pointer: str
    change: str
    reads: str


@dataclass(frozen=True)
class Report:
    changes: Sequence[Change]
    notices: Sequence[Notice]

    @property
    def verdict(self) -> Verdict:
        return worst([change.verdict for change in self.changes])


def report(old: Contracts, new: Contracts, hearers: Sequence[Hearer]) -> Report:
    """Raises Problem for a rule that cannot be read."""
    changes = diff(old, new, partial(named_by, hearers))
    return Report(changes, list(notices(changes, old, new, hearers)))


def named_by(hearers: Sequence[Hearer], contract: Contract) -> list[str]:
    return [each.name for each in hearers if each.names(contract)]


def notices(changes: Sequence[Change], old: Contracts, new: Contracts, hearers: Sequence[Hearer]) -> Iterator[Notice]:
    for change in changes:
        key = (change.event, change.major)
        sides = [side[key] for side in (old, new) if key in side]
        for hearer in hearers:
            if read := met(change, hearer, sides):
                yield Notice(
                    hearer.name, hearer.team, hearer.contact, change.event, change.pointer, change.change, read
                )


def met(change: Change, hearer: Hearer, sides: Sequence[Contract]) -> str:
    """What the rule reads of what changed, or nothing. A field that was added concerns who has asked for it already,
    for example for its absence."""
    if change.rules == Verdict.COMPATIBLE and change.change not in ("added", "added as required"):
        return ""
    if not change.pointer:
        asked = change.rules != Verdict.COMPATIBLE and any(hearer.names(each) for each in sides)
        return "the event" if asked else ""
    if not any(hearer.hears(each) for each in sides):
        return ""
    exactly = change.rules == Verdict.COMPATIBLE
    read = [path for path in sorted(hearer.reads) if affected(change, path, exactly)]
    return ", ".join("/" + "/".join(path) for path in read)


def sentences(found: Report) -> list[str]:
    """The changes that are not safe, with whom to talk to, a line each."""
    lines = [
        f"{place(each)}: {each.change} ({each.verdict}). {each.why}"
        for each in found.changes
        if each.verdict != Verdict.COMPATIBLE
    ]
    return lines + [
        f"{each.name} of {each.team} reads {each.reads} of {each.event}: talk to {each.contact}"
        for each in found.notices
    ]


def place(change: Change) -> str:
    return f"{change.event} v{change.major} {change.pointer}".rstrip()
