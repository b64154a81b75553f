"""Every test runs without credentials of a real account."""

import os

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.support.recorded_calls.plugin"]

os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION="eu-central-1")
os.environ.pop("AWS_PROFILE", None)
os.environ.setdefault("POWERTOOLS_LOG_LEVEL", "INFO")

# A busy machine is no reason to fail: what hypothesis measures in seconds is not looked at.
settings.register_profile("orderwire", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("orderwire")

LONGEST = ("release", "browser", "machine-ends", "machine", "demo", "blackfriday", "packaging", "developing", "api")
"""Groups that one process runs from end to end: the longest begin first, so that at the end none has much left."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: place_of(item.get_closest_marker("xdist_group")))


def place_of(group: pytest.Mark | None) -> int:
    return LONGEST.index(group.args[0]) if group and group.args[0] in LONGEST else len(LONGEST)
