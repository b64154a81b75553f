"""What a new event, a consumer with a table of its own and a field cost. All else is rendered.

An event is one class. A consumer is one module and its name, and its table one module; the layers in pyproject.toml
have the consumer's name, too. A field that a shopper sends, an admin reads and a mail tells stands in six files.
"""

import json
import os
import shutil
import subprocess
import sys

import pytest
from cfn_flip import load_yaml

from infrastructure.render import ROOT
from infrastructure.stack.template import template
from infrastructure.stack.text import as_yaml
from infrastructure.stages import STAGES
from schemas.events import OrderCreated
from schemas.portable import read_back

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
from tables.lost_parcels import TABLE

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
    touches=(TABLE.allow("GetItem", "PutItem"),),
)


class LostParcels:
    def __init__(self, edges: Edges) -> None:
        self._edges = edges

    def __call__(self, delivery: Delivery) -> Sequence[AnyEvent]:
        return ()


on_records = LambdaEntry(CONSUMER, LostParcels)
'''

TABLE = '''"""The lost-parcels table: which orders never arrived."""

from tables.declaration import Table
from tables.rows import Row, Rows

TABLE = Table("lost-parcels", owner="lost_parcels", key="order_id")


class LostParcelRow(Row):
    order_id: str
    carrier: str


class LostParcels(Rows[LostParcelRow]):
    TABLE, ROW = TABLE, LostParcelRow
