"""Verdicts with their reasons, warnings and witnesses."""

import json

import pytest
from eventbridge_rules import decide, solve
from eventbridge_rules.grammar import parse
from eventbridge_rules.match import matches
from eventbridge_rules.verdict import verdict

from orderwire.contracts.published import published, shape_of_schema
from tests.support.eventbridge_rules.event_making import is_published

SHAPES = published()
CREATED = {"source": ["orderwire.checkout"], "detail-type": ["order.created"]}
PAID = {"detail-type": ["payment.completed"]}
LIVE = {"replay-name": [{"exists": False}]}
METADATA = {"version": [{"prefix": "1."}], "replay": [{"exists": False}], "test": [{"exists": False}]}


def data(**fields):
    return {**CREATED, "detail": {"data": fields}}


NEVER = [
    ({"detail-type": ["order.creatd"]}, "/detail-type", 'nobody publishes "order.creatd"; did you mean order.created?'),
    ({"source": ["orderwire.chekout"]}, "/source", "did you mean orderwire.checkout?"),
    ({**CREATED, "source": ["orderwire.payment"]}, "/source", 'by orderwire.checkout, not by "orderwire.payment"'),
    (
        {**CREATED, "detail": {"metadata": {"version": ["2.0"]}}},
        "/detail/metadata/version",
        'the version is always "1.0", and "2.0" matches no such value',
    ),
    (
        {**CREATED, "detail": {"metadata": {"version": [1.0]}}},
        "/detail/metadata/version",
        'order.created: 1.0 is a number here, and the version is a text: write "1.0"',
    ),
    ({**PAID, "detail": {"data": {"method": ["x"]}}}, "/detail/data/method", 'one of "card", "invoice"'),
    (data(totl=[1]), "/detail/data/totl", "no field detail.data.totl; did you mean detail.data.total?"),
    ({**CREATED, "detail": {"total": [1]}}, "/detail/total", "did you mean detail.data.total?"),
    ({"Source": ["orderwire.checkout"]}, "/Source", "no event has a field Source; did you mean source?"),
    (
        data(reason=["x"]),
        "/detail/data/reason",
        "no field detail.data.reason, as order.cancelled, order.refunded, payment.failed have",
    ),
    (
        {"detail": {"data": {"totl": [1]}}},
        "/detail/data/totl",
        "order.created has no field detail.data.totl; did you mean",
    ),
    ({"detail": {"data": {"total": ["1"]}}}, "/detail/data/total", "detail.data.total is a number"),
    (data(total=["100"]), "/detail/data/total", "a number from 0 to 999999999.99 in steps of 0.01"),
    (data(total=["100"]), "/detail/data/total", '"100" matches no such value; write 100'),
    (data(total=[{"numeric": ["<", 0]}]), "/detail/data/total", '{"numeric": ["<", 0]} matches no such value'),
    (data(total=[{"numeric": [">", 1, "<", 1.01]}]), "/detail/data/total", "in steps of 0.01"),
    (data(total=[49.485]), "/detail/data/total", "in steps of 0.01"),
    (data(total={"amount": [1]}), "/detail/data/total/amount", "in steps of 0.01 and has no fields"),
    (data(items=["x"]), "/detail/data/items", "a list of objects, and conditions are about fields with a value: name,"),
    ({**CREATED, "detail": [1]}, "/detail", "an object, and conditions are about fields with a value: data, metadata"),
    (data(items={"quantity": [1000]}), "/detail/data/items/quantity", "a whole number from 1 to 999"),
    (data(currency=["eur"]), "/detail/data/currency", '; write "EUR"'),
    (data(currency=[{"suffix": "LLAR"}]), "/detail/data/currency", "of the form ^[A-Z]{3}$"),
    (data(customer_id=[42]), "/detail/data/customer_id", '; write "42"'),
    (data(total=[1e300]), "/detail/data/total", "1e+300 matches no such value"),
    (data(total=[10**40]), "/detail/data/total", "in steps of 0.01, and 1000"),
    (data(total=[10**1500]), "/detail/data/total", "in steps of 0.01, and 1000"),
    (data(total=[5e-324]), "/detail/data/total", "5e-324 matches no such value"),
    (data(total=["1e999999"]), "/detail/data/total", '"1e999999" matches no such value'),
    (data(total=["0e999999999999"]), "/detail/data/total", '"0e999999999999" matches no such value'),
    (data(total=["1e999"]), "/detail/data/total", '"1e999" matches no such value'),
    (data(total=["sNaN"]), "/detail/data/total", '"sNaN" matches no such value'),
    (data(items={"quantity": ["1e40"]}), "/detail/data/items/quantity", '"1e40" matches no such value'),
    (data(customer_id=[1e300]), "/detail/data/customer_id", "1e+300 matches no such value"),
    (data(order_id=["x" * 65]), "/detail/data/order_id", "of at most 64 characters"),
    (data(order_id=[{"exists": False}]), "/detail/data/order_id", "every order.created has detail.data.order_id"),
    (data(order_id=[{"cidr": "10.0.0.0/8"}]), "/detail/data/order_id", "matches no such value"),
    (data(order_id=["10.0.0.1"]), "/detail/data/order_id", "matches no such value"),
    ({**PAID, "detail": {"data": {"method": ["cards"]}}}, "/detail/data/method", "did you mean card?"),
    (
        {**PAID, "detail": {"data": {"method": [{"anything-but": ["card", "invoice"]}]}}},
        "/detail/data/method",
        "one of",
    ),
    ({**PAID, "detail": {"data": {"method": [None]}}}, "/detail/data/method", "null matches no such value"),
    (
        {"detail-type": ["order.cancelled"], "detail": {"data": {"reason": [None]}}},
        "/detail/data/reason",
        '"exists": false',
    ),
    ({**CREATED, "detail": {"metadata": {"test": ["true"]}}}, "/detail/metadata/test", "always true, and"),
    ({**CREATED, "detail": {"metadata": {"test": ["true"]}}}, "/detail/metadata/test", "; write true"),
    (
        {**CREATED, "detail": {"metadata": {"producer": ["orderwire.payment"]}}},
        "/detail/metadata/producer",
        'always "orderw',
    ),
    ({**CREATED, "resources": [{"prefix": "arn:"}]}, "/resources", "resources is always empty"),
    ({**CREATED, "detail": {"$or": {"data": {"total": [1]}}}}, "/detail/$or/data/total", "two or more objects"),
    (
        {**CREATED, "$or": [{"detail": {"data": {"totl": [1]}}}, {"source": ["x"]}]},
        "/$or/0/detail/data/totl",
        "no field",
    ),
    (data(placed_at=["2026-02-30T00:00:00.000Z"]), "/detail/data/placed_at", "of the form date-time"),
    (data(placed_at=[{"prefix": "2026-02-29"}]), "/detail/data/placed_at", "matches no such value"),
]

