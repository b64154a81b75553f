"""The whole system on this machine: the embedded AWS (the engine), and a worker process with our own code."""

import json
import os
import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO, Any, Self

from orderwire.console.problem import Problem
from orderwire.console.tell import Tell
from orderwire.console.waiting import wait_until
from orderwire.machine.child import Child
from orderwire.machine.engine.process import Engine
from orderwire.machine.options import Options
from orderwire.machine.ports import bound, require_free
from orderwire.workplace.home import ROOT, Home, Login, Running
from orderwire.workplace.stage import REGION, Target, local_environment, local_target

ENGINE_PORT, API_PORT = 4566, 8000
"""The default ports; `chalice local --stage local` looks for the embedded AWS at the first."""
WORKER_STEP_SECONDS, WORKER_STOP_SECONDS = 600, 6
CATALOG = ROOT / "samples" / "catalog.csv"

NO_METRICS = {"POWERTOOLS_METRICS_DISABLED": "true"}
"""Keeps the metrics, which functions write into their log as JSON for CloudWatch, out of a log that a person reads."""
WARNINGS = {"POWERTOOLS_LOG_LEVEL": "WARNING"}
"""The level for a log file that nobody watches: only what went wrong."""


class WorkerBroken(Problem):
    """The API and the consumers did not come up; they have said why on their own output."""


class WorkerProcess:
    """A worker process, which can be started again: then the one before goes on until the new one is ready.

    `held` is the socket at which the API is served, None for a worker without it. Without `output` it is that of this
    process.
    """

    def __init__(
        self, home: Home, endpoint: str, held: socket.socket | None, output: IO[bytes] | None, json_log: bool
    ) -> None:
        self._home, self._endpoint, self._held = home, endpoint, held
        self._output, self._json_log = output, json_log
        self._child: Child | None = None

    def start(self, tell: Tell) -> str:
        """Returns the API's URL once it takes orders and the one before has ended. Raises WorkerBroken; then the one
        before goes on."""
        child, report = self._begun()
        with report:
            try:
                api = self._follow(report, tell)
            except BaseException:
                child.stop(WORKER_STOP_SECONDS)
                raise
        before, self._child = self._child, child
        if before:
            before.stop(WORKER_STOP_SECONDS)
        return api

    def _begun(self) -> tuple[Child, IO[str]]:
        """The process, and what it reports."""
        held = None if self._held is None else self._held.fileno()
        ours, theirs = os.pipe()
        report = os.fdopen(ours)
        options = Options(str(self._home.path), held, theirs, str(CATALOG), self._json_log)
        try:
            child = Child(
                "orderwire.machine.worker",
                [options.text()],
                environment=self._environment(),
                folder=ROOT,
                output=self._output,
                pass_fds=(theirs,) if held is None else (theirs, held),
            )
        except BaseException:
            report.close()
            raise
        finally:
            os.close(theirs)
        return child, report

    def _environment(self) -> dict[str, str]:
        ours = local_environment(os.environ, self._endpoint)
        return ours | ({} if self._json_log else NO_METRICS) | (WARNINGS if self._output else {})

    def _follow(self, report: IO[str], tell: Tell) -> str:
        """Reads the report until the worker is ready, or has ended and thereby closed it."""
        while line := self._line(report):
            said = json.loads(line)
            if "api" in said:
                return str(said["api"])
            tell(said["step"])
        raise WorkerBroken("The API and the consumers did not start, for the reason above.")

    def _line(self, report: IO[str]) -> str:
        """The next line, empty at the end; a worker writes a line at once."""
        if not wait_until(lambda: bool(select.select([report], [], [], 0)[0]), WORKER_STEP_SECONDS, pause=0.02):
            raise WorkerBroken(f"The API and the consumers have hung for {WORKER_STEP_SECONDS} s.")
        return report.readline()

    @property
    def serves(self) -> bool:
        return self._child is not None and not self.ended

    @property
    def ended(self) -> bool:
        return self._child is not None and self._child.exit_code is not None

    def ask_to_stop(self) -> None:
        if self._child:
            self._child.ask_to_stop()

    def stop(self) -> None:
        if self._child:
            self._child.stop(WORKER_STOP_SECONDS)
            self._child = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: Any) -> None:
        self.stop()


@dataclass(frozen=True)
class Ports:
    """`api` 0 takes a free one."""

    engine: int = ENGINE_PORT
    api: int = API_PORT

    def require_free(self) -> None:
        """Raises Problem naming the port that is in use, or that is given to both."""
        if self.engine == self.api:
            raise Problem(f"Port {self.api} is given to the API and to the embedded AWS: give one of them another.")
        require_free(self.engine, "the embedded AWS", "make run ENGINE_PORT=4567")
        if self.api:
            require_free(self.api, "the API", "make run PORT=8001")


@dataclass(frozen=True)
class Local:
    """The running embedded AWS, with workers that are not started yet: `worker` serves the API too, `others` share the
    consumers' work."""

    home: Home
    target: Target
    engine: Engine
    worker: WorkerProcess
    others: tuple[WorkerProcess, ...] = ()

    def start(self, tell: Tell) -> str:
        """Starts the workers and tells other commands; returns the API's URL. Raises WorkerBroken."""
        api = self.worker.start(tell)
        for other in self.others:
            other.start(tell)
        self.home.announce(Running(self.engine.endpoint, api, os.getpid()))
        return api

    @property
    def admin(self) -> Login:
        login = self.home.admin()
        assert login is not None  # the worker has made it
        return login


@contextmanager
def local_engine(
    home: Home, ports: Ports, tell: Tell, output: IO[bytes] | None = None, json_log: bool = False, more: int = 0
) -> Iterator[Local]:
    """Runs the engine, and the workers once they are started, inside the block. `tell` gets each step in a few words.

    `more` is the number of worker processes besides the one with the API. Raises Problem. Whatever happens, nothing of
    it runs after the block.
    """
    with home.held(), ExitStack() as running:
        ports.require_free()
        held = running.enter_context(bound(ports.api))
        tell("starting the embedded AWS")
        engine = running.enter_context(Engine(home, ports.engine, REGION))
        if engine.cut_off:
            tell("the last run was cut off: going on from its last clean stop")

        def worker(at: socket.socket | None) -> WorkerProcess:
            return running.enter_context(WorkerProcess(home, engine.endpoint, at, output, json_log))

        first, *others = [worker(at) for at in (held, *[None] * more)]
        for each in (first, *others):  # all are asked before one is waited for
            running.callback(each.ask_to_stop)
        yield Local(home, local_target(engine.endpoint), engine, first, tuple(others))
