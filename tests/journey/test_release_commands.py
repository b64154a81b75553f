"""The commands that change a stage as a person or a pipeline gives them: what they show, refuse, leave and do."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from consumers.declaration import Consumer
from infrastructure.render import ROOT
from infrastructure.resources import queues
from infrastructure.stack.template import template
from infrastructure.stack.text import as_body
from infrastructure.stages import DEV, PROD, STAGING
from orderwire.cloudformation.stack import agree_to_all, stack_of
from orderwire.console.problem import Problem
from orderwire.machine.engine.process import Engine
from orderwire.machine.ports import free_port
from orderwire.release.generated import generated
from orderwire.release.history import HistoryOf, Release
from orderwire.release.release import Making
from orderwire.release.steps import take
from orderwire.workplace.home import Home
from orderwire.workplace.stage import REGION, EngineSession
from schemas.events import OrderCreated
from tests.support.edges import NOON

AT_RISK = ("NewcomerQueue", "NewcomerDeadLetters")
ALLOWED = [word for name in AT_RISK for word in ("--allow-replace", name)]

pytestmark = pytest.mark.xdist_group("release-commands")


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    """An account with a stage whose stack has a consumer that the checkout no longer declares."""
    with Engine(Home(tmp_path_factory.mktemp("engine")), free_port(), REGION) as engine:
        grown = template()
        for resource in queues.consumer(Consumer("newcomer", hears=(OrderCreated,))):
            grown.add_resource(resource)
        client = EngineSession(engine.endpoint).client
        stack_of(client, replace(DEV, emulated=True), as_body(grown), lambda line: None).apply(agree_to_all)
        yield engine


def test_a_release_that_stops_at_the_account_leaves_a_rollback_the_release_before(engine):
    """By then its stack is there; had nobody written it down, the version that was good would be left, too."""
    client, told = EngineSession(engine.endpoint).client, []
    making = Making(
        client, replace(STAGING, emulated=True), told.append, agree_to_all, lambda: NOON, print, generated()
    )
    kept = HistoryOf(client, STAGING)
    for commit in ("a" * 40, "b" * 40):
        kept.write(kept.read().begin(commit).finish(Release(commit, "2026-11-21T09:30:00.000Z")))
    with pytest.raises(Problem, match=r"Stopped at step 2 of 2, account: The account is not ready"):
        take([step for step in making.steps() if step.does in {"infrastructure", "account"}], "", told.append)
    assert kept.read().begun not in {"a" * 40, "b" * 40}
    assert kept.read().target().commit == "b" * 40


def test_a_stage_that_lasts_is_not_changed_from_whatever_lies_about(engine):
    """Not committed here, or another commit than the one that the stage has."""
    HistoryOf(EngineSession(engine.endpoint).client, PROD).begin("c" * 40)
    for arguments in (("infra", "prod", "--repair", "--yes"), ("deploy", "prod")):
        code, _, why = orderwire(engine, *arguments)
        assert (code, "Not committed: " in why or "Stage prod has cccccccccccc; " in why) == (2, True)
    names = EngineSession(engine.endpoint).client("cloudformation").list_stacks()["StackSummaries"]
    assert "orderwire-prod" not in {each["StackName"] for each in names}


def infra(engine, *options):
    return orderwire(engine, "infra", "dev", *options)


def orderwire(engine, *arguments):
    """(exit code, standard output, standard error)"""
    keys = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_DEFAULT_REGION": REGION}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "orderwire", *arguments],
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

    code, _, why = infra(engine, *ALLOWED)
    assert (code, "Nobody can be asked here; --yes goes on without asking." in why) == (2, True)
    assert infra(engine, *ALLOWED, "--show")[0] == 0
    assert "newcomer" in queues_of(engine)
    kept = HistoryOf(EngineSession(engine.endpoint).client, DEV)
    assert kept.read().begun is None  # nobody agreed so far

    code, out, _ = infra(engine, *ALLOWED, "--yes", "--json")
    answer = json.loads(out)
    assert (code, answer["changed"]) == (0, True)
    assert {each["logical_id"] for each in answer["changes"] if each["action"] == "Remove"} > set(AT_RISK)
    assert "newcomer" not in queues_of(engine)
    assert kept.read().begun


def test_without_a_person_a_stage_is_neither_taken_down_nor_put_back(engine):
    assert infra(engine, *ALLOWED, "--yes")[0] == 0
    code, shown, why = orderwire(engine, "teardown", "dev")
    assert code == 2
    assert "Remove" in shown
    assert "Nothing was changed. Nobody can be asked here; --yes goes on without asking." in why
    assert "orderwire-dev-orders" in queues_of(engine)

    code, _, why = orderwire(engine, "rollback", "dev")
    assert (code, why.strip()) == (2, "There is no release to go back to. Nothing was released well yet.")