ALWAYS = [
    CREATED,
    data(total=[{"numeric": [">=", 0]}], currency=[{"wildcard": "*"}], items={"sku": [{"exists": True}]}),
    data(currency=[{"anything-but": {"prefix": ["a", "b"]}}]),
    data(currency=["EUR", {"anything-but": "EUR"}]),
    data(placed_at=[{"wildcard": "2*-*-*T*:*:*Z"}], items={"quantity": [{"numeric": ["<", 1000]}]}),
    data(reason=[{"exists": False}], customer_email=[{"wildcard": "*@*.*"}]),
    {**CREATED, "$or": [data(total=[{"numeric": ["<", 9]}]), data(total=[{"numeric": [">=", 9]}])]},
    {**CREATED, "$or": [data(currency=["EUR"]), data(total=[{"numeric": [">", 5]}]),
                        data(total=[{"numeric": ["<=", 5]}], currency=[{"anything-but": "EUR"}])]},
    {**PAID, "detail": {"data": {"method": [{"equals-ignore-case": "CARD"}, {"suffix": "oice"}]}}},
    {"resources": [{"exists": False}]},
    {"source": [{"prefix": "orderwire."}]},
]  # fmt: skip

SOMETIMES = [
    data(total=[{"numeric": [">=", 500]}], items={"sku": ["X"]}),
    data(total=[0], currency=[{"anything-but": {"wildcard": "*E*"}}]),
    {**CREATED, "$or": [data(total=[{"numeric": ["<", 9]}]), data(total=[{"numeric": [">", 9]}])]},
    {**CREATED, "$or": [data(items={"sku": ["a"], "quantity": [1]}), data(items={"sku": ["b"], "quantity": [2]})]},
    {**CREATED, "region": ["eu-west-1"]},
    {**CREATED, "detail": {"metadata": {"test": [True]}}},
    {"detail-type": ["order.created"], "replay-name": [{"exists": True}]},
    {"detail-type": ["order.created", "order.shipped"], "detail": {"data": {"total": [{"numeric": [">=", 0]}]}}},
    data(customer_id=[{"cidr": "10.0.0.0/8"}]),
    data(customer_id=["10.0.0.1"]),
    data(customer_id=["", {"suffix": "@x"}], order_id=[{"anything-but": ["a", "b"]}]),
    {"detail-type": ["order.cancelled"], "detail": {"data": {"reason": [{"exists": False}, {"prefix": "\u00e9"}]}}},
]


