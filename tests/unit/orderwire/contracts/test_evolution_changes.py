"""What a change of a contract means: for readers of the old one, for rules, and for what is stored."""

from copy import deepcopy

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orderwire.contracts.contracts import Contract, contracts_of
from orderwire.contracts.covers import Coverage, covers
from orderwire.contracts.diff import diff
from schemas.generate import rendered

YES, NO, UNKNOWN = Coverage.COMPATIBLE, Coverage.BREAKING, Coverage.UNKNOWN
TEXT, NUMBER = {"type": "string"}, {"type": "number"}
NULL = {"type": "null"}


def event(required=(), **fields):
    """A contract with these fields; those of `required` are always there."""
    detail = {"type": "object", "properties": fields, "required": sorted(required)}
    return {("order.created", 1): Contract("order.created", 1, "orderwire.checkout", "1.0", detail)}


def verdicts(old, new):
    return [(each.pointer, each.change, each.readers, each.rules, each.stored) for each in diff(old, new)]


def array(items, **bounds):
    return {"type": "array", "items": items, **bounds}


def text(**bounds):
    return {**TEXT, **bounds}


def test_what_is_the_same_is_no_change():
    contracts = contracts_of(rendered())
    assert diff(contracts, contracts) == []


def test_a_field_that_may_be_missing_can_be_added():
    assert verdicts(event(), event(a=TEXT)) == [("/a", "added", YES, YES, YES)]


def test_a_required_field_that_is_added_is_not_in_what_is_stored():
    [change] = diff(event(), event(["a"], a=TEXT))
    assert (change.readers, change.rules, change.stored) == (YES, YES, NO)
    assert change.why == (
        "Events in queues, dead-letter queues and the archive have no a: the new release refuses them. "
        "Add it as a field that may be missing."
    )


@pytest.mark.parametrize("required", [[], ["a"]])
def test_a_field_that_is_removed_is_missed_by_readers_and_rules(required):
    assert verdicts(event(required, a=TEXT), event()) == [("/a", "removed", NO, NO, YES)]


def test_a_renamed_field_is_told_with_its_new_name():
    [gone, _] = diff(event(["total"], total=NUMBER, name=TEXT), event(["sum"], sum=NUMBER, word=NUMBER, name=TEXT))[:2]
    assert (gone.pointer, gone.change, gone.readers, gone.rules) == ("/total", "renamed", NO, NO)
    assert gone.why.startswith("total seems to be called ")


def test_a_removed_field_is_not_taken_for_renamed_to_one_that_holds_something_else():
    assert [each.change for each in diff(event(a=TEXT), event(b=NUMBER))] == ["removed", "added"]


@pytest.mark.parametrize(("before", "after", "expected"), [
    (["a"], [], ("/a", "may be missing", NO, NO, YES)),
    ([], ["a"], ("/a", "always there", YES, NO, NO)),
])  # fmt: skip
def test_whether_a_field_is_always_there_matters_either_way(before, after, expected):
    assert verdicts(event(before, a=TEXT), event(after, a=TEXT)) == [expected]


@pytest.mark.parametrize(("wide", "narrow"), [
    ({"type": "integer", "maximum": 10}, {"type": "integer", "maximum": 9}),
    (NUMBER, {"type": "integer"}),
    ({**NUMBER, "multipleOf": 0.001}, {**NUMBER, "multipleOf": 0.01}),
    (text(enum=["a", "b", "c"]), text(enum=["a", "b"])),
    (text(maxLength=9), text(maxLength=8)),
    (text(maxLength=70, pattern="^[a-z]+$"), text(maxLength=64, pattern="^[a-z]+$")),
    (TEXT, text(pattern="^[A-Z]{3}$")),
    (text(pattern="^[A-Z]{3}$"), text(enum=["EUR", "USD"])),
    ({"type": "boolean"}, {"type": "boolean", "const": True}),
    ({"type": ["string", "integer"]}, {"type": "integer"}),
    ({"exclusiveMinimum": -1, "type": "integer"}, {"exclusiveMinimum": 0, "type": "integer"}),
])  # fmt: skip
def test_wider_values_surprise_readers_and_narrower_ones_silence_rules(wide, narrow):
    assert verdicts(event(a=narrow), event(a=wide)) == [("/a", "widened", NO, YES, YES)]
    assert verdicts(event(a=wide), event(a=narrow)) == [("/a", "narrowed", YES, NO, NO)]


