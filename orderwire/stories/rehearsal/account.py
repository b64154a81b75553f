"""An AWS account of its own on this machine: the embedded AWS at its strictest, with TLS only, signatures checked and
IAM policies enforced.

It runs without the checkout on its path, so that a deployed function gets our code from its layer only.
"""

import os
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3
import urllib3

from orderwire.console.problem import Problem
from orderwire.console.waiting import wait_until
from orderwire.machine.ports import LOOPBACK, free_port
from orderwire.stories.rehearsal.certificate import write_certificate

REGION = "eu-central-1"
ROOT = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": REGION}
"""The credentials of the account's root, who may do everything."""

BRIDGE = Path(__file__).with_name("bridge.py")
START_SECONDS = 300


@dataclass(frozen=True)
class Account:
    """`endpoint` is where all of its services answer, `certificate` what its TLS is trusted by."""

    endpoint: str
    certificate: Path

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to work in the account with all rights."""
        return {
            "AWS_ACCESS_KEY_ID": ROOT["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": ROOT["aws_secret_access_key"],
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_CA_BUNDLE": str(self.certificate),
        }

    def client(self, service: str, **options: Any) -> Any:
        """A boto3 client of the account's root, or of whose keys are given."""
        place = {"endpoint_url": self.endpoint, "verify": str(self.certificate)}
        return boto3.session.Session().client(service, **{**ROOT, **place, **options})

    def api(self, rest_api: str, stage: str) -> str:
        """The URL of a stage of a REST API, as API Gateway's would be `https://<id>.execute-api...`."""
        return f"{self.endpoint}/restapis/{rest_api}/{stage}/_user_request_"


@contextmanager
def strict_account(folder: Path, log: Path) -> Iterator[Account]:
    """An empty account, which ends with the block. Its certificate is written to `folder`; it and its functions log to
    the end of `log`. Raises Problem.

    If root runs it, ministack also listens on port 443 of loopback where that is free, as it always does with TLS.
    """
    certificate, key = write_certificate(folder)
    port = free_port()
    account = Account(f"https://{LOOPBACK}:{port}", certificate)
    with TemporaryDirectory(prefix="orderwire-") as scratch, log.open("ab") as output:
        process = subprocess.Popen(
            [getattr(sys, "_base_executable", sys.executable), "-P", BRIDGE],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=scratch,
            env=environment(scratch, port, certificate, key),
            start_new_session=True,
        )
        try:
            if not wait_until(lambda: process.poll() is not None or is_ready(account), START_SECONDS):
                raise Problem(f"The account was not ready after {START_SECONDS} s. Its log is {log}.")
            if process.poll() is not None:
                raise Problem(f"The account did not start (exit code {process.returncode}):\n{log.read_text()}")
            yield account
        finally:
            os.killpg(process.pid, signal.SIGKILL)  # nothing is kept; on SIGTERM it would wait for idle clients
            process.wait()


def environment(scratch: str, port: int, certificate: Path, key: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": scratch,
        "TMPDIR": scratch,
        "PYTHONPATH": sysconfig.get_path("purelib"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "GATEWAY_PORT": str(port),
        "BIND_HOST": LOOPBACK,
        "MINISTACK_HOST": LOOPBACK,
        "MINISTACK_REGION": REGION,
        "AUTH": "true",
        "USE_SSL": "1",
        "MINISTACK_SSL_CERT": str(certificate),
        "MINISTACK_SSL_KEY": str(key),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": "unix:///nonexistent",  # as in orderwire.machine.engine.process
    }


def is_ready(account: Account) -> bool:
    http = urllib3.PoolManager(retries=False, timeout=2, ca_certs=str(account.certificate))
    try:
        return http.request("GET", f"{account.endpoint}/_ministack/ready").status == 200
    except urllib3.exceptions.HTTPError:
        return False