'''

MINOR = int(OrderCreated.VERSION.partition(".")[2])
STATED = 'detail_type="order.created", source=CHECKOUT' + (f', version="1.{MINOR}"' if MINOR else "")
FIELD = {
    "schemas/events.py": [
        (STATED, f'{STATED.partition(", version")[0]}, version="1.{MINOR + 1}"'),
        (
            "    placed_at: Time = ",
            "    gift_note: Annotated[Reason | None, PERSONAL] = Field(None, description='for the parcel')\n"
            "    placed_at: Time = ",
        ),
    ],
    "checkout_api/http/requests.py": [
        ("    expected_total: Money", "    gift_note: ReasonAsked | None = None\n    expected_total: Money")
    ],
    "checkout_api/http/shapes.py": [
        ("    customer_email: Email\n", "    customer_email: Email\n    gift_note: str | None\n")
    ],
    "tables/order_row.py": [
        ("    customer_email: str | None", "    gift_note: str | None = None\n    customer_email: str | None")
    ],
    "tables/mails.py": [("    currency: str\n", "    currency: str\n    gift_note: str | None = None\n")],
    "consumers/mails/templates.py": [("{{paid}}\n\n[order]", "{{paid}}\n\n[order]{{gift_note}}")],
}
"""The note of a present: path -> what stands in the place of what. The tests of them besides."""

RENDER = """
from checkout_api import generate as api
from infrastructure import render
from orderwire.contracts import exports
from orderwire.contracts.reference import asyncapi
from schemas import generate

generate.write()
for each in (render, api, asyncapi, exports):
    each.main()
"""

FOLLOWED = """
import json
from datetime import UTC, datetime
from pathlib import Path

from checkout_api.http.origin import Origin
from checkout_api.http.requests import OrderAsked
from checkout_api.orders import answers
from checkout_api.orders.placing import order_created
from checkout_api.orders.pricing import Priced
from consumers.decisions.mails import noted
from consumers.mails.text import variables
from edges.settings import Settings
from orderwire.contracts.reference.site import write
from schemas.events import OrderItem
from tables.mails import Mail, MailRow
from tables.order_row import fold, request_hash

items = [{"sku": "book-1", "quantity": 2}]
who = {"customer_id": "c", "customer_email": "a@b.example", "payment_token": "tok_ok"}
asked = OrderAsked(**who, items=items, gift_note="For you")
priced = Priced([OrderItem(sku="book-1", name="Emma", quantity=2, unit_price=1)], 0, 2)
settings = Settings.model_construct(currency="EUR")
event = order_created("ord_1", asked, priced, settings, datetime(2026, 11, 20, tzinfo=UTC), Origin("r", "c"))
row = fold(None, event)
mails = noted(MailRow(order_id="ord_1"), event, "paid")
print(json.dumps({
    "customer": answers.customer(row),
    "same request": row.request_hash == request_hash(asked),
    "another": row.request_hash == request_hash(asked.model_copy(update={"gift_note": "For me"})),
    "mail": variables("ord_1", mails.ordered, "receipt", Mail())["gift_note"],
    "pages": sorted(each.name for each in write(Path("dist/events"))),
}))
"""

SCHEMA = "schemas/json/parcel.lost/v1.json"
FUNCTION = "lost_parcels"


COPIED = (
    "schemas", "edges", "tables", "consumers", "checkout_api", "infrastructure", "subscriptions", "orderwire", "docs",
    "packages", ".chalice", ".github",
)  # fmt: skip


def files(root):
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if is_source(path)}


def is_source(path):
    return path.is_file() and "__pycache__" not in path.parts


def run(root, *arguments):
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1", "ORDERWIRE_STAGE": "dev"}
    done = subprocess.run([sys.executable, *arguments], cwd=root, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def grown(tmp_path_factory):
    """(a copy of the repository with an event, a consumer with its table and a field more, the paths that rendering
    changed)."""
    root = tmp_path_factory.mktemp("grown")
    for name in COPIED:
        shutil.copytree(
            ROOT / name, root / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__", "deploy*")
        )
    for name in ("app.py", "pyproject.toml"):
        shutil.copyfile(ROOT / name, root / name)
    run(root, "-c", RENDER)  # so that a stale file is not taken for one that the growth has changed
    for path, changes in FIELD.items():
        text = (root / path).read_text()
        for before, after in changes:
            assert text.count(before) == 1, (path, before)
            text = text.replace(before, after)
        (root / path).write_text(text)
    with (root / "schemas/events.py").open("a") as events:
        events.write(EVENT)
    (root / "consumers/lost_parcels.py").write_text(CONSUMER)
    (root / "tables/lost_parcels.py").write_text(TABLE)
    names = root / "consumers/__init__.py"
    names.write_text(names.read_text().replace('"order_log"', '"order_log", "lost_parcels"'))
    before = files(root)
    run(root, "-c", RENDER)
    after = files(root)
    return root, {path for path in after if after[path] != before.get(path)}


@pytest.fixture(scope="module")
def resources(grown):
    root, _ = grown
    return load_yaml((root / "infrastructure/template.yaml").read_text())["Resources"]


def test_everything_else_is_rendered(grown):
    _, changed = grown
    policies = {
        f".chalice/policy-{stage}-{name}.json" for stage in STAGES for name in (FUNCTION, "api_handler", "redrive")
    }
    assert changed == {
        *(SCHEMA, "schemas/json/order.created/v1.json"),
        *("schemas/delivered/parcel.lost/v1.json", "schemas/delivered/order.created/v1.json"),
        *("schemas/examples/parcel.lost/1.0.json", f"schemas/examples/order.created/1.{MINOR + 1}.json"),
        *("infrastructure/template.yaml", ".chalice/config.json", *policies),
        *("docs/openapi.json", "docs/asyncapi.json", "docs/architecture.md", "docs/runbook.md"),
        "packages/orderwire-events/orderwire_events/__init__.py",
    }


def test_of_the_stack_nothing_else_changes(resources):
    old = as_plain(template())["Resources"]
    touched = {key for key in old if resources[key] != old[key]}
    assert touched == {"Dashboard", "OrdersRule", "ReceiptMail"}
    assert "lost-parcels" in str(resources["Dashboard"])
    assert set(resources) - set(old) == {
        "LostParcelsRule",
        "LostParcelsQueue",
        "LostParcelsQueuePolicy",
        "LostParcelsDeadLetters",
        "LostParcelsDeadLettersPolicy",
        "LostParcelsLog",
        "LostParcelsTable",
        "DeadLettersLostParcelsAlarm",
        "DeadLettersOldLostParcelsAlarm",
        "LateLostParcelsAlarm",
        "UndeliveredLostParcelsAlarm",
        "FailingLostParcelsAlarm",
        "ThrottledLostParcelsAlarm",
        "TableThrottledLostParcelsAlarm",
    }


def as_plain(stack):
    return load_yaml(as_yaml(stack))


def test_the_event_is_on_the_orders_timeline(resources):
    assert "parcel.lost" in resources["OrdersRule"]["Properties"]["EventPattern"]["detail-type"]


def test_the_field_is_what_an_admin_and_the_customer_read_and_part_of_what_a_retry_repeats(grown):
    found = json.loads(run(grown[0], "-c", FOLLOWED))
    assert found["customer"] == {"customer_id": "c", "customer_email": "a@b.example", "gift_note": "For you"}
    assert (found["same request"], found["another"]) == (True, False)
    assert found["mail"] == "\nGift note: For you"
    assert "parcel.lost.html" in found["pages"]


def test_the_example_that_was_made_up_begins_with_the_one_before(grown):
    folder = grown[0] / "schemas/examples/order.created"
    before, after = (
        json.loads((folder / f"{version}.json").read_text()) for version in (f"1.{MINOR}", f"1.{MINOR + 1}")
    )
    assert after["data"] == {**before["data"], "gift_note": "gift note"}


def test_the_events_schema_is_there(grown):
    schema = read_back(json.loads((grown[0] / SCHEMA).read_text()))
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
        "table/orderwire-dev-lost-parcels",
        "log-group:/aws/lambda/orderwire-dev-lost_parcels:*",
        "*",  # its traces
    }


def test_chalice_hears_of_the_function(grown):
    root, _ = grown
    script = (
        "import app; print([(e.queue, e.batch_size, e.name) for e in app.app.event_sources if hasattr(e, 'queue')])"
    )
    assert "('orderwire-dev-lost-parcels', 5, 'lost_parcels')" in run(root, "-c", script)