@pytest.mark.parametrize(("old", "new"), [
    (text(enum=["a", "b"]), text(enum=["b", "a"])),
    ({"type": "boolean", "const": True}, {"type": "boolean", "enum": [True]}),
    (text(format="date-time"), TEXT),
    ({"anyOf": [TEXT, NULL]}, {"type": ["string", "null"]}),
])  # fmt: skip
def test_the_same_values_in_other_words_are_no_change(old, new):
    assert diff(event(a=old), event(a=new)) == diff(event(a=new), event(a=old)) == []


ADDRESS = "^[a-z.!#$%]{1,64}@[a-z](?:[a-z-]{0,61}[a-z])?(?:\\.[a-z](?:[a-z-]{0,61}[a-z])?)+$"


def address(pattern, longest):
    return {"type": "string", "pattern": pattern, "maxLength": longest}


def test_two_spellings_of_a_pattern_are_one_however_long_its_texts_may_be():
    escaped = ADDRESS.replace("#$", "#\\$")
    assert escaped != ADDRESS
    assert covers(address(escaped, 254), address(ADDRESS, 254)) is Coverage.COMPATIBLE
    assert covers(address(ADDRESS, 255), address(escaped, 254)) is Coverage.COMPATIBLE
    assert covers(address(ADDRESS, 253), address(escaped, 254)) is not Coverage.COMPATIBLE


def test_null_is_a_value_that_readers_may_not_expect_and_rules_may_wait_for():
    nullable = {"anyOf": [NUMBER, NULL]}
    assert verdicts(event(a=NUMBER), event(a=nullable)) == [("/a", "may be null", NO, YES, YES)]
    assert verdicts(event(a=nullable), event(a=NUMBER)) == [("/a", "never null", YES, NO, NO)]


@pytest.mark.parametrize("other", [array(TEXT), {"type": "object", "properties": {}}])
def test_a_value_a_list_and_an_object_are_three_things(other):
    assert verdicts(event(a=TEXT), event(a=other)) == [("/a", "type changed", NO, NO, NO)]
    assert verdicts(event(a=other), event(a=TEXT)) == [("/a", "type changed", NO, NO, NO)]


def test_another_type_of_value_is_told_word_by_word():
    [change] = diff(event(a={**NUMBER, "minimum": 0}), event(a=text(maxLength=5)))
    assert change.why == (
        'a: type was "number" and is "string", minimum was 0 and is gone, maxLength is 5 now. '
        "Readers of the old schema refuse some new values. "
        "Values that rules may wait for no longer come, and stored events may have them."
    )


def test_changes_within_lists_and_objects_are_found_at_their_place():
    line = {"type": "object", "properties": {"sku": TEXT, "a/b": NUMBER}, "required": ["sku"]}
    other = {"type": "object", "properties": {"sku": NUMBER, "a/b": TEXT, "gift": TEXT}, "required": ["sku"]}
    found = verdicts(event(items=array(line, maxItems=5)), event(items=array(other, maxItems=6)))
    assert found == [
        ("/items", "widened", NO, YES, YES),
        ("/items/*/sku", "values changed", NO, NO, NO),
        ("/items/*/a~1b", "values changed", NO, NO, NO),
        ("/items/*/gift", "added", YES, YES, YES),
    ]


LOOKAHEAD = "^(?!AAAA)[A-Z]{3}$"
"""Means the same as without, and is of a kind that is not compared."""


def test_what_regular_expressions_mean_may_be_undecided_which_is_not_safe():
    [change] = diff(event(a=text(pattern="^[A-Z]{3}$")), event(a=text(pattern=LOOKAHEAD)))
    assert (change.change, change.verdict) == ("values changed", UNKNOWN)
    assert "cannot be decided: somebody has to look" in change.why


# What is called compatible, checked against a validator on made-up events.

SINGLE = [
    TEXT, text(maxLength=2), text(minLength=1, maxLength=3), text(pattern="^[a-b]+$"), text(pattern="^[a-b]{1,2}$"),
    text(enum=["a", "bb"]), text(enum=["bb", "a", "c"]), text(enum=["a", "bb"], pattern="^a$"),
    NUMBER, {**NUMBER, "minimum": 0, "maximum": 2},
    {**NUMBER, "multipleOf": 0.01}, {**NUMBER, "multipleOf": 0.5, "minimum": 0}, {"type": "integer"},
    {"type": "integer", "minimum": 0, "maximum": 1}, {"type": "boolean"}, {"type": "boolean", "const": True},
    {"type": ["string", "integer"]}, {"exclusiveMinimum": 0, "type": "number"},
]  # fmt: skip
VALUES = ["", "a", "b", "ab", "bb", "aab", "abc", "c", "zz z", 0, 1, 2, 3, -1, 0.5, 0.01, 0.015, 1.5, 100, True, False]

