"""What becomes of a release whose smoke order fails: the stage goes back to the release before, unless told to stay."""

from collections.abc import Callable
from dataclasses import dataclass

from infrastructure.stages import Stage
from orderwire.cloudformation.template_bucket import ClientOf
from orderwire.console.problem import Problem
from orderwire.console.tell import Tell
from orderwire.release.history import HistoryOf, Release
from orderwire.release.smoke.smoke import Untried
from orderwire.release.steps import FAILURES
from orderwire.workplace.git import Repository

PutBack = Callable[[str], None]
"""Puts the stage back to the release of this commit, without asking. Raises Problem."""


@dataclass(frozen=True)
class WayBack:
    """From what `repository` has checked out to what the stage had before."""

    client: ClientOf
    stage: Stage
    tell: Tell
    repository: Repository
    put_back: PutBack
    stay: bool = False

    def before(self) -> Release | None:
        return HistoryOf(self.client, self.stage).read().before(self.repository.label())

    def require(self) -> None:
        """Raises Problem in a stage that lasts if this clone could not go back: a release would find out too late."""
        before = None if self.stay else self.before()
        if before is None:
            return
        try:
            self.repository.here(before.commit)
        except Problem as missing:
            why = f"A release whose smoke order fails could not be taken back from here. {missing}"
            if self.stage.lasting:
                raise Problem(f"{why}\nTo release all the same, and leave it there if it fails: --stay") from None
            self.tell(why)

    def take(self, failed: Exception) -> str | None:
        """Goes back, and returns what became of it; None if the release stays, as it does where nothing says that it
        is at fault: it was told to stay, there is nothing before it, or the order could not even be tried."""
        before = self.before()
        if before is None or self.stay or isinstance(failed, Untried) or not isinstance(failed, Problem):
            self.tell(f"the release stays{'' if before is None else f'; to go back: {self.by_hand}'}")
            return None
        why = f"The smoke order failed: {failed}"
        self.tell(f"{why}\nthe release is taken back")
        try:
            self.put_back(before.commit)
        except (*FAILURES, OSError) as stopped:
            return f"{why}\nThe release could not be taken back: {stopped}\nTo go on with that: {self.by_hand}"
        except BaseException:
            self.tell(f"the release is taken back in part; to go on with that: {self.by_hand}")
            raise
        there = self.repository.version(before.commit)
        return f"{why}\nStage {self.stage.name} has {there} again. To look at the release in place: --stay"

    @property
    def by_hand(self) -> str:
        return f"orderwire rollback {self.stage.name}"
