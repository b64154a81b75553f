"""The published JSON Schemas, in validators of others: Ajv at its strictest, jsonschema and jsonschema-rs."""

import json
import re
import subprocess
from pathlib import Path

import jsonschema
import jsonschema_rs
import pytest

from infrastructure.subscriptions.model import SubscriptionRefused, without
from orderwire.workplace.home import ROOT
from schemas.envelope import REGISTRY
from schemas.example import examples
from schemas.generate import DELIVERED, HOME, delivered_schema, json_schema, rendered, rendered_delivered
from schemas.personal import personal_fields, secret_fields
from schemas.portable import portable, read_back
from tests.support.events import entry, one_of_each
from tests.support.tools import CONTRACT_TOOLS, npm_packages

MOST_CENTS = 100_000_00

each_contract = pytest.mark.parametrize("contract", REGISTRY.values(), ids=lambda contract: contract.DETAIL_TYPE)


def path_of(contract):
    return f"{contract.DETAIL_TYPE}/v{contract.major()}.json"


def details(contract):
    """Every example of an event."""
    return list(examples(contract).values())


def as_subscribers_get_it(contract, detail, discloses=frozenset()):
    """An EventBridge event with the personal fields that are disclosed, and no other."""
    hidden = personal_fields(contract) - discloses
    data = {name: value for name, value in detail["data"].items() if name not in hidden}
    [event] = [each for each in one_of_each() if type(each.data) is contract]
    return entry(event, detail={**detail, "data": data})


def deliveries(contract):
    """Without anything personal, and with all that may be disclosed."""
    most = frozenset(personal_fields(contract) - secret_fields(contract))
    return [as_subscribers_get_it(contract, each, told) for each in details(contract) for told in (frozenset(), most)]


def published():
    """Path -> (the schema in the file, documents that it must accept)."""
    contracts = {path_of(each): each for each in REGISTRY.values()}
    whole = {path: (json.loads((HOME / path).read_text()), details(each)) for path, each in contracts.items()}
    told = {path: (json.loads((DELIVERED / path).read_text()), deliveries(each)) for path, each in contracts.items()}
    return {**{f"json/{path}": each for path, each in whole.items()},
            **{f"delivered/{path}": each for path, each in told.items()}}  # fmt: skip


def amounts_of_money(node):
    """Every schema of an amount of money that stands in a schema."""
    if isinstance(node, dict) and node.get("$comment") == "multipleOf: 0.01":
        yield {key: value for key, value in node.items() if key not in ("title", "description")}
    for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from amounts_of_money(each)


def the_money():
    """The one schema that all amounts of all events have."""
    found = {
        json.dumps(each, sort_keys=True) for schema, _ in published().values() for each in amounts_of_money(schema)
    }
    [only] = found
    return json.loads(only)


@pytest.mark.xdist_group("npm")
def test_ajv_at_its_strictest_takes_every_schema_every_example_and_every_amount():
    npm_packages(CONTRACT_TOOLS, "Ajv comes with it")
    asked = {"schemas": published(), "money": the_money(), "most": MOST_CENTS}
    done = subprocess.run(
        ["node", "schemas.js"], cwd=CONTRACT_TOOLS, input=json.dumps(asked), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"refused": [], "amounts": [], "tried": MOST_CENTS + 1}


@pytest.mark.parametrize("name", published())
def test_jsonschema_takes_every_schema_and_every_example(name):
    schema, documents = published()[name]
    jsonschema.Draft202012Validator.check_schema(schema)
    for validator in (jsonschema.Draft202012Validator(schema), jsonschema_rs.Draft202012Validator(schema)):
        assert [list(validator.iter_errors(each)) for each in documents] == [[]] * len(documents)


def test_jsonschema_takes_every_amount():
    money = the_money()
    amounts = [cents / 100 for cents in range(MOST_CENTS + 1)]
    assert jsonschema_rs.Draft202012Validator({"type": "array", "items": money}).is_valid(amounts)
    validator = jsonschema.Draft202012Validator(money)
    assert [each for each in amounts[::997] if not validator.is_valid(each)] == []
    assert [each for each in (-0.01, 1e9, "1.00", True, None) if validator.is_valid(each)] == []