@pytest.mark.parametrize(("document", "path", "reason"), NEVER)
def test_a_rule_that_hears_nothing_is_told_why_and_where(document, path, reason):
    found = verdict(document, SHAPES)
    assert (found.verdict, found.path, found.witness) == ("never", path, None)
    assert reason in found.reason


def test_what_is_too_long_is_not_proposed_again():
    assert verdict(data(order_id=["x" * 65]), SHAPES).reason.endswith(" matches no such value")


@pytest.mark.parametrize("document", ALWAYS)
def test_a_rule_that_hears_every_live_event_is_proven_to(document):
    found = verdict(document, SHAPES)
    assert (found.verdict, found.unheard) == ("always", None)
    holds(document, found)


@pytest.mark.parametrize("document", SOMETIMES)
def test_a_rule_that_hears_some_is_shown_one_that_it_does_and_one_that_it_does_not(document):
    found = verdict(document, SHAPES)
    assert found.verdict == "sometimes"
    assert found.unheard is not None
    holds(document, found)


def holds(document, found):
    """The events can be published, and do what they are shown for."""
    pattern = parse(document)
    assert is_published(found.witness)
    assert matches(pattern, found.witness)
    if found.unheard is not None:
        assert is_published(found.unheard)
        assert not matches(pattern, found.unheard)


def test_why_only_some_are_heard_is_told_with_both_values():
    found = verdict(data(total=[{"numeric": [">=", 500]}]), SHAPES)
    assert found.path == "/detail/data/total"
    assert found.reason.endswith('detail.data.total is 49.48, and the rule asks for {"numeric": [">=", 500]}')


def test_a_pattern_that_aws_refuses_is_invalid_at_its_place():
    found = verdict(data(total=[{"numeric": [">", "5"]}]), SHAPES)
    assert (found.verdict, found.path, found.reason) == (
        "invalid",
        "/detail/data/total/0/numeric/1",
        'must be a number, and "5" is a text: write 5',
    )


ONE = {"numeric": ["=", 1]}
WARNINGS = [
    ({**CREATED, **LIVE, "detail": {"metadata": METADATA}}, []),
    (CREATED, ["hears replays of", "hears what replays", "hears smoke orders", "hears every major version"]),
    ({**CREATED, **LIVE, "detail": {"metadata": {**METADATA, "test": [True]}}}, []),
    ({**CREATED, **LIVE, "detail": {"metadata": {**METADATA, "version": ["1.0"]}}}, ["stops at the next minor"]),
    ({**CREATED, **LIVE, "source": [{"prefix": "orderwire."}], "detail": {"metadata": METADATA}},
     ['{"prefix": "orderwire."} lets in sources']),
    ({**LIVE, "detail": {"metadata": METADATA}}, ["hears every event", "asks for no source"]),
    ({**CREATED, **LIVE, "detail-type": ["order.created", "order.shiped"], "detail": {"metadata": METADATA}},
     ['asks in vain for "order.shiped": nobody publishes "order.shiped"; did you mean order.shipped?']),
    ({**CREATED, **LIVE, "detail-type": ["order.created", "order.shipped"],
      "detail": {"metadata": METADATA, "data": {"total": [{"numeric": [">", 0]}]}}},
     ["hears no order.shipped v1: order.shipped has no field detail.data.total"]),
    ({**CREATED, **LIVE, "detail": {"metadata": METADATA,
      "$or": [{"data": {"total": [ONE]}}, {"data": {"totl": [1]}}]}},
     ["hears nothing by one branch of $or: order.created has no field detail.data.totl"]),
    ({**CREATED, **LIVE, "detail": {"metadata": METADATA, "data": {"total": [ONE, "1"]}}},
     ['asks in vain for "1": detail.data.total is a number']),
    ({**CREATED, **LIVE, "detail": {"metadata": METADATA,
                                    "data": {"total": [ONE], "$or": [{"total": [ONE]}, {"shipping": [ONE]}]}}},
     ["may not count: detail.data.total is written again"]),
]  # fmt: skip


@pytest.mark.parametrize(("document", "warnings"), WARNINGS)
def test_what_was_probably_not_meant_is_told(document, warnings):
    found = verdict(document, SHAPES)
    assert found.hears
    assert len(found.warnings) == len(warnings), [warning.text for warning in found.warnings]
    for expected, warning in zip(warnings, found.warnings, strict=True):
        assert warning.text.startswith(expected)