singles = st.sampled_from(SINGLE)
fields = st.recursive(
    singles | singles.map(lambda one: {"anyOf": [one, NULL]}),
    lambda inner: (
        st.builds(array, inner, maxItems=st.integers(1, 3))
        | st.dictionaries(st.sampled_from("xyz"), inner, max_size=2).map(
            lambda these: {"type": "object", "properties": these, "required": sorted(these)[:1]}
        )
    ),
    max_leaves=3,
)
objects = st.dictionaries(st.sampled_from("abcd"), fields, max_size=3).flatmap(
    lambda these: st.builds(
        lambda required: {"type": "object", "properties": these, "required": sorted(required)},
        st.sets(st.sampled_from(sorted(these))) if these else st.just(set()),
    )
)


@st.composite
def edits(draw):
    """A detail and the same with up to three changes."""
    old = draw(objects)
    new = deepcopy(old)
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from("abcd"))
        match draw(st.sampled_from(["drop", "put", "values", "presence", "null"])):
            case "drop":
                new["properties"].pop(name, None)
            case "put":
                new["properties"][name] = draw(fields)
            case "values" if new["properties"]:
                new["properties"][draw(st.sampled_from(sorted(new["properties"])))] = draw(singles)
            case "presence":
                new["required"] = sorted(set(new["required"]) ^ {name})
            case "null" if name in new["properties"]:
                new["properties"][name] = {"anyOf": [new["properties"][name], NULL]}
        new["required"] = [each for each in new["required"] if each in new["properties"]]
    return old, new


def documents(schema):
    """What a producer of the schema publishes: its fields, and no others."""
    if "anyOf" in schema:
        return st.one_of([documents(each) for each in schema["anyOf"]])
    match schema["type"]:
        case "null":
            return st.none()
        case "array":
            return st.lists(documents(schema["items"]), max_size=schema.get("maxItems"))
        case "object":
            each = {name: documents(field) for name, field in schema["properties"].items()}
            needed = set(schema["required"])
            return st.fixed_dictionaries(
                {name: each[name] for name in each if name in needed},
                optional={name: each[name] for name in each if name not in needed},
            )
    check = jsonschema_rs.Draft202012Validator(schema)
    return st.sampled_from([value for value in VALUES if check.is_valid(value)])


def changes_of(old, new):
    return diff({("e", 1): Contract("e", 1, "s", "1.0", old)}, {("e", 1): Contract("e", 1, "s", "1.0", new)})


@settings(max_examples=150)
@given(edits(), st.data())
def test_what_is_compatible_for_readers_is_valid_for_readers_of_the_old_schema(both, data):
    old, new = both
    if all(each.readers == YES for each in changes_of(old, new)):
        document = data.draw(documents(new))
        assert jsonschema_rs.Draft202012Validator(old).is_valid(document), (old, new, document)


@settings(max_examples=150)
@given(edits(), st.data())
def test_what_is_compatible_for_what_is_stored_is_valid_under_the_new_schema(both, data):
    old, new = both
    if all(each.stored == YES for each in changes_of(old, new)):
        document = without_unknown(data.draw(documents(old)), new)
        assert jsonschema_rs.Draft202012Validator(new).is_valid(document), (old, new, document)


def without_unknown(document, schema):
    """A field that is gone may come back as anything: what is stored of it is not read."""
    if isinstance(document, dict) and "properties" in schema:
        known = schema["properties"]
        return {key: without_unknown(value, known[key]) for key, value in document.items() if key in known}
    return document


@settings(max_examples=150)
@given(edits())
def test_what_is_called_the_same_for_all_is_added_to_and_nothing_else(both):
    old, new = both
    changes = changes_of(old, new)
    if all(each.verdict == YES for each in changes):
        assert {each.change for each in changes} <= {"added"}
        assert set(old["required"]) == set(new["required"])
        assert set(old["properties"]) <= set(new["properties"])


@settings(max_examples=300)
@given(singles, singles, st.sampled_from(VALUES))
def test_what_one_schema_is_said_to_cover_it_accepts(wide, narrow, value):
    verdict = covers(wide, narrow)
    takes, should = (jsonschema_rs.Draft202012Validator(each).is_valid(value) for each in (narrow, wide))
    if takes and not should:
        assert verdict != YES
    if wide == narrow:
        assert verdict == YES


def test_it_is_decided_for_each_pair_of_these_schemas_whether_one_covers_the_other_as_far_as_values_show():
    """No pair is left undecided for which a simple value settles it."""
    for wide in SINGLE:
        for narrow in SINGLE:
            refused = [
                value
                for value in VALUES
                if jsonschema_rs.is_valid(narrow, value) and not jsonschema_rs.is_valid(wide, value)
            ]
            if refused:
                assert covers(wide, narrow) == NO, (wide, narrow, refused)
