"""What a change of the contracts means, and which rules it concerns. Pure.

A rule goes silent if it heard an event under the old contract and hears none that the new one allows; one that was
silent may start. Both are decided by `eventbridge_rules`, with an event as witness. A rule that goes on hearing, but
reads what has changed, is named too: its condition or its message means something else now.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from eventbridge_rules.decide import Hearing, hearing_of
from eventbridge_rules.shapes import Shape, shape_of

from orderwire.contracts.contracts import Contract, Contracts
from orderwire.contracts.covers import Coverage
from orderwire.contracts.diff import SchemaChange, diff, worst
from orderwire.contracts.hearers import Hearer, affected

SILENT, STARTS, READS, UNDECIDED = "goes silent", "starts to hear it", "reads what changed", "cannot be decided"

Examples = Mapping[tuple[str, int], Mapping[str, Any]]
"""(detail-type, major) -> the detail of an event, from which witnesses are made where the contract allows it."""


@dataclass(frozen=True)
class Notice:
    """A rule that a change of an event concerns, and whom to talk to. `reads` are the changed fields that it reads.

    `witness` is an event that the rule heard and that will no longer be published, or one that it starts to hear.
    """

    name: str
    team: str
    contact: str
    event: str
    major: int
    effect: str
    reads: str
    witness: Mapping[str, Any] | None


@dataclass(frozen=True)
class Report:
    changes: Sequence[SchemaChange]
    notices: Sequence[Notice]

    @property
    def verdict(self) -> Coverage:
        return worst([change.verdict for change in self.changes])


def report(old: Contracts, new: Contracts, hearers: Sequence[Hearer], examples: Examples | None = None) -> Report:
    """Raises Problem for a rule that cannot be read."""
    changes = diff(old, new, partial(named_by, hearers))
    return Report(changes, list(notices(changes, old, new, hearers, examples or {})))


def named_by(hearers: Sequence[Hearer], contract: Contract) -> list[str]:
    return [each.name for each in hearers if each.names(contract)]


def notices(
    changes: Sequence[SchemaChange], old: Contracts, new: Contracts, hearers: Sequence[Hearer], examples: Examples
) -> Iterator[Notice]:
    for key in dict.fromkeys((change.event, change.major) for change in changes):
        of_event = [change for change in changes if (change.event, change.major) == key]
        before, after, example = old.get(key), new.get(key), examples.get(key, {})
        for hearer in hearers:
            if concerns(hearer, before, after):
                reads = met(of_event, hearer)
                effect, witness = effect_on(hearer, before, after, example)
                if reads or effect in (SILENT, STARTS):
                    yield Notice(hearer.name, hearer.team, hearer.contact, *key, effect, reads, witness)


def concerns(hearer: Hearer, before: Contract | None, after: Contract | None) -> bool:
    """Whether the rule hears the event before or after the change. A whole event that is added or removed concerns only
    rules that ask for it by name."""
    sides = [each for each in (before, after) if each]
    asked = hearer.hears if len(sides) == 2 else hearer.names
    return any(asked(each) for each in sides)


def met(changes: Sequence[SchemaChange], hearer: Hearer) -> str:
    """The changed fields that the rule reads, as text. A field that was added concerns only rules that asked for it
    before, for example for its absence."""
    paths = [
        path
        for change in changes
        if change.pointer
        for path in sorted(hearer.reads)
        if affected(change, path, exactly=change.change in ("added", "added as required"))
        and (worst([change.readers, change.rules]) != Coverage.COMPATIBLE or change.change.startswith("added"))
    ]
    return ", ".join(dict.fromkeys("/" + "/".join(path) if path else "all of it" for path in paths))


def effect_on(
    hearer: Hearer, before: Contract | None, after: Contract | None, example: Mapping[str, Any]
) -> tuple[str, Mapping[str, Any] | None]:
    """What becomes of the rule, with its witness."""
    heard = [hearing(hearer, side, example) if side else None for side in (before, after)]
    was, will = (each.state if each else "never" for each in heard)
    if "unknown" in (was, will):
        return UNDECIDED, None
    if will == "never" and was != "never":
        return SILENT, heard[0].heard if heard[0] else None
    if was == "never" and will != "never":
        return STARTS, heard[1].heard if heard[1] else None
    return READS, None


def hearing(hearer: Hearer, contract: Contract, example: Mapping[str, Any]) -> Hearing:
    return hearing_of(hearer.parsed, shape(contract, example))


def shape(contract: Contract, example: Mapping[str, Any]) -> Shape:
    """What the contract's events look like; the example is left out if the contract would not have it."""
    head = {"title": contract.detail_type, "x-source": contract.source, "x-version": contract.version}
    found = shape_of({**head, **contract.detail}, example)
    return found if found.allows(example) else shape_of({**head, **contract.detail}, {})


def sentences(found: Report) -> list[str]:
    """The changes that are not safe, with whom to talk to, a line each."""
    lines = [
        f"{place(each)}: {each.change} ({each.verdict}). {each.why}"
        for each in found.changes
        if each.verdict != Coverage.COMPATIBLE
    ]
    return lines + [
        f"{each.name} of {each.team} {each.effect} ({each.reads or each.event}): talk to {each.contact}"
        for each in found.notices
    ]


def place(change: SchemaChange) -> str:
    return f"{change.event} v{change.major} {change.pointer}".rstrip()
