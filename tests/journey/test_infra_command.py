"""`orderwire infra` as a person or a pipeline gives it: what it shows, refuses, leaves and does."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from consumers.subscription import Subscription
from infrastructure import queues
from infrastructure.render import ROOT
from infrastructure.stack import template
from infrastructure.stages import DEV
from orderwire.engine.process import Engine
from orderwire.home import Home
from orderwire.ports import free_port
from orderwire.stack import stack_of, whatever
from orderwire.stage import REGION, EngineSession
from schemas.events import OrderCreated

AT_RISK = ("NewcomerQueue", "NewcomerDeadLetters")


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    """An account with a stage whose stack has a consumer that the checkout no longer declares."""
    with Engine(Home(tmp_path_factory.mktemp("engine")), free_port(), REGION) as engine:
        grown = template()
        for resource in queues.consumer(Subscription("newcomer", hears=(OrderCreated,))):
            grown.add_resource(resource)
        client = EngineSession(engine.endpoint).client
        stack_of(client, replace(DEV, emulated=True), grown, lambda line: None).apply(whatever)
        yield engine


def infra(engine, *options):
    """(exit code, standard output, standard error)"""
    keys = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_DEFAULT_REGION": REGION}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "orderwire", "infra", "dev", *options],
        cwd=ROOT,
        env={**os.environ, **keys, "PYTHONPATH": str(ROOT), "AWS_ENDPOINT_URL": engine.endpoint},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout, done.stderr


def queues_of(engine):
    return str(EngineSession(engine.endpoint).client("sqs").list_queues()["QueueUrls"])


def test_what_would_lose_data_is_refused_or_left_and_what_nobody_agreed_to_is_not_done(engine):
    code, shown, why = infra(engine, "--yes")
    assert code == 2
    assert "Remove" in shown
    assert "NewcomerQueue (AWS::SQS::Queue) would be deleted: the messages that wait" in why
    assert "--allow-replace NewcomerDeadLetters --allow-replace NewcomerQueue" in why

    code, told, _ = infra(engine, "--yes", "--or-leave")
    assert (code, "data would be lost" in told) == (1, True)

    allowed = [word for name in AT_RISK for word in ("--allow-replace", name)]
    code, _, why = infra(engine, *allowed)
    assert (code, "Nobody can be asked here; --yes goes on without asking." in why) == (2, True)
    assert infra(engine, *allowed, "--show")[0] == 0
    assert "newcomer" in queues_of(engine)

    code, out, _ = infra(engine, *allowed, "--yes", "--json")
    answer = json.loads(out)
    assert (code, answer["changed"]) == (0, True)
    assert {each["logical_id"] for each in answer["changes"] if each["action"] == "Remove"} > set(AT_RISK)
    assert "newcomer" not in queues_of(engine)
