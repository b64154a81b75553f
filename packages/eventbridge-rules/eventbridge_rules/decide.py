"""Decides, before a rule is deployed, what it will hear of all the events that producers can publish.

A verdict stands on an event that was tried on the rule, or on a proof; where neither is found it is `unknown`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from eventbridge_rules.grammar import Pattern
from eventbridge_rules.languages import TooHard
from eventbridge_rules.match import matches
from eventbridge_rules.selecting import is_deaf, is_selected
from eventbridge_rules.shapes import Shape
from eventbridge_rules.solve import Box, certain, outside, possible
from eventbridge_rules.witness import Event, event_in

State = Literal["always", "sometimes", "never", "unknown"]


@dataclass(frozen=True)
class Hearing:
    """What a rule hears of one type of event: `heard` is an event that it hears, `unheard` a live one that it does not.

    `always` means every live event of the type, which is one without the house's marks; `never` none at all, marked
    ones included.
    """

    shape: Shape
    state: State
    heard: Event | None = None
    unheard: Event | None = None


@dataclass(frozen=True)
class Judgement:
    """What a rule hears of all types. `hearings` are those of the types that its conditions on source, detail-type and
    version select."""

    pattern: Pattern
    hearings: tuple[Hearing, ...]

    @cached_property
    def state(self) -> State:
        """`always` and `never` are meant of every selected type."""
        states = {hearing.state for hearing in self.hearings}
        if not states or states == {"never"}:
            return "never"
        if states == {"always"}:
            return "always"
        heard = any(hearing.heard for hearing in self.hearings)
        unheard = any(hearing.unheard or hearing.state == "never" for hearing in self.hearings)
        return "sometimes" if heard and unheard else "unknown"

    def first(self, state: State) -> Hearing | None:
        return next((hearing for hearing in self.hearings if hearing.state == state), None)

    @property
    def heard(self) -> Event | None:
        return next((hearing.heard for hearing in self.hearings if hearing.heard), None)

    @property
    def unheard(self) -> Event | None:
        return next((hearing.unheard for hearing in self.hearings if hearing.unheard), None)


def judge(pattern: Pattern, shapes: Iterable[Shape]) -> Judgement:
    return Judgement(pattern, tuple(hearing_of(pattern, shape) for shape in shapes if selects(pattern, shape)))


def selects(pattern: Pattern, shape: Shape) -> bool:
    """Whether some alternative is open to this type of event, going by its source, detail-type and version."""
    return any(is_selected(alternative, shape) for alternative in pattern.alternatives)


def hearing_of(pattern: Pattern, shape: Shape) -> Hearing:
    """What the rule hears of this type."""
    if is_deaf(pattern, shape):
        return Hearing(shape, "never", unheard=_tried([{}], shape.live, lambda event: not matches(pattern, event)))
    heard = _heard(pattern, shape.live) or _heard(pattern, shape)
    unheard, every = _unheard(pattern, shape.live)
    if heard and (unheard or every):
        return Hearing(shape, "always" if every else "sometimes", heard, unheard)
    return Hearing(shape, "unknown", heard, unheard)


def _heard(pattern: Pattern, shape: Shape) -> Event | None:
    return _tried(certain(pattern.alternatives, shape), shape, lambda event: matches(pattern, event))


def _unheard(pattern: Pattern, shape: Shape) -> tuple[Event | None, bool]:
    """A live event that is not heard, and whether it is proven that there is none."""
    try:
        region = outside(possible(pattern.alternatives, shape), shape)
        if region is not None:
            return _tried([region], shape, lambda event: not matches(pattern, event)), False
        return None, outside(certain(pattern.alternatives, shape), shape) is None
    except TooHard:
        return None, False


def _tried(boxes: Iterable[Box], shape: Shape, holds: Callable[[Event], bool]) -> Event | None:
    """The first event that can be made in one of the boxes and does what it was made for."""
    for box in boxes:
        try:
            event = event_in(box, shape)
        except (LookupError, TooHard):
            continue
        if event is not None and holds(event):
            return event
    return None
