"""The JSON Schemas, checked against the models with a validator of somebody else's (jsonschema-rs)."""

import json
from functools import cache
from typing import Annotated

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import Field

from orderwire.contracts.sources import RELEASED
from schemas.envelope import REGISTRY, EventData, Metadata
from schemas.events import ItemQuantities, OrderCancelled, OrderCreated, OrderRefunded
from schemas.example import ORDER, NoExample, examples, made_up
from schemas.generate import HOME, json_schema, missing_examples, rendered, write
from schemas.parse import ContractError, load_json, parse_detail
from schemas.personal import personal_fields, secret_fields
from schemas.portable import read_back
from schemas.types import Name, Reason, Time
from tests.support.events import one_of_each
from tests.support.schemas.documents import HOLE, VALUES, full, paths, replaced, without
from tests.support.schemas.strategies import DATA, any_event, events

EACH = pytest.mark.parametrize("event", one_of_each(), ids=lambda event: event.type)


@cache
def validators(contract):
    published = json.loads(rendered()[f"{contract.DETAIL_TYPE}/v{contract.major()}.json"])
    schema = read_back(published)
    exact = [jsonschema_rs.Draft202012Validator(schema, validate_formats=formats) for formats in (False, True)]
    return exact, jsonschema_rs.Draft202012Validator(published)


def schemas_accept(contract, text):
    """What the schema says, without and with `format` as an assertion, and what it says as it is published, where only
    an amount that is no number of cents may pass besides."""
    document = json.loads(text)
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # half of a surrogate pair is no text, which strict readers of JSON refuse before us
        return [False, False]
    exact, published = validators(contract)
    verdicts = [validator.is_valid(document) for validator in exact]
    if published.is_valid(document) != verdicts[0]:
        [*wrong] = exact[0].iter_errors(document)
        assert wrong, "what is published refuses what the contract accepts"
        assert {type(each.kind).__name__ for each in wrong} == {"MultipleOf"}
    return verdicts


def model_accepts(contract, text):
    try:
        parse_detail(contract.DETAIL_TYPE, json.loads(text))
    except ContractError:
        return False
    return True


def assert_agreed(contract, text):
    model = model_accepts(contract, text)
    assert schemas_accept(contract, text) == [model, model], text[:2000]
    return model


def test_every_event_has_its_strategy_and_its_example():
    assert set(DATA) == set(REGISTRY.values()) == {type(event.data) for event in one_of_each()}


def test_every_version_has_its_example_in_a_file():
    told = [f"schemas/examples/{path} is missing: `make render` writes it, then edit it. It may read:\n{text}"
            for path, text in missing_examples().items()]  # fmt: skip
    assert not told, "\n".join(told)


def test_an_example_that_is_missing_is_made_up_of_what_the_others_say(tmp_path):
    class OrderLost(EventData, detail_type="order.lost", source="orderwire.checkout", listed=False):
        items: ItemQuantities
        carrier: Name
        lost_at: Time
        reason: Reason | None = None

    detail = made_up(OrderLost)
    assert detail["data"] == {
        "order_id": ORDER,
        "items": [{"sku": "9780141439600", "quantity": 2}],
        "carrier": "Pride and Prejudice",
        "lost_at": "2026-11-20T09:45:00.000Z",
        "reason": "ordered twice",
    }
    assert detail["metadata"]["event_id"] == OrderLost(order_id=ORDER, **data_without_order(detail)).event_id()


def data_without_order(detail):
    return {name: value for name, value in detail["data"].items() if name != "order_id"}


def test_a_further_version_begins_with_the_example_of_the_one_before():
    class WithNote(OrderCreated, detail_type="order.created", source=OrderCreated.SOURCE, version="1.1", listed=False):
        gift_note: Reason | None = None

    before, after = examples(WithNote).values()
    assert after["data"] == {**before["data"], "gift_note": after["data"]["gift_note"]}
    assert after["metadata"]["version"] == "1.1"


def test_what_cannot_be_made_up_is_asked_for_by_the_name_of_its_file():
    class OrderWeighed(EventData, detail_type="order.weighed", source="orderwire.checkout", listed=False):
        seal: Annotated[str, Field(pattern="^#{7}$")]

    with pytest.raises(NoExample, match=r"schemas/examples/order.weighed/1.0.json is missing.*what seal looks like"):
        made_up(OrderWeighed)


@EACH
def test_schema_and_model_accept_and_reject_the_same_value_of_any_field(event):
    detail, contract = full(event), type(event.data)
    assert assert_agreed(contract, json.dumps(detail))
    verdicts = set()
    for path in paths(detail):
        hollow = json.dumps(replaced(detail, path, HOLE))
        for value in VALUES:
            verdicts.add(assert_agreed(contract, hollow.replace(json.dumps(HOLE), value)))
    assert verdicts == {True, False}


@EACH
def test_schema_and_model_agree_on_what_may_be_missing_and_what_may_be_there_besides(event):
    detail, contract = full(event), type(event.data)
    optional = set()
    for path in paths(detail):
        if path and assert_agreed(contract, json.dumps(without(detail, path))):
            optional.add(path[-1])
        inner = detail
        for key in path:
            inner = inner[key]
        if isinstance(inner, dict):
            assert assert_agreed(contract, json.dumps(replaced(detail, path, {**inner, "unheard_of": [1]})))
    fields = {**Metadata.model_fields, **contract.model_fields}
    assert optional <= {name for name, field in fields.items() if not field.is_required()}


