"""An embedded AWS as strict as an account: TLS only, signatures checked, IAM policies enforced.

It runs without the checkout on its path, so a deployed function has our code from its layer or not at all.
"""

import os
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

from orderwire.ports import LOOPBACK, free_port
from orderwire.waiting import wait_until
from tests.support.certificate import write_certificate

REGION = "eu-central-1"
ROOT = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": REGION}
"""Whose keys may do everything."""

SERVE_UNTIL_STDIN_ENDS = """
import os, signal, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os.kill(os.getpid(), signal.SIGTERM)), daemon=True).start()
from ministack.app import main
main()
"""


@dataclass(frozen=True)
class Account:
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


@contextmanager
def strict_account(folder: Path) -> Iterator[Account]:
    """An empty account, gone after the block; its log stays as `folder/account.log`.

    Run by root it listens on port 443 of loopback too, where that is free: ministack does with TLS.
    """
    certificate, key = write_certificate(folder)
    port = free_port()
    account = Account(f"https://{LOOPBACK}:{port}", certificate)
    with TemporaryDirectory(prefix="orderwire-") as scratch, (folder / "account.log").open("wb") as log:
        process = subprocess.Popen(
            [getattr(sys, "_base_executable", sys.executable), "-c", SERVE_UNTIL_STDIN_ENDS],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=scratch,
            env=environment(scratch, port, certificate, key),
        )
        try:
            assert wait_until(lambda: is_ready(account), seconds=30), (folder / "account.log").read_text()
            yield account
        finally:
            process.kill()  # nothing of it is kept, and asked to stop it would wait for idle connections
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
        "DOCKER_HOST": "unix:///nonexistent",  # as in orderwire.engine.process
    }


def is_ready(account: Account) -> bool:
    http = urllib3.PoolManager(retries=False, timeout=2, ca_certs=str(account.certificate))
    try:
        return http.request("GET", f"{account.endpoint}/_ministack/ready").status == 200
    except urllib3.exceptions.HTTPError:
        return False