def test_an_exact_amount_is_cautioned_against_and_shown_as_producers_write_it():
    found = verdict(data(total=[577, {"numeric": [">", 600]}], items={"quantity": [2]}), SHAPES)
    [caution] = [each for each in found.warnings if "as it is written" in each.text]
    assert caution.path == "/detail/data/total/0"
    assert caution.text == 'AWS may compare 577 as it is written; write {"numeric": ["=", 577]}'
    assert isinstance(found.witness["detail"]["data"]["total"], float)
    assert found.witness["detail"]["data"]["items"][0]["quantity"] == 2
    assert '"total": 577.0' in json.dumps(verdict(data(total=[{"numeric": ["=", 577]}]), SHAPES).witness)


def test_two_majors_of_an_event_are_told():
    [created] = [shape for shape in SHAPES if shape.detail_type == "order.created"]
    second = shape_of_schema({**created.schema, "x-version": "2.0"}, created.example["detail"])
    found = verdict(
        {**CREATED, **LIVE, "detail": {"metadata": {**METADATA, "version": [{"exists": True}]}}}, [created, second]
    )
    assert [warning.text for warning in found.warnings] == ["hears order.created in versions 1 and 2, the same twice"]


def evolved(**fields):
    """order.created with these fields in its items, optional, without an example."""
    [created] = [shape for shape in SHAPES if shape.detail_type == "order.created"]
    schema = json.loads(json.dumps(created.schema))
    schema["$defs"]["OrderItem"]["properties"].update(fields)
    return shape_of_schema(schema, {})


def test_a_schema_without_an_example_has_witnesses_too():
    found = verdict(data(items={"gift": [True]}), [evolved(gift={"type": "boolean"})])
    assert found.verdict == "sometimes"
    assert found.witness["detail"]["data"]["items"][0]["gift"] is True


def test_that_a_field_is_missing_in_a_list_is_not_decided_by_one_element():
    found = verdict(data(items={"gift": [{"exists": False}]}), [evolved(gift={"type": "boolean"})])
    assert (found.verdict, found.witness) == ("unknown", None)


def test_a_field_whose_schema_is_not_understood_is_not_decided_upon():
    odd = evolved(note={"type": "string", "pattern": r"^\w+$"})
    found = verdict(data(items={"note": ["a"]}), [odd])
    assert (found.verdict, found.witness) == ("unknown", None)
    assert "neither proven nor refuted for order.created v1" in found.reason


def test_an_address_may_be_spelt_in_a_way_that_is_not_described():
    zeros = evolved(host={"type": "string", "pattern": r"^010\.[0-9.]+$"})
    found = verdict(data(items={"host": [{"cidr": "10.0.0.0/8"}]}), [zeros])
    assert (found.verdict, found.witness) == ("unknown", None)


def test_a_proof_that_takes_too_long_is_given_up():
    """Ten pieces of a text, each there or not, in any combination: a thousand states and more."""
    pieces = [f"*{first}*{first.upper()}*{first}{first}*" for first in "abcdefghij"]
    covering = [{"order_id": [{"wildcard": piece} for piece in pieces]},
                {"order_id": [{"anything-but": {"wildcard": pieces}}]}]  # fmt: skip
    found = verdict({**CREATED, "detail": {"data": {"$or": covering}}}, SHAPES)
    assert (found.verdict, found.unheard) == ("unknown", None)
    holds({**CREATED, "detail": {"data": {"$or": covering}}}, found)


def test_a_thousand_branches_are_judged():
    ten = range(10)
    rule = {
        "detail": {
            "data": {"$or": [{"total": [number]} for number in ten]},
            "metadata": {"$or": [{"causation_id": [{"prefix": str(number)}]} for number in ten]},
        },
        "$or": [{"account": [{"suffix": str(number)}]} for number in ten],
    }
    found = verdict(rule, SHAPES)
    assert found.events["order.created v1"] == found.verdict == "sometimes"
    assert {state for name, state in found.events.items() if name != "order.created v1"} == {"never"}


def test_no_event_at_all_is_unheard_by_a_rule_that_covers_everything():
    [created] = [shape for shape in SHAPES if shape.detail_type == "order.created"]
    boxes = solve.certain(parse(ALWAYS[6]).alternatives, created)
    assert solve.outside(boxes, created.live) is None
    assert solve.outside(boxes[:1], created.live) is not None


def test_a_judgement_of_some_types_unknown_and_none_heard_is_unknown():
    created, shipped = SHAPES[5], SHAPES[8]
    pattern = parse(CREATED)
    never, unknown = decide.Hearing(created, "never"), decide.Hearing(shipped, "unknown")
    assert decide.Judgement(pattern, (never, unknown)).state == "unknown"
    assert decide.Judgement(pattern, (never, never)).state == decide.Judgement(pattern, ()).state == "never"
