"""What subscribers read: it is true of the contracts, whole, and follows from nothing but them."""

import json
import re
import subprocess

import jsonschema_rs
import pytest
from eventbridge_rules.verdict import verdict

from consumers.registry import consumers
from infrastructure.subscriptions.files import load
from orderwire.console.problem import Problem
from orderwire.contracts.published import published
from orderwire.contracts.reference import asyncapi, saga
from orderwire.contracts.reference.events import in_order, page
from orderwire.contracts.reference.rules import rules
from orderwire.contracts.reference.site import environment, put, write
from schemas.envelope import REGISTRY
from schemas.personal import personal_fields
from tests.support.events import entry, one_of_each
from tests.support.tools import CONTRACT_TOOLS, npm_packages

INFORMATION = 2
"""The parser's severity of what is neither wrong nor doubtful: 3.1 is newer than 3.0."""

each_contract = pytest.mark.parametrize("contract", in_order(), ids=lambda contract: contract.DETAIL_TYPE)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site") / "events"
    write(folder)
    return folder


def page_of(contract):
    return page(contract, list(consumers()), load())


def test_the_committed_asyncapi_document_is_what_the_contracts_say():
    assert asyncapi.HOME.read_text() == asyncapi.rendered(), "run `make render`"


@pytest.mark.xdist_group("npm")
def test_asyncapis_own_parser_finds_nothing_wrong():
    npm_packages(CONTRACT_TOOLS, "AsyncAPI's own parser comes with it")
    done = subprocess.run(
        ["node", "asyncapi.js"], cwd=CONTRACT_TOOLS, input=asyncapi.rendered(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert [found for found in json.loads(done.stdout) if found[0] != INFORMATION] == []


@pytest.mark.parametrize("event", one_of_each(), ids=lambda event: event.type)
def test_the_asyncapi_document_describes_an_entry_as_a_target_receives_it(event):
    document = asyncapi.document()
    payload = {
        **document["components"]["messages"][f"{event.type}.v1"]["payload"],
        "components": document["components"],
    }
    validator = jsonschema_rs.Draft7Validator(payload)
    assert validator.is_valid(entry(event))
    assert not validator.is_valid(entry(event, source="orderwire.other"))
    assert not validator.is_valid({**entry(event), "detail": {"metadata": {}, "data": {}}})


def test_every_event_has_a_page_and_the_index_leads_to_it(site):
    index = (site / "index.html").read_text()
    for contract in REGISTRY.values():
        text = (site / f"{contract.DETAIL_TYPE}.html").read_text()
        assert f'href="{contract.DETAIL_TYPE}.html"' in index
        assert f"<code>{contract.SOURCE}</code>" in text


def test_every_link_of_the_site_leads_somewhere(site):
    for path in site.glob("*.html"):
        for target in re.findall(r'(?:href|src)="(?!mailto:)([^"]+)"', path.read_text()):
            file, _, anchor = target.partition("#")
            assert (site / (file or path.name)).is_file(), (path.name, target)
            assert not anchor or f'id="{anchor}"' in (site / (file or path.name)).read_text(), (path.name, target)


def test_what_goes_wrong_leaves_the_site_that_was_there(tmp_path):
    put(tmp_path / "site", {"index.html": "old"})
    with pytest.raises(FileNotFoundError):
        put(tmp_path / "site", {"index.html": "new", "no/such/folder.html": "new"})
    assert (tmp_path / "site/index.html").read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["site"]


def test_nothing_is_replaced_but_a_site(tmp_path):
    thesis = tmp_path / "home" / "thesis.txt"
    thesis.parent.mkdir()
    thesis.write_text("ten years of work")
    for place in (thesis.parent, thesis):
        with pytest.raises(Problem, match="is no site of events, and would be deleted"):
            write(place)
    assert thesis.read_text() == "ten years of work"
    assert write(tmp_path / "site") == write(tmp_path / "site")


def test_the_index_names_every_subscription_with_its_team_and_contact(site):
    index = (site / "index.html").read_text()
    for file in load():
        assert {file.name, file.team, f"mailto:{file.contact}"} <= set(re.findall(r"[^<>\"]+", index))


def test_what_a_declaration_says_is_no_markup():
    template = environment().from_string("{{ text }}")
    assert template.render(text="<script>") == "&lt;script&gt;"


@each_contract
def test_a_page_shows_every_field_that_an_example_has(contract):
    shown = page_of(contract)
    for example in shown.examples:
        assert set(fields_in(json.loads(example.text))) <= {field.path for field in shown.fields}


def fields_in(value, path=""):
    """Paths of the fields that a document has; those within a list are named after it."""
    match value:
        case dict():
            return [found for name, each in value.items() for found in fields_in(each, f"{path}.{name}".lstrip("."))]
        case list():
            return [path, *(found for each in value for found in fields_in(each, path) if found != path)]
    return [path]


@each_contract
def test_a_page_marks_personal_fields(contract):
    marked = {field.path for field in page_of(contract).fields if field.personal}
    assert marked == {f"data.{name}" for name in personal_fields(contract)}


@each_contract
def test_a_page_names_who_hears_the_event(contract):
    shown = page_of(contract)
    ours = {row.name for row in consumers() if issubclass(contract, row.hears)}
    told = {file.name for file in load() if contract in file.contracts}
    assert set(shown.hearers) == ours | told


@each_contract
def test_a_rule_to_copy_names_the_event_and_reads_fields_that_it_has(contract):
    shown = page_of(contract)
    fields = {field.path for field in shown.fields}
    for rule in rules(contract, shown.fields):
        assert (rule.pattern["source"], rule.pattern["detail-type"]) == ([contract.SOURCE], [contract.DETAIL_TYPE])
        assert set(leaves(rule.pattern.get("detail", {}))) <= fields
        assert verdict(rule.pattern, published()).hears


def leaves(pattern, path=""):
    """Paths of the fields that a pattern has conditions on."""
    if not isinstance(pattern, dict):
        return [path]
    return [found for name, each in pattern.items() for found in leaves(each, f"{path}.{name}".lstrip("."))]


def test_an_order_has_a_rule_for_a_product_and_a_sum_at_once():
    contract = REGISTRY[("order.created", 1)]
    pattern = rules(contract, page_of(contract).fields)[-1].pattern
    assert pattern["detail"]["data"] == {"items": {"sku": ["9780141439518"]}, "total": [{"numeric": [">=", 100]}]}


def by_name():
    return {row.name: row for row in consumers()}


def types(contracts):
    return {contract.DETAIL_TYPE for contract in contracts}


def test_every_arrow_of_the_saga_is_declared():
    for step in saga.STEPS:
        if step.by != saga.ADMIN:
            consumer = by_name()[step.by]
            assert step.cause in types(consumer.hears)
            assert step.effect in types(consumer.publishes)


SAGA = "orderwire/contracts/reference/saga.py"


def test_the_saga_shows_every_event_and_everything_that_consumers_publish():
    assert {box.event for box in saga.boxes()} == types(REGISTRY.values())
    shown = {(step.by, step.effect) for step in saga.STEPS if step.by != saga.ADMIN}
    published = {(row.name, name) for row in consumers() for name in types(row.publishes)}
    assert shown - published == set(), "no such consumer publishes this"
    assert published - shown == set(), f"{SAGA}: add a line to STEPS for each, Step(<cause>, <consumer>, <effect>)"
    decided = {step.effect for step in saga.STEPS if step.by == saga.ADMIN}
    checkout = {contract.DETAIL_TYPE for contract in REGISTRY.values() if contract.SOURCE == "orderwire.checkout"}
    assert checkout - {"order.created"} - decided == set(), (
        f"{SAGA}: add a line to STEPS for each, Step(<cause>, ADMIN, <effect>)"
    )


def test_an_event_that_nobody_has_placed_stands_below_the_others():
    lowest = max(row for _, row in saga.PLACES.values())
    assert all(row > lowest for event, (_, row) in saga.places().items() if event not in saga.PLACES)
    assert len(set(saga.places().values())) == len(saga.places())