@EACH
def test_schema_and_model_agree_on_how_many_items_there_may_be(event):
    detail, contract = full(event), type(event.data)
    items = detail["data"].get("items", [])
    verdicts = {}
    for count in (0, 1, 2, 49, 50, 51) if items else ():
        verdicts[count] = assert_agreed(contract, json.dumps(replaced(detail, ("data", "items"), [items[0]] * count)))
    assert verdicts == ({0: False, 1: True, 2: True, 49: True, 50: True, 51: False} if items else {})


@EACH
@settings(max_examples=40)
@given(data=st.data())
def test_schema_and_model_accept_every_event_and_agree_on_any_two_changes_to_it(event, data):
    contract = type(event.data)
    detail = json.loads(data.draw(events(contract)).to_json())
    assert assert_agreed(contract, json.dumps(detail))
    changed = data.draw(st.lists(st.sampled_from(list(paths(detail))), min_size=2, max_size=2, unique=True))
    for path in sorted(changed, key=len, reverse=True):
        detail = replaced(detail, path, HOLE)
    pieces = json.dumps(detail).split(json.dumps(HOLE))
    values = [data.draw(st.sampled_from(VALUES)) for _ in pieces[1:]]
    assert_agreed(contract, pieces[0] + "".join(value + piece for value, piece in zip(values, pieces[1:], strict=True)))


cents = st.integers(0, 99_999_999_999).map(lambda whole: whole / 100)


@settings(max_examples=2000)
@given(cents | st.floats(0, 1_000_000_000) | st.floats(0, 100).map(lambda value: round(value, 3)))
def test_schema_and_model_agree_on_any_amount_of_money(amount):
    detail = full(one_of_each()[0])
    detail["data"]["total"] = amount
    assert_agreed(OrderCreated, json.dumps(detail))


@settings(max_examples=1000)
@given(cents)
def test_every_amount_of_whole_cents_is_accepted(amount):
    detail = full(one_of_each()[0])
    detail["data"]["total"] = amount
    assert assert_agreed(OrderCreated, json.dumps(detail))


@settings(max_examples=200)
@given(any_event)
def test_an_event_read_back_is_the_same_and_writes_the_same_text(event):
    again = parse_detail(event.type, load_json(event.to_json()))
    assert again == event
    assert again.to_json() == event.to_json()


def test_the_committed_schemas_are_the_generated_ones_and_no_others():
    committed = {str(path.relative_to(HOME)): path.read_text() for path in HOME.rglob("*") if path.is_file()}
    assert committed == rendered(), "run `make render`"


def test_the_schema_of_an_event_that_is_gone_goes_with_it(tmp_path):
    for folder in (tmp_path / "json", tmp_path / "delivered"):
        for path in ("order.lost/v1.json", "order.created/v9.json"):
            (folder / path).parent.mkdir(parents=True)
            (folder / path).write_text("{}")
    write(tmp_path / "json", tmp_path / "delivered", tmp_path / "examples")
    for folder in (tmp_path / "json", tmp_path / "delivered"):
        assert {str(path.relative_to(folder)) for path in folder.rglob("*.json")} == rendered().keys()
        assert not (folder / "order.lost").exists()


@pytest.mark.parametrize("contract", REGISTRY.values(), ids=lambda contract: contract.DETAIL_TYPE)
def test_every_schema_is_a_valid_schema_of_its_draft(contract):
    schema = json_schema(contract)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert jsonschema_rs.meta.is_valid(schema)
    assert not jsonschema_rs.meta.is_valid(schema | {"type": "objekt"})


def personal(schema):
    """Names of the fields that a schema marks as personal, and of those it marks as secret."""
    fields = [(name, field) for each in schema["$defs"].values() for name, field in each["properties"].items()]
    return (
        {name for name, field in fields if field.get("x-personal")},
        {name for name, field in fields if field.get("x-secret")},
    )


@pytest.mark.parametrize("contract", REGISTRY.values(), ids=lambda contract: contract.DETAIL_TYPE)
def test_personal_fields_are_marked_in_the_schema_and_one_that_was_stays_so(contract):
    marked, secret = personal(json_schema(contract))
    assert (marked, secret) == (personal_fields(contract), secret_fields(contract))
    released = RELEASED / contract.DETAIL_TYPE / f"v{contract.major()}.json"
    if released.exists():
        were_marked, were_secret = personal(read_back(json.loads(released.read_text())))
        assert (were_marked <= marked, were_secret <= secret) == (True, True)


def test_a_customer_an_address_a_token_and_an_admins_words_are_personal():
    marked, secret = personal(json_schema(OrderCreated))
    assert marked >= {"customer_id", "customer_email", "payment_token"}
    assert "payment_token" in secret
    for contract in (OrderCancelled, OrderRefunded):
        assert "reason" in personal(json_schema(contract))[0]
