"""The composition root: builds the edges of one process from its environment."""

import os
import random
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from threading import Lock
from typing import Any

import boto3
from botocore.config import Config

from edges.metrics import ENTRIES_REFUSED, write_metrics
from edges.publisher import Publisher
from edges.settings import Settings


@dataclass(frozen=True)
class Clock:
    """Time as a function sees it. Tests pass one that stands still and does not sleep."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True)
class Chance:
    """Randomness as a function sees it: jitter in [0, 1) and ids that cannot be guessed."""

    jitter: Callable[[], float] = random.random
    token: Callable[[], str] = lambda: secrets.token_hex(16)


PATIENT = 60.0
"""Seconds that an answer may take where nobody waits behind who asks, for commands and for emulators: what takes
longer hangs."""


class Clients:
    """boto3 clients, each built when first used: a function pays only for the services it calls.

    `patience` is how many seconds each answer has at the least.
    """

    def __init__(self, session: Any = None, patience: float = 0) -> None:
        self._session, self._patience = session or boto3.session.Session(), patience
        self._building = Lock()  # a session may not build two clients at once; `chalice local` has threads

    def _client(self, service: str, read_timeout: float = 2, attempts: int = 3) -> Any:
        """Three attempts fit well into the 29 s of a request and the 30 s of a function."""
        config = Config(
            connect_timeout=max(1, self._patience),
            read_timeout=max(read_timeout, self._patience),
            retries={"mode": "standard", "total_max_attempts": attempts},
            max_pool_connections=25,
        )
        with self._building:
            return self._session.client(service, config=config)

    @cached_property
    def dynamodb(self) -> Any:
        return self._client("dynamodb")

    @cached_property
    def events(self) -> Any:
        return self._client("events", read_timeout=4, attempts=1)  # the publisher retries, within its deadline

    @cached_property
    def sqs(self) -> Any:
        return self._client("sqs", read_timeout=5)

    @cached_property
    def ses(self) -> Any:
        return self._client("ses")

    @cached_property
    def secrets(self) -> Any:
        return self._client("secretsmanager")

    @cached_property
    def s3(self) -> Any:
        return self._client("s3", read_timeout=10)

    @cached_property
    def ssm(self) -> Any:
        return self._client("ssm")

    @cached_property
    def cloudwatch(self) -> Any:
        return self._client("cloudwatch")

    @cached_property
    def cognito(self) -> Any:
        return self._client("cognito-idp")


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
