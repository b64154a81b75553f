"""pytest's part: switches the recorder on, and gives the verdict when a run has ended.

What a function does without leave fails every run. What it may do and never does can only be told of a complete run
whose tests have all passed.
"""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from infrastructure.functions import functions
from tests.support.recorded_calls.only_in_aws import ONLY_IN_AWS
from tests.support.recorded_calls.recorder import FOLDER, read, switch_on
from tests.support.recorded_calls.verdict import missing, unused

FINDINGS = pytest.StashKey[list[str]]()
KEEP = "KEEP_RECORDED_CALLS"
"""The environment variable with a folder in which the calls stay to be looked at."""


def pytest_configure(config: pytest.Config) -> None:
    """Workers of pytest-xdist write into the folder of the process that started them."""
    if is_worker(config):
        return
    config.stash[FINDINGS] = []
    if kept := os.environ.get(KEEP):
        Path(kept).mkdir(parents=True, exist_ok=True)
        for earlier in Path(kept).glob("*.jsonl"):
            earlier.unlink()
        switch_on(Path(kept))
    else:
        folder = TemporaryDirectory(prefix="orderwire-calls-")
        config.add_cleanup(folder.cleanup)
        switch_on(Path(folder.name))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if is_worker(session.config):
        return
    calls, declared = read(Path(os.environ[FOLDER])), list(functions())
    findings = session.config.stash[FINDINGS] = list(missing(declared, calls))
    if exitstatus == pytest.ExitCode.OK and is_complete(session.config):
        findings += unused(declared, calls, ONLY_IN_AWS)
    if findings:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if findings := config.stash.get(FINDINGS, []):
        terminalreporter.section("least privilege", red=True, bold=True)
        for finding in sorted(set(findings)):
            terminalreporter.write_line(finding)


def is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def is_complete(config: pytest.Config) -> bool:
    """Whether every test there is was asked for."""
    narrowing = ("keyword", "markexpr", "lf", "deselect", "ignore", "ignore_glob", "collectonly", "maxfail")
    everything = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    return everything and not any(config.getoption(each, None) for each in narrowing)
