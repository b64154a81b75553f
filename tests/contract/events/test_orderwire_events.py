"""The package for subscribers: what is in it, what it reads, and that its tests find bad consumers."""

import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path
from zipfile import ZipFile

import jsonschema_rs
import orderwire_events
import pytest
from hypothesis import given, settings
from orderwire_events import ContractError, OrderCreated, PaymentCompleted, examples, parse
from orderwire_events.contracts.envelope import REGISTRY
from orderwire_events.contracts.generate import json_schema
from orderwire_events.contracts.personal import personal_fields
from orderwire_events.examples import entry, newest
from orderwire_events.strategies import events
from orderwire_events.testing import WRAPPERS, SubscriberTests, from_sns_and_sqs, from_sqs

from infrastructure.render import ROOT
from orderwire.contracts import exports
from tests.support.events import created, event, notification

PACKAGE = ROOT / "packages/orderwire-events"
LOYALTY = ROOT / "examples/loyalty-points"
NEEDED = ("pydantic", "pydantic_core", "annotated_types", "typing_extensions", "typing_inspection")

each_contract = pytest.mark.parametrize("contract", REGISTRY.values(), ids=lambda contract: contract.DETAIL_TYPE)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("package")
    shutil.copytree(PACKAGE, folder / "source", ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*command, "-w", folder, folder / "source"], check=True, capture_output=True)
    (wheel,) = folder.glob("orderwire_events-*.whl")
    return wheel


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A folder with what the wheel installs."""
    folder = tmp_path_factory.mktemp("installed")
    with ZipFile(wheel) as file:
        file.extractall(folder)
    return folder


def only(folder, *distributions):
    """A folder in which nothing but these installed distributions can be imported."""
    for name in distributions:
        for file in distribution(name).files or ():
            source = Path(str(file.locate()))
            if ".." not in file.parts and source.is_file():
                target = folder / file
                target.parent.mkdir(parents=True, exist_ok=True)
                target.symlink_to(source)
    return folder


def test_the_package_needs_pydantic_and_nothing_else(installed, tmp_path):
    code = "import orderwire_events as o, json; print(json.dumps([o.parse(json.loads(input())).type, o.__file__]))"
    path = [str(installed), str(only(tmp_path, *NEEDED))]
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path += {path}; {code}"],
        input=json.dumps(entry(examples(OrderCreated)[0])),
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == ["order.created", str(installed / "orderwire_events/__init__.py")]


def test_the_package_holds_contracts_schemas_and_examples_and_no_leftovers(wheel):
    inside = "orderwire_events/contracts/"
    held = {name.removeprefix(inside) for name in ZipFile(wheel).namelist() if name.startswith(inside)}
    files = [path.relative_to(ROOT / "schemas") for path in (ROOT / "schemas").rglob("*") if path.is_file()]
    assert held == {str(path) for path in files if not {"__pycache__", "released"} & set(path.parts)}


def test_the_example_consumer_passes_its_tests_with_the_package_as_it_is_installed(installed, tmp_path):
    shutil.copytree(LOYALTY, tmp_path / "loyalty", ignore=shutil.ignore_patterns("__pycache__", ".*_cache"))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:schemathesis", "-p", "no:cacheprovider"],
        cwd=tmp_path / "loyalty",
        env={**os.environ, "PYTHONPATH": str(installed), "HYPOTHESIS_STORAGE_DIRECTORY": str(tmp_path / "hypothesis")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_event_is_exported():
    assert exports.HOME.read_text() == exports.rendered(exports.HOME.read_text()), "run `make render`"
    for name in exports.names():
        assert name in orderwire_events.__all__
        assert getattr(orderwire_events, name).__module__ == "orderwire_events.contracts.events"


@each_contract
def test_every_event_has_an_example_of_its_version(contract):
    assert [each.metadata.version for each in examples(contract)][-1] == contract.VERSION


@each_contract
def test_an_example_is_what_the_producer_would_publish(contract):
    validator = jsonschema_rs.validator_for(json_schema(contract))
    for each in examples(contract):
        assert validator.is_valid(entry(each)["detail"])
        assert each.event_id == each.data.event_id()
        assert each.metadata.producer == contract.SOURCE


@each_contract
def test_strategies_make_events_that_their_schema_accepts(contract):
    validator = jsonschema_rs.validator_for(json_schema(contract))

    @settings(max_examples=20)
    @given(events(contract))
    def check(made):
        assert validator.is_valid(entry(made)["detail"])
        assert parse(entry(made)) == made

    check()


@pytest.mark.parametrize("wrapper", WRAPPERS, ids=lambda wrapper: wrapper.__name__)
@each_contract
def test_an_event_is_read_however_it_is_wrapped(contract, wrapper):
    example = newest(contract)
    record = wrapper(entry(example))
    assert parse(record) == parse(json.dumps(record)) == example


def test_a_message_received_from_sqs_by_hand_is_read():
    example = newest(OrderCreated)
    assert parse({"MessageId": "m", "Body": json.dumps(entry(example))}) == example


@pytest.mark.parametrize("wrapper", [from_sqs, from_sns_and_sqs], ids=lambda wrapper: wrapper.__name__)
def test_personal_fields_that_a_rule_does_not_disclose_or_that_are_null_are_none(wrapper):
    example = newest(OrderCreated)
    told = entry(example)
    del told["detail"]["data"]["customer_email"]
    told["detail"]["data"]["payment_token"] = None
    read = parse(wrapper(told)).data
    assert isinstance(read, OrderCreated)
    assert (read.customer_id, read.customer_email, read.payment_token) == ("cust-1042", None, None)


def test_the_message_of_the_fulfilment_topic_is_read():
    read = parse({"messageId": "m", "body": notification(event(created()))})
    assert (read.type, read.data.order_id) == ("order.created", "ord_test")
    assert all(getattr(read.data, name) is None for name in personal_fields(OrderCreated))


def test_an_undisclosed_field_may_be_missing_and_no_other():
    told = entry(examples(OrderCreated)[0])
    del told["detail"]["data"]["total"]
    with pytest.raises(ContractError, match="/data/total"):
        parse(told)


@pytest.mark.parametrize(
    "record", [{}, {"body": "no JSON"}, {"Sns": {"Message": None}}, "[]", {"detail-type": "x"}, {"body": 7}, "{"]
)
def test_what_is_no_event_is_refused(record):
    with pytest.raises(ContractError):
        parse(record)


class Consumer:
    """A consumer that does everything right: it remembers who has paid what, by order."""

    def __init__(self):
        self.rows = {}

    def handle(self, record):
        data = parse(record).data
        known = self.rows.setdefault(data.order_id, {})
        known.update({"amount": data.amount} if isinstance(data, PaymentCompleted) else {"total": data.total})

    def state(self):
        return self.rows


class CountsTwice(Consumer):
    def handle(self, record):
        self.rows["seen"] = self.rows.get("seen", 0) + 1


class WantsOrder(Consumer):
    def handle(self, record):
        data = parse(record).data
        if isinstance(data, OrderCreated):
            self.rows[data.order_id] = "created"
        elif data.order_id in self.rows:
            self.rows[data.order_id] = "paid"


class WantsOneVersion(Consumer):
    def handle(self, record):
        if json.loads(record["body"])["detail"]["metadata"]["version"] == "1.0":
            super().handle(record)


class TakesAnything(Consumer):
    def handle(self, record):
        try:
            super().handle(record)
        except ContractError:
            self.rows["bad"] = True


class DoesNothing(Consumer):
    def handle(self, record):
        parse(record)


class KnowsSqsOnly(Consumer):
    def handle(self, record):
        if "body" in record:
            super().handle(record)


def suite_of(consumer):
    class Tests(SubscriberTests):
        hears = (OrderCreated, PaymentCompleted)

        def subject(self):
            return consumer()

    return Tests()


LAWS = [name for name in vars(SubscriberTests) if name.startswith("test_")]


@pytest.mark.parametrize("law", LAWS)
def test_a_good_consumer_passes(law):
    getattr(suite_of(Consumer), law)()


@pytest.mark.parametrize(
    ("consumer", "law"),
    [
        (KnowsSqsOnly, "test_every_example_is_handled_however_it_is_wrapped"),
        (DoesNothing, "test_what_it_hears_changes_something"),
        (CountsTwice, "test_a_repeated_event_changes_nothing"),
        (WantsOrder, "test_neither_order_nor_repetition_of_events_matters"),
        (WantsOneVersion, "test_fields_that_a_later_version_adds_change_nothing"),
        (TakesAnything, "test_an_event_that_breaks_its_contract_is_refused_and_changes_nothing"),
    ],
)
def test_a_bad_consumer_is_found_by_the_test_for_it(consumer, law):
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        getattr(suite_of(consumer), law)()


def test_every_law_has_a_consumer_that_breaks_it():
    (marked,) = [mark for mark in test_a_bad_consumer_is_found_by_the_test_for_it.pytestmark if "law" in mark.args[0]]
    assert {law for _, law in marked.args[1]} == set(LAWS)
