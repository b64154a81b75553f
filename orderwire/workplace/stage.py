"""Where a command works: the running system on this machine, or a stage in an AWS account."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import boto3

from edges.clients import PATIENT, Clients
from edges.connect import Edges
from edges.settings import PREFIX, Settings
from infrastructure.stages import LOCAL, STAGES, Stage
from orderwire.console.problem import Problem
from orderwire.workplace.home import Home

ENDPOINT, REGION = "AWS_ENDPOINT_URL", LOCAL.aws["AWS_DEFAULT_REGION"]
NOT_RUNNING = "Orderwire is not running on this machine. Start it with: make run"


class EngineSession:
    """A boto3 session whose clients all talk to the engine at `endpoint`, whatever the environment names."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._session = boto3.session.Session(
            LOCAL.aws["AWS_ACCESS_KEY_ID"], LOCAL.aws["AWS_SECRET_ACCESS_KEY"], region_name=REGION
        )

    def client(self, service: str, **options: Any) -> Any:
        return self._session.client(service, endpoint_url=self._endpoint, **options)


@dataclass(frozen=True)
class Target:
    """A stage to work on. `client` makes a boto3 client of a service that `edges` has none of.

    `api` is the API's URL, without a slash at its end, where it is known.
    """

    stage: Stage
    edges: Edges
    client: Callable[[str], Any]
    api: str | None = None


def stage_named(name: str, emulated: bool = False) -> Stage:
    """The declared stage. `emulated` is for a stage that is created in the embedded AWS instead of an account: its
    functions then run on this machine. Raises Problem if there is no such stage."""
    if name not in STAGES:
        raise Problem(f"There is no stage {name!r}. There are: {', '.join(STAGES)} (infrastructure/stages.py).")
    stage = STAGES[name]
    return replace(stage, emulated=True, architecture=None, python=None) if emulated else stage


def target(stage: str, home: Home) -> Target:
    """Raises Problem if there is no such stage, or if stage `local` is asked for and is not running."""
    declared = stage_named(stage)
    if declared is not LOCAL:
        return Target(declared, Edges(settings_of(declared), Clients(patience=PATIENT)), boto3.session.Session().client)
    running = home.running()
    if running is None:
        raise Problem(NOT_RUNNING)
    return local_target(running.endpoint, running.api)


def local_target(endpoint: str, api: str | None = None) -> Target:
    session = EngineSession(endpoint)
    return Target(LOCAL, Edges(settings_of(LOCAL), Clients(session, PATIENT)), session.client, api)


def settings_of(stage: Stage) -> Settings:
    return Settings.from_environment(stage.environment)


def local_environment(outer: Mapping[str, str], endpoint: str) -> dict[str, str]:
    """The environment of the functions of stage `local`, and what of `outer` does not change what they do."""
    kept = {key: value for key, value in outer.items() if not key.startswith(("AWS_", PREFIX))}
    return {**kept, **LOCAL.environment, ENDPOINT: endpoint}
