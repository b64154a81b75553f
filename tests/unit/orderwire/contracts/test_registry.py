"""What is registered in EventBridge's schema registry, and what is checked against it."""

import json

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infrastructure.stages import DEV
from orderwire.console.problem import Problem
from orderwire.contracts.check import against_registry
from orderwire.contracts.contracts import contracts_of
from orderwire.contracts.diff import diff
from orderwire.contracts.draft4 import detail_document, draft4, registry_document
from orderwire.contracts.publish import publish
from orderwire.contracts.registry import place_of, registered, schema_name
from orderwire.contracts.sources import current
from schemas.envelope import REGISTRY
from schemas.generate import json_schema, rendered
from tests.support.events import entry, one_of_each
from tests.support.schemas.documents import HOLE, VALUES, full, paths, replaced, without
from tests.support.schemas.strategies import events
from tests.support.services.schema_registry import SchemaRegistry, without_registry

EACH = pytest.mark.parametrize("event", one_of_each(), ids=lambda event: event.type)
NAME = "orderwire.checkout@order.created"


@pytest.fixture
def aws():
    return SchemaRegistry()


@pytest.fixture
def told():
    return []


def validators(contract):
    document = json_schema(contract)
    whole = registry_document(document, contract.DETAIL_TYPE)
    return jsonschema_rs.Draft202012Validator(document), jsonschema_rs.Draft4Validator(whole)


def around(event, detail):
    return {**entry(event), "detail": detail}


def changed(aws, change, name=NAME, stage="orderwire-dev"):
    """Registers another version of a schema, as another release would have."""
    version = aws.registries[stage][name][-1]
    document = json.loads(version["Content"])
    change(document["definitions"])
    aws.registries[stage][name].append({**version, "Content": json.dumps(document)})


def test_every_version_of_every_event_is_registered_under_the_name_that_discovery_gives_it(aws, told):
    done = publish(aws.client, DEV, told.append)
    assert {each.schema for each in done} == {f"{each.SOURCE}@{each.DETAIL_TYPE}" for each in REGISTRY.values()}
    assert aws.registries["orderwire-dev"].keys() == {each.schema for each in done}
    assert {each.version for each in done} == {"1"}
    assert all(each.new for each in done)
    assert aws.tags == {key: {"orderwire": "dev"} for key in ["orderwire-dev", *(each.schema for each in done)]}
    assert told[0] == "created the schema registry orderwire-dev"


def test_publishing_again_writes_nothing(aws, told):
    first = publish(aws.client, DEV, told.append)
    writes = aws.writes
    again = publish(aws.client, DEV, told.append)
    assert aws.writes == writes == len(first) + 1
    assert [(each.schema, each.version) for each in again] == [(each.schema, each.version) for each in first]
    assert not any(each.new for each in again)


def test_no_reader_of_what_is_registered_has_to_divide_an_amount(aws, told):
    """16.99 / 0.01 is no whole number of doubles."""
    publish(aws.client, DEV, told.append)
    texts = [versions[-1]["Content"] for versions in aws.registries["orderwire-dev"].values()]
    assert [text for text in texts if '"multipleOf"' in text] == []
    assert any('"$comment": "multipleOf: 0.01"' in text for text in texts)


def test_new_content_is_a_new_version_and_all_else_stays(aws, told):
    publish(aws.client, DEV, told.append)
    changed(aws, lambda of: of["OrderCreated"]["properties"].pop("shipping"))
    done = publish(aws.client, DEV, told.append)
    assert [each.schema for each in done if each.new] == [NAME]
    assert len(aws.registries["orderwire-dev"][NAME]) == 3


def test_what_is_no_longer_published_stays_registered_and_is_told(aws, told):
    publish(aws.client, DEV, told.append)
    schemas = aws.registries["orderwire-dev"]
    schemas["orderwire.checkout@order.lost"] = schemas[NAME]
    schemas["somebody-elses"] = schemas[NAME]
    publish(aws.client, DEV, told.append)
    assert [line for line in told if "no longer" in line] == [
        "orderwire.checkout@order.lost is registered and no longer published; it stays for those who have stored its "
        "events"
    ]
    assert "orderwire.checkout@order.lost" in schemas


def test_what_was_registered_is_read_back_as_the_same_contracts(aws, told):
    assert registered(aws.client, DEV) == {}
    publish(aws.client, DEV, told.append)
    old, new = registered(aws.client, DEV), contracts_of(rendered())
    assert old.keys() == new.keys()
    assert [(each.source, each.version) for each in old.values()] == [
        (each.source, each.version) for each in new.values()
    ]
    assert diff(old, new) == diff(new, old) == []


def test_the_first_release_breaks_nobody(aws, told):
    against_registry(aws.client, DEV, told.append)
    assert told == ["stage dev has no schemas registered yet: nobody can be let down"]


def test_a_release_that_adds_goes_on_from_what_is_registered(aws, told):
    publish(aws.client, DEV, told.append)
    changed(aws, lambda of: of["OrderCancelled"]["properties"].pop("reason"), "orderwire.checkout@order.cancelled")
    against_registry(aws.client, DEV, told.append)
    assert told[-1] == "the schemas go on from what stage dev has registered"


