"""The verdict on a rule, with what a person needs to see that it is right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eventbridge_rules.cautions import cautions
from eventbridge_rules.decide import Hearing, Judgement, judge
from eventbridge_rules.grammar import parse
from eventbridge_rules.leaves import as_json, leaves_of
from eventbridge_rules.match import Miss, match
from eventbridge_rules.operators import Invalid
from eventbridge_rules.reading import write_json
from eventbridge_rules.reasons import LONGEST_SHOWN, Reason, why_never
from eventbridge_rules.shapes import Shape
from eventbridge_rules.spelling import cut
from eventbridge_rules.witness import Event

MOST_SHOWN = 3
"""Values of a list, or types of events, that a sentence names."""


@dataclass(frozen=True)
class Verdict:
    """`verdict` is always, sometimes, never, unknown or invalid.

    It is meant of the live events (those without the house's marks) of the types that the rule's conditions on source,
    detail-type and version select; `never` of marked ones as well. `path` is a JSON pointer into the pattern, to what
    the reason is about. `witness` is an event that the rule hears, `unheard` a live one of those types
    that it does not. `events` says the same of each type alone.
    """

    verdict: str
    reason: str
    path: str | None = None
    witness: Event | None = None
    unheard: Event | None = None
    warnings: tuple[Reason, ...] = ()
    events: Mapping[str, str] | None = None

    @property
    def hears(self) -> bool:
        return self.verdict in ("always", "sometimes")


def verdict(document: Any, shapes: Sequence[Shape]) -> Verdict:
    """The verdict on a pattern, as it stands in JSON or YAML, of what is published."""
    try:
        pattern = parse(document)
    except Invalid as error:
        return Verdict("invalid", error.reason, error.pointer)
    judgement = judge(pattern, shapes)
    reason, path = _reason(judgement, shapes)
    return Verdict(
        judgement.state,
        reason,
        path,
        judgement.heard,
        judgement.unheard,
        tuple(cautions(judgement, shapes)) if judgement.state != "never" else (),
        {hearing.shape.name: hearing.state for hearing in judgement.hearings},
    )


def _reason(judgement: Judgement, shapes: Sequence[Shape]) -> tuple[str, str | None]:
    match judgement.state:
        case "always":
            return f"hears every live {_names(judgement.hearings)}", None
        case "sometimes":
            return _why_sometimes(judgement)
        case "never":
            reason = why_never(judgement.pattern, shapes)
            return reason.text, reason.path
    undecided = [hearing for hearing in judgement.hearings if hearing.state == "unknown"]
    known = "the witness is heard" if judgement.heard else "no event was found that is heard"
    return f"could be neither proven nor refuted for {_names(undecided)}; {known}", None


def _why_sometimes(judgement: Judgement) -> tuple[str, str]:
    """By an event that is not heard."""
    hearing = judgement.first("sometimes") or judgement.first("never")
    assert hearing is not None
    assert hearing.unheard is not None
    found = match(judgement.pattern, hearing.unheard)
    assert found is not None
    return f"hears {_some(hearing)} where {sentence(found)}", found.pointer


def _some(hearing: Hearing) -> str:
    name = hearing.shape.name
    if not hearing.heard:
        return f"no {name}, such as one"
    house = hearing.shape.house
    marked = not leaves_of(hearing.heard).keys().isdisjoint(house.mark_paths)
    return f"{house.marked} of {name} only, and not one" if marked else f"some live {name}, but not one"


def _names(hearings: Sequence[Hearing]) -> str:
    names = [hearing.shape.name for hearing in hearings]
    if len(names) > MOST_SHOWN:
        return f"event of {len(names)} types"
    return ", ".join(names[:-1]) + " and " * (len(names) > 1) + names[-1]


def sentence(miss: Miss) -> str:
    """What stands in the event's way."""
    wanted = plain(list(miss.wanted) if len(miss.wanted) > 1 else miss.wanted[0])
    if miss.together:
        return f"no one element of the list meets all of {', '.join(miss.together)}"
    found = ", ".join(map(plain, miss.found[:MOST_SHOWN])) + ", ..." * (len(miss.found) > MOST_SHOWN)
    return f"{miss.path} {f'is {found}' if miss.found else 'is not there'}, and the rule asks for {wanted}"


def plain(value: Any) -> str:
    """A value as the event or the pattern writes it, a long one cut."""
    text = write_json(as_json(value), (", ", ": "))
    return cut(text, LONGEST_SHOWN)
