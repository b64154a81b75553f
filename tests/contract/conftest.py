"""One embedded AWS for all contract tests of a test process; each uses names of its own in it."""

from collections.abc import Iterator

import pytest

from orderwire.machine.engine.process import Engine
from orderwire.machine.ports import free_port
from orderwire.workplace.home import Home
from orderwire.workplace.stage import REGION, EngineSession


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineSession]:
    with Engine(Home(tmp_path_factory.mktemp("engine")), free_port(), REGION) as running:
        yield EngineSession(running.endpoint)
