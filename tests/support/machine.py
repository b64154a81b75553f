"""The system as a person runs it: `orderwire run` as a process, on free ports, with a folder for its state."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from orderwire.cli import main
from orderwire.console.waiting import wait_until
from orderwire.machine.ports import free_port
from orderwire.workplace.api_client import ApiClient
from orderwire.workplace.home import ROOT, Home, import_path
from orderwire.workplace.stage import Target, local_target

PATIENCE = 60
"""Seconds; a machine that runs other tests as well is slow."""
NOT_SOURCES = shutil.ignore_patterns(".venv*", ".git", ".orderwire", "__pycache__", ".*_cache", ".hypothesis", "tests")
ORDER: dict[str, Any] = {
    "customer_id": "cust-1",
    "customer_email": "ada@example.com",
    "payment_token": "tok_ok",
    "items": [{"sku": "9780141439518", "quantity": 2}],
}


@dataclass(frozen=True)
class Done:
    """What came of a command: its exit code, what it printed, what it told."""

    code: int
    out: str
    err: str


class Machine:
    """One run after the other in the same home. `checkout` is where the code is that runs."""

    def __init__(self, home: Path, checkout: Path = ROOT) -> None:
        self.home, self.checkout = home, checkout
        self.port, self.engine_port = free_port(), free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": import_path(self.checkout), "PYTHONUNBUFFERED": "1", "COLUMNS": "150"}

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-P", "-m", "orderwire", *arguments, "--home", str(self.home)]

    @property
    def run_command(self) -> list[str]:
        """It ends with the tests even if they are killed."""
        return self.command("run", "--with-parent", "--port", str(self.port), "--engine-port", str(self.engine_port))

    @property
    def output_file(self) -> Path:
        return self.home.with_suffix(".output")

    @property
    def output(self) -> str:
        return self.output_file.read_text()

    def begin(self) -> None:
        """Starts the run without waiting for anything."""
        with self.output_file.open("wb") as output:
            self.process = subprocess.Popen(
                self.run_command,
                cwd="/",
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def start(self) -> None:
        """Starts the run and waits until it takes orders."""
        self.begin()
        told = ("takes orders at", "Waiting for the next saved file")
        self.tells(*told)
        assert told[0] in self.output, self.output

    def tells(self, *words: str) -> bool:
        """Whether the run has told any of these in time, and has not ended before."""
        wait_until(lambda: self.ended or any(each in self.output for each in words), PATIENCE, pause=0.02)
        return any(each in self.output for each in words)

    @property
    def ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def stop(self, number: int = signal.SIGINT) -> int:
        """Sends the signal to the whole group, as a terminal does on Ctrl-C, and answers the exit code."""
        assert self.process is not None
        if not self.ended:
            os.killpg(self.process.pid, number)
        return self.process.wait(PATIENCE)

    def wait(self) -> int:
        assert self.process is not None
        return self.process.wait(PATIENCE)

    @property
    def api(self) -> ApiClient:
        return ApiClient(f"http://127.0.0.1:{self.port}")

    @property
    def admin(self) -> ApiClient:
        login = Home(self.home).admin()
        assert login is not None
        return self.api.as_admin(login)

    @property
    def target(self) -> Target:
        return local_target(f"http://127.0.0.1:{self.engine_port}")

    def place(self, **changes: Any) -> str:
        """The id of an order that was accepted."""
        return str(self.api.place({**ORDER, **changes}).require_ok()["order_id"])

    def status(self, order_id: str) -> str:
        return str(self.api.order(order_id).require_ok()["status"])

    def settles(self, order_id: str, status: str) -> bool:
        """Whether the order is there with that status in time."""
        return wait_until(lambda: self.api.order(order_id).body["status"] == status, PATIENCE)

    def orderwire(self, *arguments: str) -> Done:
        """What a person gets who gives the command in a second terminal."""
        out, err = StringIO(), StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            try:
                main([*arguments, "--home", str(self.home)])
            except SystemExit as ended:
                return Done(int(ended.code or 0), out.getvalue(), err.getvalue())
        raise AssertionError("the command did not exit")

    def json(self, *arguments: str) -> Any:
        done = self.orderwire(*arguments, "--json")
        assert done.code == 0, done.err
        return json.loads(done.out)

    def processes(self) -> dict[int, str]:
        """Every process that works for this home: id -> command line. They all have the home among their arguments."""
        return {pid: line for pid, line in command_lines().items() if str(self.home) in line and pid != os.getpid()}

    def process_of(self, module: str) -> int:
        (pid,) = [pid for pid, line in self.processes().items() if module in line]
        return pid

    def left_over(self) -> list[str]:
        """What still runs or listens a moment after the end; empty if nothing does."""

        def found() -> list[str]:
            ports = [f"port {port}" for port in (self.port, self.engine_port) if listens(port)]
            return [*self.processes().values(), *ports]

        wait_until(lambda: not found(), 15)
        return found()


def listens(port: int, address: str = "127.0.0.1") -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((address, port)) == 0


def command_lines() -> dict[int, str]:
    listed = subprocess.run(["ps", "-axww", "-o", "pid=,command="], capture_output=True, text=True, check=True).stdout
    found = (line.strip().split(maxsplit=1) for line in listed.splitlines())
    return {int(pid): rest[0] for pid, *rest in found if rest}


@contextmanager
def machine(home: Path, checkout: Path = ROOT) -> Iterator[Machine]:
    """A machine on which nothing runs after the block, whatever happened in it."""
    made = Machine(home, checkout)
    try:
        yield made
    finally:
        if made.process and not made.ended:
            made.process.terminate()
            made.process.wait(PATIENCE)
        for pid in made.processes():
            os.kill(pid, signal.SIGKILL)


def copy_of_checkout(folder: Path) -> Path:
    """The code in a folder of its own, so that a test may change it."""
    return Path(shutil.copytree(ROOT, folder / "checkout", symlinks=True, ignore=NOT_SOURCES))
