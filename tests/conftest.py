"""Every test runs without credentials of a real account."""

import os

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.support.recorded_calls.plugin"]

os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION="eu-central-1")
os.environ.pop("AWS_PROFILE", None)
os.environ.setdefault("POWERTOOLS_LOG_LEVEL", "INFO")

# A busy machine is no reason to fail: what hypothesis measures in seconds is not looked at.
settings.register_profile("orderwire", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("orderwire")
