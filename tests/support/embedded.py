"""The embedded AWS for tests: an engine of its own on a free port, with the stack of one stage in it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from edges.clients import PATIENT, Clients
from edges.connect import Edges
from edges.settings import Settings
from infrastructure.stack.template import template
from infrastructure.stack.text import as_body
from infrastructure.stages import LOCAL, Stage
from orderwire.cloudformation.stack import bring_up
from orderwire.machine.engine.process import Engine
from orderwire.machine.ports import free_port
from orderwire.workplace.home import Home
from orderwire.workplace.stage import REGION, EngineSession


@dataclass(frozen=True)
class Embedded:
    """A running engine. `edges` are those of the stage whose stack it has; `environment` is its functions'."""

    endpoint: str
    client: Callable[[str], Any]
    edges: Edges
    stage: Stage

    @property
    def environment(self) -> dict[str, str]:
        return {**self.stage.environment, **LOCAL.aws, "AWS_ENDPOINT_URL": self.endpoint}


@contextmanager
def embedded_aws(folder: Path, stage: Stage) -> Iterator[Embedded]:
    """Stops the engine after the block; everything it writes is below `folder`."""
    with Engine(Home(folder / "home"), free_port(), REGION) as engine:
        session = EngineSession(engine.endpoint)
        bring_up(session.client, replace(stage, emulated=True), as_body(template()), lambda _: None)
        edges = Edges(Settings.from_environment(stage.environment), Clients(session, PATIENT))
        edges.clients.ses.verify_email_identity(EmailAddress=edges.settings.mail_sender)
        yield Embedded(engine.endpoint, session.client, edges, stage)


def eventually(found: Callable[[], Any], seconds: float = 600) -> Any:
    """What `found` answers as soon as that is true; its last answer if it never is."""
    deadline = monotonic() + seconds
    while not (answer := found()) and monotonic() < deadline:
        sleep(0.1)
    return answer
