"""What a new event and a new consumer cost: one class; one file and one name. All else is rendered."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from cfn_flip import load_yaml

from infrastructure.render import ROOT
from infrastructure.stages import STAGES

EVENT = '''

class ParcelLost(EventData, detail_type="parcel.lost", source=CHECKOUT):
    """A carrier lost an order's parcel."""

    carrier: Name
'''

CONSUMER = '''"""lost-parcels: remembers which orders never arrived."""

from collections.abc import Sequence

from consumers.runner.batch import Delivery
from consumers.runner.entry import LambdaEntry
from consumers.declaration import Consumer
from edges.connect import Edges
from edges.publisher import AnyEvent
from schemas.events import OrderRefunded, ParcelLost
from tables.orders import TABLE

CONSUMER = Consumer(
    name="lost-parcels",
    hears=(ParcelLost,),
    publishes=(OrderRefunded,),
    where={"data": {"carrier": [{"anything-but": ["own van"]}]}},
    hears_replays=False,
    batch_size=5,
    receives=3,
    timeout=20,
    memory=256,
    touches=(TABLE.allow("GetItem"),),
)


class LostParcels:
    def __init__(self, edges: Edges) -> None:
        self._edges = edges

    def __call__(self, delivery: Delivery) -> Sequence[AnyEvent]:
        return ()


on_records = LambdaEntry(CONSUMER, LostParcels)
'''

SCHEMA = "schemas/json/parcel.lost/v1.json"
FUNCTION = "lost_parcels"


def files(root):
    return {str(path.relative_to(root)): path.read_text() for path in root.rglob("*") if is_source(path)}


def is_source(path):
    return path.is_file() and "__pycache__" not in path.parts


def run(root, *arguments):
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1", "ORDERWIRE_STAGE": "dev"}
    done = subprocess.run([sys.executable, *arguments], cwd=root, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def grown(tmp_path_factory):
    """(a copy of the repository with one event and one consumer more, the paths that rendering changed)."""
    root = tmp_path_factory.mktemp("grown")
    for name in (
        "schemas",
        "edges",
        "tables",
        "consumers",
        "checkout_api",
        "infrastructure",
        "subscriptions",
        ".chalice",
    ):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__", "deploy*"))
    shutil.copyfile(ROOT / "app.py", root / "app.py")
    with (root / "schemas/events.py").open("a") as events:
        events.write(EVENT)
    (root / "consumers/lost_parcels.py").write_text(CONSUMER)
    names = root / "consumers/__init__.py"
    names.write_text(names.read_text().replace('"order_log"', '"order_log", "lost_parcels"'))
    before = files(root)
    run(root, "-m", "schemas.generate")
    run(root, "-m", "infrastructure.render")
    after = files(root)
    return root, {path for path in after if after[path] != before.get(path)}


@pytest.fixture(scope="module")
def resources(grown):
    root, _ = grown
    return load_yaml((root / "infrastructure/template.yaml").read_text())["Resources"]


def test_everything_else_is_rendered_and_of_others_only_what_the_api_may_do_with_queues_changes(grown):
    root, changed = grown
    policies = {f".chalice/policy-{stage}-{name}.json" for stage in STAGES for name in (FUNCTION, "api_handler")}
    assert changed == {SCHEMA, "infrastructure/template.yaml", ".chalice/config.json", *policies}
    old = load_yaml((ROOT / "infrastructure/template.yaml").read_text())["Resources"]
    new = load_yaml((root / "infrastructure/template.yaml").read_text())["Resources"]
    assert {key: new[key] for key in old} == {**old, "Dashboard": new["Dashboard"]}
    assert "lost-parcels" in str(new["Dashboard"])
    assert set(new) - set(old) == {
        "LostParcelsRule",
        "LostParcelsQueue",
        "LostParcelsQueuePolicy",
        "LostParcelsDeadLetters",
        "LostParcelsDeadLettersPolicy",
        "LostParcelsLog",
        "DeadLettersLostParcelsAlarm",
        "DeadLettersOldLostParcelsAlarm",
        "LateLostParcelsAlarm",
        "UndeliveredLostParcelsAlarm",
        "FailingLostParcelsAlarm",
        "ThrottledLostParcelsAlarm",
    }


def test_the_events_schema_is_there(grown):
    schema = json.loads((grown[0] / SCHEMA).read_text())
    assert schema["$id"] == "urn:orderwire:parcel.lost:v1"
    assert schema["x-source"] == "orderwire.checkout"


def test_the_rule_sends_what_the_consumer_asked_for(resources):
    rule = resources["LostParcelsRule"]["Properties"]
    assert rule["EventPattern"] == {
        "source": ["orderwire.checkout"],
        "detail-type": ["parcel.lost"],
        "replay-name": [{"exists": False}],
        "detail": {
            "data": {"carrier": [{"anything-but": ["own van"]}]},
            "metadata": {"version": [{"prefix": "1."}], "replay": [{"exists": False}]},
        },
    }
    assert rule["Targets"][0]["Arn"] == {"Fn::GetAtt": ["LostParcelsQueue", "Arn"]}


def test_the_queue_knows_its_dead_letters_and_its_function(resources):
    queue = resources["LostParcelsQueue"]["Properties"]
    assert queue["QueueName"] == {"Fn::Sub": "orderwire-${Stage}-lost-parcels"}
    assert queue["RedrivePolicy"] == {
        "deadLetterTargetArn": {"Fn::GetAtt": ["LostParcelsDeadLetters", "Arn"]},
        "maxReceiveCount": 5,
    }
    assert queue["VisibilityTimeout"] == 120


def test_the_function_has_its_policy_and_its_configuration(grown):
    root, _ = grown
    config = json.loads((root / ".chalice/config.json").read_text())["stages"]["dev"]["lambda_functions"][FUNCTION]
    assert config == {
        "iam_policy_file": "policy-dev-lost_parcels.json",
        "lambda_timeout": 20,
        "lambda_memory_size": 256,
    }
    policy = json.loads((root / ".chalice/policy-dev-lost_parcels.json").read_text())
    assert {resource.split(":", 5)[-1] for each in policy["Statement"] for resource in each["Resource"]} == {
        "orderwire-dev-lost-parcels",
        "orderwire-dev-lost-parcels-dlq",
        "event-bus/orders-dev",
        "table/orderwire-dev-orders",
        "log-group:/aws/lambda/orderwire-dev-lost_parcels:*",
        "*",  # its traces
    }


def test_chalice_hears_of_the_function(grown):
    root, _ = grown
    script = (
        "import app; print([(e.queue, e.batch_size, e.name) for e in app.app.event_sources if hasattr(e, 'queue')])"
    )
    assert "('orderwire-dev-lost-parcels', 5, 'lost_parcels')" in run(root, "-c", script)