def test_a_release_that_breaks_rules_is_refused_with_whom_to_talk_to(aws, told):
    publish(aws.client, DEV, told.append)

    def had_another_name(definitions):
        order = definitions["OrderCreated"]
        order["properties"]["sum"] = order["properties"].pop("total")
        order["required"] = ["sum" if name == "total" else name for name in order["required"]]

    changed(aws, had_another_name)
    with pytest.raises(Problem) as raised:
        against_registry(aws.client, DEV, told.append)
    assert "breaks stage dev" in str(raised.value)
    assert "order.created v1 /data/sum: renamed (breaking). sum seems to be called total now." in str(raised.value)


def test_what_cannot_be_decided_is_refused_until_it_was_accepted_in_review(aws, told):
    publish(aws.client, DEV, told.append)
    changed(aws, lambda of: of["OrderCreated"]["properties"]["currency"].update(pattern="^(?!AAAA)[A-Z]{3}$"))
    against_registry(aws.client, DEV, told.append, current())
    with pytest.raises(Problem, match="may break stage dev"):
        against_registry(aws.client, DEV, told.append, {})


@pytest.mark.parametrize(
    ("status", "body"), [(400, b'{"message": "Unsupported"}'), (404, b"no such page"), (501, b"{}")], ids=str
)
def test_a_place_without_a_schema_registry_is_named_as_the_problem(told, status, body):
    client = without_registry(status, body)
    for call in (publish, against_registry):
        with pytest.raises(Problem, match=r"https://schemas\.eu-central-1\..* has no EventBridge schema registry"):
            call(client, DEV, told.append)


@pytest.mark.parametrize(
    ("source", "detail_type", "major", "name"),
    [
        ("orderwire.checkout", "order.created", 1, "orderwire.checkout@order.created"),
        ("orderwire.checkout", "order.created", 2, "orderwire.checkout@order.created.v2"),
        ("orderwire.inventory", "inventory.low_stock", 12, "orderwire.inventory@inventory.low_stock.v12"),
    ],
)
def test_majors_stand_beside_each_other(source, detail_type, major, name):
    assert schema_name(source, detail_type, major) == name
    assert place_of(name) == f"{detail_type}/v{major}.json"


@EACH
def test_the_registered_schema_takes_any_event_that_the_contract_takes(event):
    contract = type(event.data)

    @settings(max_examples=10)
    @given(events(contract))
    def agree(generated):
        original, converted = validators(contract)
        detail = json.loads(generated.to_json())
        assert original.is_valid(detail)
        assert converted.is_valid(around(generated, detail))

    agree()


@EACH
def test_the_registered_schema_refuses_what_the_contract_refuses(event):
    original, converted = validators(type(event.data))
    detail, verdicts = full(event), set()
    for path in paths(detail):
        broken = [replaced(detail, path, value) for value in some_values()] + ([without(detail, path)] if path else [])
        for document in broken:
            verdict = original.is_valid(document)
            verdicts.add(verdict)
            assert converted.is_valid(around(event, document)) == verdict, (path, document)
    assert verdicts == {True, False}


def some_values():
    """Every seventh edge value, but none that draft 4 reads differently (1.0 as a whole number) or that is no text (a
    lone surrogate)."""
    for text in [json.dumps(HOLE), *VALUES[::7]]:
        value = json.loads(text)
        if not (isinstance(value, float) and value.is_integer()) and "\\ud" not in text.lower():
            yield value


def test_an_event_of_another_source_or_type_is_none_of_the_schemas(aws):
    _, converted = validators(REGISTRY["order.shipped", 1])
    [event] = [each for each in one_of_each() if each.type == "order.shipped"]
    assert converted.is_valid(entry(event))
    assert not converted.is_valid({**entry(event), "source": "orderwire.payment"})
    assert not converted.is_valid({**entry(event), "detail-type": "order.created"})


def test_code_bindings_find_source_and_type_where_discovery_puts_them():
    document = registry_document(json_schema(REGISTRY["order.created", 1]), "order.created")
    assert document["x-amazon-events-source"] == "orderwire.checkout"
    assert document["x-amazon-events-detail-type"] == "order.created"
    assert document["properties"]["detail"] == {"$ref": "#/definitions/OrderCreatedDetail"}
    assert len(json.dumps(document)) <= 100_000


def test_bounds_that_are_excluded_and_what_stands_beside_a_reference_survive_the_way_there_and_back():
    schema = {
        "$id": "urn:x", "x-source": "s", "x-version": "1.0", "description": "d", "type": "object",
        "properties": {
            "data": {"$ref": "#/$defs/D", "minProperties": 1},
            "n": {"exclusiveMinimum": 0, "type": "number"},
        },
        "$defs": {"D": {"type": "object", "properties": {"c": {"const": 1}}}},
    }  # fmt: skip
    whole = registry_document(schema, "a.b")
    assert jsonschema_rs.meta.is_valid(whole)
    number = whole["definitions"]["ABDetail"]["properties"]["n"]
    assert number == {"minimum": 0, "exclusiveMinimum": True, "type": "number"}
    old = contracts_of({"a.b/v1.json": detail_document(json.dumps(whole))})
    assert diff(old, contracts_of({"a.b/v1.json": json.dumps(schema)})) == []


@given(st.sampled_from([{"minContains": 1}, {"if": {}}, {"prefixItems": []}, {"dependentRequired": {}}]))
def test_a_keyword_that_draft_4_lacks_is_refused_and_not_dropped(schema):
    with pytest.raises(Problem, match="has no form for"):
        draft4(schema)
