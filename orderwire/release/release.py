"""A release: checked, brought up, deployed, set, published, tried with an order, and remembered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from infrastructure.stack.template import template
from infrastructure.stack.text import as_body
from infrastructure.stages import Stage
from orderwire.cloudformation.stack import Review, bring_up
from orderwire.cloudformation.template_bucket import ClientOf
from orderwire.console.tell import Tell
from orderwire.contracts.publish import publish
from orderwire.release.api import settings as api_settings
from orderwire.release.check import check
from orderwire.release.history import HistoryOf, Release
from orderwire.release.packaging.package import deploy
from orderwire.release.ready import ready
from orderwire.release.review import and_begin
from orderwire.release.smoke.smoke import smoke
from orderwire.release.steps import ReleaseStep, take
from orderwire.release.way_back import PutBack, WayBack
from orderwire.workplace.git import Repository, Version
from schemas.types import format_time


@dataclass
class Making:
    """A release in the making; `files` are what must be generated, by their paths; `stay` keeps
    it although its smoke order fails; `version` is known once it is checked, None if it is of no commit."""

    client: ClientOf
    stage: Stage
    tell: Tell
    review: Review
    now: Callable[[], datetime]
    put_back: PutBack
    files: Mapping[str, str]
    dirty: bool = False
    stay: bool = False
    architecture: str | None = None
    repository: Repository = field(default_factory=Repository)
    version: Version | None = None

    def steps(self) -> list[ReleaseStep]:
        name, asked = self.stage.name, (self.client, self.stage, self.tell)
        publishing = ReleaseStep("schemas", f"orderwire schemas publish --stage {name}", lambda: publish(*asked))
        return [
            ReleaseStep("check", f"orderwire release-check {name}", self.check),
            ReleaseStep("infrastructure", f"orderwire infra {name}", self.bring_up),
            ReleaseStep("account", f"orderwire release-check {name}", lambda: ready(*asked)),
            ReleaseStep("functions", f"orderwire deploy {name}", self.deploy),
            ReleaseStep("API settings", f"orderwire api-settings {name}", lambda: api_settings.apply(*asked)),
            *([] if self.stage.emulated else [publishing]),
            ReleaseStep("smoke order", f"orderwire smoke {name}", lambda: smoke(*asked), self.way_back.take),
            ReleaseStep("history", f"orderwire release {name}", self.remember),
        ]

    def check(self) -> None:
        self.way_back.require()
        self.version = check(self.client, self.stage, self.tell, self.files, self.dirty, self.architecture)

    @property
    def way_back(self) -> WayBack:
        return WayBack(self.client, self.stage, self.tell, self.repository, self.put_back, self.stay)

    def bring_up(self) -> None:
        """Of what follows, each step may fail, so a rollback must know from here on what was begun."""
        begin = partial(HistoryOf(self.client, self.stage).begin, self.repository.label())
        bring_up(self.client, self.stage, as_body(template()), self.tell, and_begin(self.review, begin))
        begin()

    def deploy(self) -> None:
        deploy(self.client, self.stage, self.tell, self.architecture)

    def remember(self) -> None:
        if self.version is None or self.version.changed:
            self.tell("not remembered: this is no commit, and nobody can go back to it")
            return
        history = HistoryOf(self.client, self.stage)
        history.write(history.read().finish(Release(self.version.commit, format_time(self.now()))))
        self.tell(f"stage {self.stage.name} has {self.version}")


def release(making: Making) -> None:
    """Raises Problem, with the step and how to go on."""
    take(making.steps(), f"orderwire release {making.stage.name}", making.tell)
