"""The whole system on free ports, for tests that talk to its API over HTTP."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from orderwire.machine.local import Ports, local_engine
from orderwire.machine.ports import free_port
from orderwire.workplace.api_client import ApiClient
from orderwire.workplace.home import Home

FOLDER = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One process runs them all, so that one system serves them all."""
    for item in items:
        if FOLDER in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("api"))


@dataclass(frozen=True)
class System:
    """A running system with the sample catalog. `token` is its admin's."""

    api: ApiClient
    token: str


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    home = Home(tmp_path_factory.mktemp("home"))
    with home.log("worker").open("wb") as log, local_engine(home, Ports(free_port(), 0), lambda _: None, log) as local:
        api = ApiClient(local.start(lambda _: None))
        login = {"username": local.admin.username, "password": local.admin.password}
        yield System(api, api.request("POST", "/admin/login", login).require_ok()["token"])
