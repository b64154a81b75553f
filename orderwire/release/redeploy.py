"""Brings once more what is released: puts right what somebody has changed or deleted in the account."""

from collections.abc import Sequence
from dataclasses import dataclass

from infrastructure.stages import Stage
from orderwire.cloudformation.template_bucket import ClientOf
from orderwire.console.problem import Problem
from orderwire.console.tell import Tell
from orderwire.release.environment import Prepare
from orderwire.release.history import History, HistoryOf
from orderwire.release.rollback import STEPS, require_packable
from orderwire.workplace.git import SHORT, Repository


@dataclass(frozen=True)
class Redeploy:
    """`prepare` makes the released commit's checkout ready to run; `agreed` are the words that keep it from asking."""

    client: ClientOf
    stage: Stage
    tell: Tell
    repository: Repository
    prepare: Prepare
    agreed: Sequence[str] = ()

    def go(self) -> None:
        """Takes the released commit's own steps, the stack's first, which shows and asks. Raises Problem."""
        commit = released(HistoryOf(self.client, self.stage).read(), self.stage)
        self.tell(f"stage {self.stage.name} gets {self.repository.here(commit)} once more")
        name = self.stage.name
        with self.repository.at(commit) as checkout:
            run = self.prepare(checkout, self.stage, self.tell).run
            require_packable(run, self.stage)
            for step in (["infra", name, "--repair", *self.agreed], *([step, name] for step in STEPS)):
                if run(step):
                    again = f"Once that is gone: orderwire redeploy {name}"
                    raise Problem(f"Stopped at {step[0]}; the reason is above. {again}")
        self.tell(f"stage {name} is as {commit[:SHORT]} makes it")


def released(history: History, stage: Stage) -> str:
    """The commit that is released. Raises Problem if there is none, or something else was begun after it."""
    if not history.good:
        raise Problem(f"Nothing was released to stage {stage.name} yet: orderwire release {stage.name}")
    commit = history.good[-1].commit
    if history.begun != commit or history.back_to:
        raise Problem(
            f"Stage {stage.name} is between two releases: {str(history.begun)[:SHORT]} was begun and not finished."
            f" Finish it from there, orderwire release {stage.name}, or leave it, orderwire rollback {stage.name}."
        )
    return commit
