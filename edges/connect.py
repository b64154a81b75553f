"""The composition root: builds the edges of one process from its environment."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from edges.clients import PATIENT, Clients
from edges.clock import Chance, Clock
from edges.metrics import ENTRIES_REFUSED, write_metrics
from edges.publisher import Publisher
from edges.settings import Settings


@dataclass(frozen=True)
class Edges:
    """Everything outside a decision. `publisher` puts events on the stage's bus."""

    settings: Settings
    clients: Clients = field(default_factory=Clients)
    clock: Clock = field(default_factory=Clock)
    chance: Chance = field(default_factory=Chance)

    @cached_property
    def publisher(self) -> Publisher:
        return Publisher(
            lambda: self.clients.events,
            self.settings.bus,
            self.clock.monotonic,
            self.clock.sleep,
            self.chance.jitter,
            lambda entries: write_metrics({ENTRIES_REFUSED: entries}, self.settings.stage),
        )

    def secret(self, name: str) -> str:
        """The text of a secret of the stage."""
        found = self.clients.secrets.get_secret_value(SecretId=self.settings.path(name))
        return str(found["SecretString"])

    def parameter(self, name: str) -> str:
        """The text of an SSM parameter of the stage."""
        found = self.clients.ssm.get_parameter(Name=self.settings.path(name))
        return str(found["Parameter"]["Value"])


def connect(environ: Mapping[str, str] = os.environ) -> Edges:
    """The edges of this process. boto3 reads region, credentials and AWS_ENDPOINT_URL from the environment itself."""
    emulated = "AWS_ENDPOINT_URL" in environ  # on a machine that has much else to do, and knows no limit of 29 s
    return Edges(Settings.from_environment(environ), Clients(patience=PATIENT if emulated else 0))


class Connected:
    """A Lambda function that makes its edges when it is first called, once per process: to import it costs nothing."""

    def __init__(self, edges: Callable[[], Edges] = connect) -> None:
        self._connect = edges

    @cached_property
    def _edges(self) -> Edges:
        return self._connect()
