"""What journeys share."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from botocore.loaders import Loader

from consumers.registry import subscriptions
from edges.connect import Clients, Edges
from edges.settings import Settings
from infrastructure.render import ROOT
from infrastructure.stages import DEV
from orderwire.release.package import CHALICE, machine_architecture
from tests.support.account import Account, strict_account

NOT_SOURCES = shutil.ignore_patterns(
    ".venv", ".git", ".orderwire", "__pycache__", ".*_cache", ".hypothesis", "deploy*ed"
)


@dataclass(frozen=True)
class Release:
    """Stage dev as it was released into an account. `checkout` is where from."""

    account: Account
    checkout: Path
    edges: Edges

    def run(self, *command: str | Path, **environment: str) -> str:
        """The output of a command that a person gives in the checkout."""
        done = subprocess.run(
            command,
            cwd=self.checkout,
            env={**os.environ, **self.account.environment, "PYTHONPATH": str(self.checkout), **environment},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def orderwire(self, *arguments: str) -> str:
        return self.run(sys.executable, "-P", "-m", "orderwire", *arguments)

    def invoke(self, function: str, event: Mapping[str, Any]) -> Any:
        """What a deployed function answers; it must not raise."""
        answer = self.account.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
        result = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, result
        return result


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Release]:
    """What the README says, in a copy of the checkout: `orderwire infra dev`, then `chalice deploy --stage dev`."""
    with (
        TemporaryDirectory(prefix="orderwire-") as folder,
        strict_account(tmp_path_factory.mktemp("account")) as account,
    ):
        checkout = Path(folder) / "checkout"
        shutil.copytree(ROOT, checkout, symlinks=True, ignore=NOT_SOURCES)
        make_quick(checkout / ".chalice/config.json")
        edges = Edges(Settings.from_environment(DEV.environment), Clients(account))
        released = Release(account, checkout, edges)
        edges.clients.ses.verify_email_identity(EmailAddress=edges.settings.mail_sender)
        released.orderwire("infra", "dev", "--yes")
        released.run(CHALICE, "deploy", "--stage", "dev", AWS_DATA_PATH=impatient_waiters(Path(folder)))
        grant_what_only_the_emulator_asks(account)
        yield released


def make_quick(config: Path) -> None:
    """Lets stage dev run in this machine's architecture, and failed messages come again after a second."""
    document = json.loads(config.read_text())
    dev = document["stages"]["dev"]
    dev["lambda_architecture"] = machine_architecture()
    dev["environment_variables"]["ORDERWIRE_RETRY_SECONDS"] = "1"
    config.write_text(json.dumps(document))


def impatient_waiters(folder: Path) -> str:
    """A folder for AWS_DATA_PATH: Chalice asks every half second whether a new function is active, not every five."""
    waiters = Loader().load_service_model("lambda", "waiters-2", "2015-03-31")
    waiters["waiters"]["FunctionActive"]["delay"] = 0.5
    path = folder / "botocore/lambda/2015-03-31/waiters-2.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(waiters))
    return str(folder / "botocore")


def grant_what_only_the_emulator_asks(account: Account) -> None:
    """IAM knows no sqs:DeleteMessageBatch (sqs:DeleteMessage covers it), and lets a mail's identity and template be
    named; the emulator asks for the first, and for the second on `*`."""
    for subscription in subscriptions():
        name = subscription.name.replace("-", "_")
        actions = ["sqs:DeleteMessageBatch", *(["ses:SendTemplatedEmail"] if name == "notification" else [])]
        statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
        account.client("iam").put_role_policy(
            RoleName=f"orderwire-dev-{name}",
            PolicyName="only-the-emulator",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        )
