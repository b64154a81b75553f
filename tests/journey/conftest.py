"""What journeys share: the rehearsal, while it holds for somebody to look around."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from edges.clients import PATIENT, Clients
from edges.connect import Edges
from edges.settings import Settings
from infrastructure.stages import DEV
from orderwire.stories.rehearsal.account import Account
from orderwire.workplace.api_client import ApiClient
from orderwire.workplace.home import ROOT, Login


class Rehearsal:
    """`orderwire rehearse --hold` as a process: stage dev is released, updated and settled when it says where it is."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._errors = folder, folder / "errors"
        command = [sys.executable, "-P", "-m", "orderwire", "rehearse", "--hold", "--json", "--home", folder / "home"]
        with self._errors.open("wb") as errors:
            self._process = subprocess.Popen(
                command,
                cwd="/",
                env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(folder)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )

    @property
    def errors(self) -> str:
        return self._errors.read_text()

    def held(self) -> dict[str, Any]:
        """Where everything is, once it holds."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, self.errors
        return json.loads(line)

    @cached_property
    def ended(self) -> tuple[int, dict[str, Any]]:
        """Lets it go on to its end: its exit code, and what it printed then."""
        printed, _ = self._process.communicate("\n")
        assert printed, self.errors
        return self._process.returncode, json.loads(printed)

    def stop(self) -> None:
        self._process.terminate()
        self._process.communicate()


@dataclass(frozen=True)
class Release:
    """Stage dev as it was released into an account. `checkout` is where from, `api` has an admin's token."""

    account: Account
    checkout: Path
    edges: Edges
    shop: ApiClient
    api: ApiClient
    rehearsal: Rehearsal

    def orderwire(self, *arguments: str) -> str:
        """The output of a command that a person gives in the checkout."""
        done = subprocess.run(
            [sys.executable, "-P", "-m", "orderwire", *arguments],
            cwd=self.checkout,
            env={**os.environ, **self.account.environment, "PYTHONPATH": str(self.checkout)},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def invoke(self, function: str, event: Mapping[str, Any]) -> Any:
        """What a deployed function answers; it must not raise."""
        answer = self.account.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
        result = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, result
        return result


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Release]:
    """What the README says, done by the rehearsal."""
    rehearsal = Rehearsal(tmp_path_factory.mktemp("rehearsal"))
    try:
        yield released(rehearsal, rehearsal.held())
    finally:
        rehearsal.stop()


def released(rehearsal: Rehearsal, held: Mapping[str, Any]) -> Release:
    environment = held["environment"]
    account = Account(environment["AWS_ENDPOINT_URL"], Path(environment["AWS_CA_BUNDLE"]))
    edges = Edges(Settings.from_environment(DEV.environment), Clients(account, PATIENT))
    shop = ApiClient(held["api"], trust=account.certificate)
    return Release(account, Path(held["checkout"]), edges, shop, shop.as_admin(Login(**held["admin"])), rehearsal)
