"""Puts the previous version back: that commit's own code takes that commit's own steps.

Functions, layer and the API's settings go back. The stack goes back unless that would lose data: what the newer version
added then stays, and whatever feeds it, too. Event schemas never go back: they only grow, so the older functions
understand what is registered.
"""

from collections.abc import Callable
from dataclasses import dataclass
from tempfile import TemporaryDirectory

from infrastructure.stages import Stage
from orderwire.cloudformation.template_bucket import ClientOf
from orderwire.console.problem import Problem
from orderwire.console.tell import Tell
from orderwire.release.environment import Prepare, Run, Runner
from orderwire.release.history import HistoryOf, Release
from orderwire.release.packaging.package import machine_architecture
from orderwire.workplace.git import SHORT, Repository

TOOLS = "uv.lock"
CHANGES, LEFT = 0, 1
"""Exit codes of `orderwire infra --or-leave`."""

STEPS = ("deploy", "api-settings", "smoke")
"""What follows the stack; schemas are not among them."""


@dataclass(frozen=True)
class Rollback:
    """`ask` raises Problem if nobody agrees. What could stop it on this machine is found out before it is asked."""

    client: ClientOf
    stage: Stage
    tell: Tell
    ask: Callable[[str], bool]
    repository: Repository
    prepare: Prepare

    def go(self, wanted: str | None = None) -> None:
        """Puts the previous release back, or the one whose commit's id begins with `wanted`. Raises Problem."""
        kept = HistoryOf(self.client, self.stage)
        history = kept.read()
        target = history.target(wanted)
        self.explain(target, history.begun)
        with self.repository.at(target.commit) as checkout:
            runner = self.prepare(checkout, self.stage, self.tell)
            self.explain_tools(runner, target.commit)
            require_packable(runner.run, self.stage)
            self.explain_stack(runner.run)
            self.ask(f"Put stage {self.stage.name} back to {target.commit[:SHORT]}?")
            kept.write(history.go_back(target))
            self.put_back(runner.run)
        kept.write(history.went_back(target))
        self.tell(f"stage {self.stage.name} has {self.repository.version(target.commit)} again")

    def explain(self, target: Release, begun: str | None) -> None:
        """Raises Problem if the commit is not in this clone."""
        version = self.repository.here(target.commit)
        self.tell(f"stage {self.stage.name} goes back to {version}, released {target.at}")
        self.tell("functions, layer and API settings go back; event schemas stay, for they only grow")
        for line in self.undone(target, begun):
            self.tell(f"  without {line}")

    def explain_tools(self, runner: Runner, commit: str) -> None:
        if not runner.own and self.other_tools(commit):
            self.tell(f"packaged with the tools of this checkout: {TOOLS} has changed since")

    def other_tools(self, commit: str) -> bool:
        """Whether the commit locks other versions than this checkout, or had its locks elsewhere."""
        try:
            locked = self.repository.git("show", f"{commit}:{TOOLS}")
        except Problem:
            return True
        return (self.repository.root / TOOLS).read_text().strip() != locked.strip()

    def undone(self, target: Release, begun: str | None) -> list[str]:
        try:
            return self.repository.between(target.commit, begun or "HEAD")
        except Problem:
            return [f"what was deployed last, {begun}"]

    def explain_stack(self, run: Run) -> None:
        code = run(["infra", self.stage.name, "--show", "--or-leave"])
        if code not in {CHANGES, LEFT}:
            raise Problem("The stack could not be looked at; the reason is above. Nothing was changed.")
        stays, goes = "the stack stays as it is: it must not lose data", "of the stack goes back what is shown"
        self.tell(stays if code == LEFT else goes)

    def put_back(self, run: Run) -> None:
        name = self.stage.name
        code = run(["infra", name, "--yes", "--or-leave"])
        if code == LEFT:
            self.tell(
                "the stack was left as it is; what only the newer version hears waits in its queue, for four days"
            )
        elif code != CHANGES:
            raise self.stopped("infra")
        for step in STEPS:
            if run([step, name]):
                raise self.stopped(step)

    def stopped(self, step: str) -> Problem:
        again = f"orderwire rollback {self.stage.name}"
        return Problem(f"The rollback stopped at {step}; the reason is above. Once that is gone, go on with: {again}")


def require_packable(run: Run, stage: Stage) -> None:
    """Has a checkout packaged, before anything is changed: its deployment takes the same layer. Raises Problem."""
    here = ["--architecture", machine_architecture()] if stage.emulated else []  # where its functions run
    with TemporaryDirectory(prefix="orderwire-") as folder:
        if run(["package", stage.name, folder, *here]):
            raise Problem("That commit cannot be packaged here; the reason is above. Nothing was changed.")
