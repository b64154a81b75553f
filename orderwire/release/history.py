"""What was released to a stage, kept in its SSM parameter `/orderwire/<stage>/release`."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import Any

from infrastructure.stages import Stage
from orderwire.cloudformation.template_bucket import ClientOf
from orderwire.console.problem import Problem

MOST = 20
"""Releases that are remembered: they fit into the 4 kB of a parameter."""


@dataclass(frozen=True)
class Release:
    """A release that went well: the commit's id, and when it was done (UTC, RFC 3339)."""

    commit: str
    at: str


@dataclass(frozen=True)
class History:
    """`good` are the releases that went well, oldest first. `begun` is the commit that was brought last, well or
    not, by the first step that changes the account; `back_to` is set while a rollback is under way."""

    good: tuple[Release, ...] = ()
    begun: str | None = None
    back_to: str | None = None

    def begin(self, commit: str) -> "History":
        """A rollback under way deploys, too: it stays under way."""
        return replace(self, begun=commit, back_to=self.back_to if commit == self.back_to else None)

    def finish(self, release: Release) -> "History":
        """The same commit released again is one release, the later."""
        others = tuple(each for each in self.good if each.commit != release.commit)
        return History((*others, release)[-MOST:], begun=release.commit)

    def target(self, wanted: str | None = None) -> Release:
        """What to go back to: where an interrupted rollback was going, else the newest release that is not deployed.

        `wanted` is the beginning of a commit's id, and must have been released well. Raises Problem.
        """
        chosen = wanted or self.back_to
        found = [
            each for each in self.good if (each.commit.startswith(chosen) if chosen else each.commit != self.begun)
        ]
        if not found:
            raise Problem(f"There is no release {f'{wanted} ' if wanted else ''}to go back to. {self.told()}")
        return found[-1]

    def before(self, label: str) -> Release | None:
        """What a stage that gets `label` (see `Repository.label`) goes back to if that is no good: the last release
        that went well. None if there is none, or if it is the same."""
        last = self.good[-1] if self.good else None
        return None if last is None or last.commit == label else last

    def go_back(self, release: Release) -> "History":
        return replace(self, begun=release.commit, back_to=release.commit)

    def went_back(self, release: Release) -> "History":
        """Forgets what came later: going back once more leads further back, not forward to what was left."""
        kept = self.good[: self.good.index(release) + 1]
        return History(kept, begun=release.commit)

    def told(self) -> str:
        known: Sequence[str] = [f"{each.commit[:12]} ({each.at})" for each in self.good]
        return f"Released well were: {', '.join(known)}." if known else "Nothing was released well yet."


@dataclass(frozen=True)
class HistoryOf:
    """The stage's history where it is kept."""

    client: ClientOf
    stage: Stage

    @property
    def name(self) -> str:
        return f"/orderwire/{self.stage.name}/release"

    def read(self) -> History:
        ssm = self.client("ssm")
        try:
            document: dict[str, Any] = json.loads(ssm.get_parameter(Name=self.name)["Parameter"]["Value"])
        except ssm.exceptions.ParameterNotFound:
            return History()
        return History(tuple(Release(**each) for each in document["good"]), document["begun"], document["back_to"])

    def write(self, history: History) -> None:
        text = json.dumps(asdict(history), separators=(",", ":"))
        self.client("ssm").put_parameter(Name=self.name, Type="String", Overwrite=True, Value=text)

    def begin(self, commit: str) -> None:
        self.write(self.read().begin(commit))

    def forget(self) -> None:
        ssm = self.client("ssm")
        with suppress(ssm.exceptions.ParameterNotFound):
            ssm.delete_parameter(Name=self.name)
