"""A look at a change set before it is carried out: shown, refused if data would be lost, else asked for."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from orderwire.cloudformation.changes import ResourceChange, losses
from orderwire.console.problem import Problem

Ask = Callable[[str], bool]
Show = Callable[[Sequence[ResourceChange]], None]


class DataAtRisk(Problem):
    """A change set would replace or delete something that holds data, and nobody has said that it may."""


@dataclass(frozen=True)
class Review:
    """`stack` is the stack's name; `allowed` are logical ids of resources that may lose what they hold."""

    stack: str
    show: Show
    ask: Ask
    allowed: Collection[str] = ()

    def __call__(self, changes: Sequence[ResourceChange]) -> bool:
        """Whether somebody agrees. Raises DataAtRisk."""
        self.show(changes)
        lost = losses(changes, self.allowed)
        if lost:
            raise DataAtRisk("\n".join(refusal(self.stack, lost)))
        return self.ask(f"Make these {len(changes)} changes to {self.stack}?")


def and_begin(
    review: Callable[[Sequence[ResourceChange]], bool], begin: Callable[[], None]
) -> Callable[[Sequence[ResourceChange]], bool]:
    """The same review, but it calls `begin` when it agrees, before anything is changed."""

    def reviewed(changes: Sequence[ResourceChange]) -> bool:
        agreed = review(changes)
        if agreed:
            begin()
        return agreed

    return reviewed


def refusal(stack: str, lost: Sequence[ResourceChange]) -> list[str]:
    options = " ".join(f"--allow-replace {change.logical_id}" for change in lost)
    return [
        f"{stack} was not changed: data would be lost.",
        *(f"  {change.logical_id} ({change.type}) would be {change.fate}: {change.loses}" for change in lost),
        f"If that is what you want: {options}",
    ]
