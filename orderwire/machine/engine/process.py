"""Starts and stops the embedded AWS."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import urllib3

from orderwire.console.problem import Problem
from orderwire.console.waiting import wait_until
from orderwire.machine.child import Child
from orderwire.machine.engine.snapshot import Snapshot
from orderwire.machine.ports import LOOPBACK
from orderwire.workplace.home import OWNERS_FOLDER, Home

START_SECONDS, STOP_SECONDS = 300, 120
"""On an idle machine it takes two of these, and less than one; what takes longer hangs."""
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "SSL_CERT_FILE")
"""What of the environment the engine sees: nothing that names a real account or changes what it is."""


class Engine:
    """The engine on `port`, with its state and log in `home`. Used with `with`: it runs inside the block."""

    def __init__(self, home: Home, port: int, region: str) -> None:
        self._home, self._port, self._region = home, port, region
        self._child: Child | None = None
        self.cut_off = False

    @property
    def endpoint(self) -> str:
        return f"http://{LOOPBACK}:{self._port}"

    def __enter__(self) -> Self:
        """Raises Problem if it does not become ready. `cut_off` then says whether the last run's end was lost."""
        snapshot = Snapshot(self._home.path)
        self.cut_off = snapshot.open()
        temporary = self._home.path / "tmp"
        temporary.mkdir(mode=OWNERS_FOLDER, exist_ok=True)
        with self._home.open_log("engine") as log:
            self._child = Child(
                "orderwire.machine.engine.server",
                [str(self._home.path)],
                environment=environment(os.environ, temporary, snapshot.work, self._port, self._region),
                folder=self._home.path,
                output=log,
                own_session=True,
                umask=0o777 & ~OWNERS_FOLDER,
            )
        try:
            self._wait_until_ready()
        except BaseException:
            self._child.stop(STOP_SECONDS)
            snapshot.discard()
            raise
        return self

    def __exit__(self, kind: Any, *_: Any) -> None:
        """Stops the engine and waits until its state is saved. Raises Problem if it was not."""
        code = self._child.stop(STOP_SECONDS) if self._child else 0
        if code and kind is None:
            raise Problem(f"The embedded AWS did not save its state (exit code {code}). {self._log_says()}")

    def require_alive(self) -> None:
        """Raises Problem if the engine has ended by itself."""
        if self._child and self._child.exit_code is not None:
            raise Problem(f"The embedded AWS has ended (exit code {self._child.exit_code}). {self._log_says()}")

    def _wait_until_ready(self) -> None:
        http = urllib3.PoolManager(retries=False, timeout=1)

        def ready() -> bool:
            self.require_alive()
            try:
                return http.request("GET", f"{self.endpoint}/_ministack/ready").status == 200
            except urllib3.exceptions.HTTPError:
                return False  # not listening yet

        if not wait_until(ready, START_SECONDS, pause=0.02):
            raise Problem(f"The embedded AWS was not ready after {START_SECONDS} s. {self._log_says()}")

    def _log_says(self) -> str:
        log = self._home.log("engine")
        lines = log.read_text(errors="replace").strip().splitlines()
        return f"{log} ends with: {lines[-1]}" if lines else f"{log} is empty."


def environment(outer: Mapping[str, str], temporary: Path, state: Path, port: int, region: str) -> dict[str, str]:
    """ministack's settings: everything on loopback, its files in our folders, nothing that we don't use."""
    return {key: outer[key] for key in KEPT if key in outer} | {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": LOOPBACK,
        "MINISTACK_HOST": LOOPBACK,
        "MINISTACK_REGION": region,
        "TMPDIR": str(temporary),
        "PERSIST_STATE": "1",
        "STATE_DIR": str(state),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(state / "s3"),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": "unix:///nonexistent",  # it would remove containers of other programs like itself
        "LOG_LEVEL": "WARNING",
    }
