"""What a rule would have heard of the events in the backup, before it is there.

Athena hands over the lines of the kinds that the rule asks for, each event once; whether the rule heard one is decided
here, by the same engine that judges rules.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from eventbridge_rules.conditions import Exists
from eventbridge_rules.grammar import Field, Pattern
from eventbridge_rules.shapes import Shape
from eventbridge_rules.witness import Event

from infrastructure.subscriptions.files import read
from infrastructure.subscriptions.targets import Arn
from infrastructure.subscriptions.yaml_or_json import document_of, text_of
from orderwire.console.problem import Problem
from orderwire.contracts.published import MARKS
from orderwire.operate.search import Backup
from orderwire.operate.sql import literal
from orderwire.subscriptions.backed_up import COLUMNS, KIND, Answer, Line, asked_for, ear, event_of, shape_of_kind
from orderwire.subscriptions.costs import Deliveries, chunks
from orderwire.subscriptions.files import is_subscription
from schemas.types import format_time, parse_time

MOST_SHOWN = 5
"""The newest events that are kept as examples."""

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Day:
    """Of the events that the rule names by source, type and version it heard at least `least`, and `most` at most."""

    day: date
    named: int
    least: int
    most: int


@dataclass
class Tally:
    """What a rule heard, by day. `newest` are events that it certainly heard, the newest first. `open` are the
    conditions that the backup cannot decide, by their pointers."""

    named: Counter[date] = field(default_factory=Counter)
    least: Counter[date] = field(default_factory=Counter)
    most: Counter[date] = field(default_factory=Counter)
    chunks: int = 0
    newest: list[Event] = field(default_factory=list)
    open: dict[str, Field] = field(default_factory=dict)

    def add(self, event: Event, answer: Answer, data: str) -> None:
        """`data` is the event's data as text."""
        day = occurred_at(event).date()
        self.named[day] += 1
        if answer is None:
            return
        self.most[day] += 1
        self.chunks += chunks(data)
        self.open |= {each.pointer: each for each in answer}
        if not answer:
            self.least[day] += 1
            self.newest = sorted([event, *self.newest], key=_age, reverse=True)[:MOST_SHOWN]


def occurred_at(event: Event) -> datetime:
    return parse_time(event["detail"]["metadata"]["occurred_at"])


def _age(event: Event) -> tuple[str, str]:
    return event["detail"]["metadata"]["occurred_at"], event["detail"]["metadata"]["event_id"]


@dataclass(frozen=True)
class Preview:
    """`begins` is where the backup does, if that is later than `since`. `days` are all days from there on, in UTC."""

    since: datetime
    until: datetime
    begins: datetime
    days: Sequence[Day]
    newest: Sequence[Event]
    open: Sequence[Field]
    chunks: int

    @property
    def named(self) -> int:
        return sum(day.named for day in self.days)

    @property
    def least(self) -> int:
        return sum(day.least for day in self.days)

    @property
    def most(self) -> int:
        return sum(day.most for day in self.days)

    @property
    def covered(self) -> timedelta:
        """What a month is reckoned from. A backup of less than a day counts as a day, unless less was asked for."""
        return max(self.until - self.begins, min(DAY, self.until - self.since))

    @property
    def a_month(self) -> tuple[Deliveries, Deliveries]:
        """At least and at most; of the least only the number of events is known."""
        return (
            Deliveries(self.least, self.least).a_month(self.covered),
            Deliveries(self.most, self.chunks).a_month(self.covered),
        )


def preview(backup: Backup, pattern: Pattern, shapes: Sequence[Shape], since: datetime, until: datetime) -> Preview:
    """Raises Problem if the backup is empty, cannot be read, or says nothing about this rule."""
    kinds = list(backup.each(kinds_sql(since, until)))
    begins = since if reaches_back(backup, since) else min((kind["earliest"] for kind in kinds), default=None)
    if begins is None:
        raise Problem("There is nothing in the backup yet: it gets events up to a minute after they were published.")
    asked = [kind for kind in kinds if asked_for(pattern, kind)]
    tallied = tally(backup.each(lines_sql(asked, since, until)) if asked else (), pattern, asked, shapes)
    require_answer(tallied)
    days = [
        Day(day, tallied.named[day], tallied.least[day], tallied.most[day])
        for day in days_between(begins.astimezone(UTC).date(), until.astimezone(UTC).date())
    ]
    return Preview(since, until, begins, days, tallied.newest, list(tallied.open.values()), tallied.chunks)


def tally(lines: Iterable[Line], pattern: Pattern, kinds: Iterable[Line], shapes: Sequence[Shape]) -> Tally:
    """Raises Problem for a kind of event that is not known here."""
    ears = {kind_of(kind): ear(pattern, shape_of_kind(kind, shapes)) for kind in kinds}
    found = Tally()
    for line in lines:
        heard_by = ears[kind_of(line)]
        event = event_of(line, heard_by.hidden)
        found.add(event, heard_by.answer(event), line["data"])
    return found


def kind_of(line: Line) -> tuple[str, ...]:
    return tuple(line[column] for column in KIND)


def require_answer(found: Tally) -> None:
    """Raises Problem if whether anything was heard hangs on what the backup does not have."""
    if found.open and not found.least.total():
        raise Problem(f"The rule cannot be previewed: {undecided(found.open.values())}.")


def undecided(fields: Iterable[Field]) -> str:
    named = " and ".join(f"{each.path} (the condition at {each.pointer})" for each in fields)
    return f"the backup does not have {named} in the clear"


def days_between(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def reaches_back(backup: Backup, since: datetime) -> bool:
    """Whether the backup has something older. Of the lines themselves any will do; the view reads all of them."""
    before = f"date <= {literal(f'{since:%Y-%m-%d}')} AND occurred_at < {literal(format_time(since))}"
    return bool(backup.ask(f"SELECT type FROM event_lines WHERE {before} LIMIT 1").rows)  # noqa: S608  (literals)


def kinds_sql(since: datetime, until: datetime) -> str:
    columns = ", ".join(KIND)
    where = _within(since, until)
    return f"SELECT {columns}, min(occurred_at) AS earliest FROM events WHERE {where} GROUP BY {columns}"  # noqa: S608


def lines_sql(kinds: Iterable[Line], since: datetime, until: datetime) -> str:
    of_kinds = " OR ".join(f"({_is(kind)})" for kind in kinds)
    where = f"{_within(since, until)} AND ({of_kinds})"
    return f"SELECT {', '.join(COLUMNS)} FROM events WHERE {where}"  # noqa: S608  (literals)


def _is(kind: Line) -> str:
    return " AND ".join(f"{column} = {literal(kind[column])}" for column in KIND)


def _within(since: datetime, until: datetime) -> str:
    """The days keep other partitions from being read."""
    days, times = (literal(f"{at:%Y-%m-%d}") for at in (since, until)), map(literal, map(format_time, (since, until)))
    return f"date BETWEEN {' AND '.join(days)} AND occurred_at BETWEEN {' AND '.join(times)}"


def hears_only_live(pattern: Pattern) -> bool:
    """Whether the rule leaves out replays and smoke orders, of which the backup has none."""
    return all(
        mark in alternative and alternative[mark].conditions == (Exists(False),)
        for alternative in pattern.alternatives
        for mark in MARKS
    )


def target_in(path: Path) -> Arn | None:
    """Where the subscription of a file ends; None for a pattern without one."""
    return read(path).arn if is_subscription(document_of(text_of(path))) else None