def test_what_is_committed_is_what_subscribers_get():
    committed = {str(path.relative_to(DELIVERED)): path.read_text() for path in DELIVERED.rglob("*.json")}
    assert committed == rendered_delivered(), "run `make render`"


@each_contract
def test_nothing_that_a_subscriber_gets_is_asked_for_in_vain(contract):
    """It requires what is left when everything personal is left out, and has no secret at all."""
    data = delivered_schema(contract)["$defs"][contract.__name__]
    fields = contract.model_fields
    assert data["properties"].keys() == fields.keys() - secret_fields(contract)
    assert set(data["required"]) == {name for name in fields if fields[name].is_required()} - personal_fields(contract)


@each_contract
def test_the_transformer_that_leaves_out_what_is_personal_makes_what_the_schema_describes(contract):
    """The envelope's and the data's names are those of the template that a subscription without an input gets."""
    try:
        message = without(contract, personal_fields(contract))
    except SubscriptionRefused:  # has optional fields: its file needs an input
        return
    [event] = [each for each in one_of_each() if type(each.data) is contract]
    whole = entry(event)
    text = message.template
    for variable, path in message.paths.items():
        text = text.replace(f"<{variable}>", json.dumps(at(whole, path)))
    schema = json.loads(rendered_delivered()[path_of(contract)])
    validator = jsonschema.Draft202012Validator(schema)
    assert list(validator.iter_errors(json.loads(text))) == []
    assert not jsonschema.Draft202012Validator({**schema, "required": ["replay-name"]}).is_valid(json.loads(text))


def at(event, path):
    """What is at `$.detail.data.total`."""
    for name in path.removeprefix("$.").split("."):
        event = event[name]
    return event


@each_contract
def test_a_delivery_without_a_field_that_is_always_there_is_refused(contract):
    validator = jsonschema_rs.Draft202012Validator(json.loads(rendered_delivered()[path_of(contract)]))
    [first, *_] = deliveries(contract)
    assert validator.is_valid(first)
    assert not validator.is_valid({**first, "source": "orderwire.other"})
    for name in ("detail", "id", "time"):
        assert not validator.is_valid({key: value for key, value in first.items() if key != name})
    detail = first["detail"]
    assert not validator.is_valid({**first, "detail": {**detail, "data": {**detail["data"], "order_id": None}}})


@each_contract
def test_what_is_published_says_all_that_the_contract_says(contract):
    for schema, text in (
        (json_schema(contract), rendered()[path_of(contract)]),
        (delivered_schema(contract), rendered_delivered()[path_of(contract)]),
    ):
        assert read_back(json.loads(text)) == json.loads(json.dumps(schema))


def patterns(node):
    """Every pattern of a schema, or of a document that has schemas in it."""
    if isinstance(node, dict) and isinstance(node.get("pattern"), str):
        yield node["pattern"]
    for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from patterns(each)


@pytest.mark.parametrize("path", [*sorted(map(str, HOME.rglob("*.json"))), *sorted(map(str, DELIVERED.rglob("*.json"))),
                                  str(ROOT / "docs/openapi.json"), str(ROOT / "docs/asyncapi.json")],
                         ids=lambda path: str(Path(path).relative_to(ROOT)))  # fmt: skip
def test_a_dollar_that_is_not_the_end_of_a_pattern_is_escaped(path):
    r"""fastjsonschema makes \Z of every other one, which Python refuses within brackets."""
    found = list(patterns(json.loads(Path(path).read_text())))
    assert found
    assert [each for each in found if re.search(r"(?<!\\)\$(?!\Z)", each)] == []


def test_a_name_or_a_value_is_no_keyword():
    schema = {
        "properties": {"format": {"type": "string", "x-personal": True}, "x-note": {"const": {"x-a": 1, "format": 2}}},
        "required": ["format"],
    }
    assert portable(schema) == {
        **schema,
        "properties": {**schema["properties"], "format": {"type": "string", "$comment": "x-personal: true"}},
    }
    assert read_back(portable(schema)) == schema


@pytest.mark.parametrize("comment", ["see the tour", "x-personal: true; and more", "", "format:date"])
def test_a_comment_of_somebodys_stays_one(comment):
    assert read_back({"$comment": comment}) == {"$comment": comment}
