"""The AWS clients of one process."""

from functools import cached_property
from threading import Lock
from typing import Any

import boto3
from botocore.config import Config

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
    def functions(self) -> Any:
        """Lambda. A function's answer is waited for as long as API Gateway waits for ours, and it is called once."""
        return self._client("lambda", read_timeout=26, attempts=1)

    @cached_property
    def cognito(self) -> Any:
        return self._client("cognito-idp")
