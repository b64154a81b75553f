"""No test depends on which files there are: a team that subscribes adds one and changes no test."""

import os
import re
import shutil
import subprocess
import sys

from infrastructure.render import ROOT
from tests.support.machine import NOT_SOURCES

NEWCOMER = """team: passers-by
contact: passers-by@example.com
description: All that there is of one kind
pattern:
  source: [orderwire.{source}]
  detail-type: [{event}]
target: arn:aws:sqs:${{AWS::Region}}:111122223333:passers-by
"""
EVENTS = {"order.created": "checkout", "payment.completed": "payment"}
READS = re.compile(r"\b(load\(\)|HOME\.glob|hearers\()")
"""What reads the folder of subscriptions."""
SLOW = re.compile(r"\b(embedded_aws|EngineSession|cfnlint|hypothesis|npm_packages|rule_making)\b")


def concerned():
    """The test modules that read the folder, but for those that take long."""
    for path in sorted([*(ROOT / "tests/unit").rglob("test_*.py"), *(ROOT / "tests/contract").rglob("test_*.py")]):
        text = path.read_text()
        if READS.search(text) and not SLOW.search(text) and path.name != "test_more_files.py":
            yield str(path.relative_to(ROOT))


def test_the_tests_pass_with_a_subscription_more(tmp_path):
    checkout = tmp_path / "checkout"
    shutil.copytree(ROOT, checkout, symlinks=True, ignore=NOT_SOURCES)
    shutil.copytree(ROOT / "tests", checkout / "tests", ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
    for number, (event, source) in enumerate(EVENTS.items()):
        path = checkout / f"subscriptions/passers-by-{number}.yaml"
        path.write_text(NEWCOMER.format(event=event, source=source))
    modules = list(concerned())
    assert len(modules) > 5
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "RECORDED_"))}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *modules],
        cwd=checkout,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-1000:]
