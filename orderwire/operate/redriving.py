"""The dead letters of a stage's consumers and of other teams' rules: how many, which, and the way back of all."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from edges.connect import Edges
from edges.dead_letters import RULES
from edges.queues import depth
from orderwire.console.problem import Problem
from orderwire.operate.dlq import DeadLetter, DeadLetters, Tick

NO_WAY_BACK = (
    "What the rules of {0} could not deliver has no queue of ours to go back to: they end at people and other teams. "
    "See `orderwire dlq show {0}` for what and why, mend the target or its policy, and tell them of these orders "
    "yourself: no replay reaches them."
)

Follow = Callable[[str, int], Tick]
"""Gets a consumer and how many dead letters it has; what it returns is told how many of them have been moved."""


@dataclass(frozen=True)
class DeadLetterCount:
    consumer: str
    dead_letters: int


@dataclass(frozen=True)
class LettersShown:
    """The oldest of `total` dead letters, which is approximate, as SQS counts."""

    letters: Sequence[DeadLetter]
    total: int


@dataclass(frozen=True)
class RedriveResult:
    consumer: str
    moved: int


@dataclass(frozen=True)
class Named:
    """Whose dead letters are meant by a name: `consumers` are the stage's own, `subscribed` says whose rules are
    deployed there, and is asked only where it matters."""

    consumers: Sequence[str]
    subscribed: Callable[[], Iterable[str]]

    def is_of_rules(self, name: str) -> bool:
        return name == RULES or (name not in self.consumers and name in set(self.subscribed()))

    def shown(self, name: str) -> str:
        """Raises Problem for a name that nobody has."""
        if name not in self.consumers and not self.is_of_rules(name):
            raise Problem(f"There is no consumer {name!r}. There are: {', '.join(self.consumers)}.")
        return name

    def redriven(self, name: str | None) -> Sequence[str]:
        """All consumers, or the one. Raises Problem also for what has no way back."""
        if name is None:
            return self.consumers
        if self.is_of_rules(self.shown(name)):
            raise Problem(NO_WAY_BACK.format(name))
        return [name]


def dead_letter_counts(edges: Edges, consumers: Sequence[str]) -> list[DeadLetterCount]:
    """Of each consumer, and of the rules of subscriptions/ together."""
    queues = {name: edges.settings.name(f"{name}-dlq") for name in [*consumers, RULES]}
    return [DeadLetterCount(name, depth(edges.clients.sqs, queue).total) for name, queue in queues.items()]


def dead_letters_of(edges: Edges, named: Named, name: str, limit: int) -> LettersShown:
    """Raises Problem for a name that nobody has."""
    letters = DeadLetters(edges.clients.sqs, edges.settings, named.shown(name))
    return LettersShown(letters.show(limit), letters.count())


def redrive_each(
    found: Callable[[], Edges],
    named: Named,
    name: str | None,
    order_id: str | None,
    per_second: int | None,
    follow: Follow,
) -> list[RedriveResult]:
    """Sends dead letters back to their consumers: all, or those of one consumer or order. What has no way back is
    told before the stage is looked for by `found`. Raises Problem."""
    consumers, edges, results = named.redriven(name), found(), list[RedriveResult]()
    for consumer in consumers:
        letters = DeadLetters(edges.clients.sqs, edges.settings, consumer, clock=edges.clock)
        moved = letters.redrive(order_id, follow(consumer, letters.count()), per_second)
        results.append(RedriveResult(consumer, moved))
    return results
