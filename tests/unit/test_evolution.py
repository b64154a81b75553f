"""What a change of the contracts means: for readers of the old ones, for rules, and for what is stored."""

import json
import subprocess
from copy import deepcopy

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infrastructure.stages import DEV, PROD
from infrastructure.subscription_files import load
from orderwire.evolution.accept import accept
from orderwire.evolution.check import hearers, require_safe
from orderwire.evolution.contracts import Contract, contracts_of
from orderwire.evolution.covers import Verdict, covers
from orderwire.evolution.diff import diff
from orderwire.evolution.hearers import Hearer, of_file, steps
from orderwire.evolution.publish import publish
from orderwire.evolution.report import READS, SILENT, STARTS, Report, report
from orderwire.evolution.sources import CURRENT, RELEASED, examples, from_folder, from_git, old_side
from orderwire.problem import Problem
from schemas.generate import rendered
from tests.support.schema_registry import SchemaRegistry

YES, NO, UNKNOWN = Verdict.COMPATIBLE, Verdict.BREAKING, Verdict.UNKNOWN
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


def edited(change, detail_type="order.created", major=1):
    """The contracts of this checkout with an edit in one of their files."""
    files = dict(rendered())
    document = json.loads(files[f"{detail_type}/v{major}.json"])
    change(document)
    return contracts_of({**files, f"{detail_type}/v{major}.json": json.dumps(document)})


def renamed(document, old="total", new="sum"):
    data = document["$defs"]["OrderCreated"]
    data["properties"][new] = data["properties"].pop(old)
    data["required"] = [new if name == old else name for name in data["required"]]


def current():
    return contracts_of(rendered())


def test_a_new_major_beside_the_old_is_safe():
    files = dict(rendered())
    document = json.loads(files["order.created/v1.json"]) | {"x-version": "2.0"}
    renamed(document)
    new = contracts_of({**files, "order.created/v2.json": json.dumps(document)})
    [change] = report(current(), new, hearers(PROD)).changes
    assert (change.major, change.change, change.verdict) == (2, "added", YES)
    assert change.why == "order.created v2 is new, published beside v1, which stays."


def without_event(*keys):
    return {key: contract for key, contract in current().items() if key not in keys}


def test_a_major_can_go_once_nobody_asks_for_it_and_not_before():
    rule = Hearer("audit", "audit", "a@b.example", {"detail-type": [{"prefix": "order.proc"}]})
    whatever = Hearer("all", "all", "a@b.example", {"source": [{"prefix": "orderwire."}]})
    other = Hearer("v2", "v2", "a@b.example", {"detail-type": ["order.processed"],
                                              "detail": {"metadata": {"version": [{"prefix": "2."}]}}})  # fmt: skip
    new = without_event(("order.processed", 1))
    assert [each.verdict for each in report(current(), new, [whatever, other]).changes] == [YES]
    found = report(current(), new, [whatever, other, rule])
    assert [(each.change, each.verdict) for each in found.changes] == [("removed", NO)]
    assert "audit still hear it" in found.changes[0].why
    assert [(each.name, each.effect) for each in found.notices] == [("audit", SILENT)]
    assert found.notices[0].witness["detail-type"] == "order.processed"


def test_our_own_consumers_still_hear_what_they_say_they_hear():
    found = report(current(), without_event(("payment.failed", 1)), hearers(PROD))
    assert {each.name for each in found.notices} == {"payment-failed", "orders", "inventory", "notification"}
    assert {"Orderwire", "shop admins"} == {each.team for each in found.notices}


def test_an_event_under_another_name_is_recognised():
    files = dict(rendered())
    files["order.placed/v1.json"] = files.pop("order.created/v1.json")
    [gone] = [each for each in diff(current(), contracts_of(files)) if each.change == "removed"]
    assert "renamed to order.placed" in gone.why


def test_another_source_breaks_everybody_who_names_the_old_one():
    found = report(current(), edited(lambda document: document.update({"x-source": "orderwire.shop"})), hearers(PROD))
    [change] = found.changes
    assert (change.pointer, change.change, change.readers, change.rules, change.stored) == (
        "", "source changed", NO, NO, NO)  # fmt: skip
    assert {"new-order", "high-value-order", "loyalty-orders"} <= {each.name for each in found.notices}


def test_a_renamed_field_names_each_rule_that_reads_it_with_its_team_and_contact():
    found = report(current(), edited(renamed), hearers(PROD))
    assert found.verdict == NO
    told = {(each.name, each.team, each.contact, each.reads) for each in found.notices}
    assert ("high-value-order", "shop admins", "admins@orderwire.example", "/data/total") in told
    assert ("loyalty-orders", "loyalty programme", "loyalty@orderwire.example", "all of it") in told
    with pytest.raises(Problem) as raised:
        require_safe(found, "the last release")
    told = "loyalty-orders of loyalty programme reads what changed (all of it): talk to loyalty@orderwire.example"
    assert told in str(raised.value)


def test_a_rule_that_goes_silent_is_told_with_an_event_that_it_heard_until_now():
    found = report(current(), edited(renamed), hearers(PROD), examples())
    effects = {each.name: each.effect for each in found.notices}
    assert effects["high-value-order"] == SILENT
    assert effects["loyalty-orders"] == effects["new-order"] == READS
    [notice] = [each for each in found.notices if each.name == "high-value-order"]
    assert notice.witness["detail"]["data"]["total"] >= PROD.high_value_total


def test_a_rule_that_was_silent_starts_to_hear_with_an_event_that_shows_it():
    waiting = Hearer("sums", "sums", "sums@orderwire.example", {
        "detail-type": ["order.created"], "detail": {"data": {"sum": [{"numeric": [">", 5]}]}}})  # fmt: skip
    [notice] = report(current(), edited(renamed), [waiting], examples()).notices
    assert (notice.effect, notice.reads) == (STARTS, "/data/sum")
    assert notice.witness["detail"]["data"]["sum"] > 5


def test_an_enum_that_loses_a_value_silences_who_waits_for_that_one_alone():
    def cards_only(document):
        document["$defs"]["PaymentCompleted"]["properties"]["method"]["enum"] = ["card"]

    def waits_for(method):
        asked = {"detail-type": ["payment.completed"], "detail": {"data": {"method": [method]}}}
        return Hearer(method, "finance", "finance@orderwire.example", asked)

    rules = [waits_for("card"), waits_for("invoice")]
    found = report(current(), edited(cards_only, "payment.completed"), rules, examples())
    assert {each.name: each.effect for each in found.notices} == {"card": READS, "invoice": SILENT}


def test_a_rule_that_reads_around_or_within_a_change_meets_it_and_others_do_not():
    def no_names(document):
        del document["$defs"]["OrderItem"]["properties"]["name"]
        document["$defs"]["OrderItem"]["required"].remove("name")

    found = report(current(), edited(no_names), hearers(PROD))
    assert {(each.name, each.reads) for each in found.notices} == {
        ("fulfilment-orders", "/data/items"),
        ("loyalty-orders", "all of it"),
    }


def test_a_rule_without_an_input_transformer_reads_whatever_changes():
    said = "team: audit\ncontact: audit@orderwire.example\npattern: {detail-type: [order.created]}"
    found = report(current(), edited(renamed), [of_file("audit", said, {})])
    assert [(each.effect, each.reads) for each in found.notices] == [(READS, "all of it")]


def test_an_added_field_concerns_those_who_have_asked_for_it_before_it_was_there():
    waits = {"detail-type": ["order.created"], "detail": {"data": {"gift": [{"exists": False}]}}}
    waiting = Hearer("no-gifts", "gifts", "gifts@orderwire.example", waits)

    def gift(document):
        document["$defs"]["OrderCreated"]["properties"]["gift"] = TEXT

    found = report(current(), edited(gift), [*hearers(PROD), waiting])
    assert found.verdict == YES
    assert [(each.name, each.reads) for each in found.notices] == [("no-gifts", "/data/gift")]


def test_a_rule_is_read_with_the_numbers_of_its_stage():
    [rule] = [each for each in hearers(DEV) if each.name == "high-value-order"]
    assert rule.pattern["detail"]["data"]["total"] == [{"numeric": [">=", DEV.high_value_total]}]
    assert {each.name for each in hearers(DEV)} > {file.name for file in load()}


def test_a_json_path_names_places_as_patterns_do():
    assert steps("$.detail.data.items[0].sku") == ("detail", "data", "items", "sku")
    assert steps("$['detail']['data'].a-b[*]") == ("detail", "data", "a-b")
    assert steps("$.source") == ("source",)


@pytest.mark.parametrize("text", ["- 1", "pattern: {}", "team: [", "team: a\ncontact: b\npattern: 1\ninput: 2"])
def test_a_file_that_is_no_subscription_is_a_problem_with_its_name(text):
    with pytest.raises(Problem, match=r"^mine"):
        assert of_file("mine", text, {}).reads is None


@pytest.mark.parametrize(("path", "text", "told"), [
    ("order.created.json", "{}", "is named <detail-type>/v<major>.json"),
    ("order.created/v1.json", "{", "is not JSON"),
    ("order.created/v1.json", "[]", "no event's schema"),
    ("order.created/v1.json", '{"x-source": "s", "x-version": "1.0", "$ref": "#/$defs/A"}', "refers to #/\\$defs/A"),
    ("a/v1.json", '{"x-source": "s", "x-version": "1.0", "$ref": "#/$defs/A", "$defs": {"A": {"$ref": "#/$defs/A"}}}',
     "refers to itself"),
])  # fmt: skip
def test_what_is_no_contract_is_a_problem_with_its_path(path, text, told):
    with pytest.raises(Problem, match=rf"^{path}: .*{told}"):
        contracts_of({path: text})


@pytest.fixture
def clone(tmp_path):
    """A repository with one commit that has the schemas, and one that has not."""

    def git(*arguments):
        who = ("-c", "user.name=A", "-c", "user.email=a@b.example")
        subprocess.run(["git", "-C", tmp_path, *who, *arguments], check=True, capture_output=True)

    git("init", "--quiet", "--initial-branch=main")
    git("commit", "--allow-empty", "-m", "nothing")
    git("tag", "empty")
    for path, written in rendered().items():
        target = tmp_path / "schemas/json" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(written)
    git("add", ".")
    git("commit", "-m", "schemas")
    git("tag", "v1.0.0")
    return tmp_path


def test_the_old_side_can_be_any_commit(clone):
    assert from_git("v1.0.0", clone) == from_git("HEAD", clone) == from_git("refs/heads/main", clone) == current()
    assert old_side("v1.0.0", SchemaRegistry().client, clone) == current()


@pytest.mark.parametrize(
    ("ref", "told"),
    [("v9", "v9: there is no such commit"), ("empty", "no schemas in schemas/json/ of empty"), ("--help", "--help: ")],
)
def test_a_ref_that_has_no_schemas_is_a_problem(clone, ref, told):
    with pytest.raises(Problem, match=told):
        from_git(ref, clone)


def test_a_folder_without_schemas_is_a_problem(tmp_path):
    with pytest.raises(Problem, match="no schemas in"):
        from_folder(tmp_path)


def test_the_old_side_can_be_what_a_stage_has_registered():
    aws = SchemaRegistry()
    publish(aws.client, DEV, lambda line: None)
    assert diff(old_side("dev", aws.client), current()) == []


def test_the_old_side_can_be_the_last_release():
    assert old_side("released", SchemaRegistry().client) == from_folder(RELEASED)


def test_a_stage_that_has_registered_nothing_is_a_problem_that_says_what_to_do():
    with pytest.raises(Problem, match="orderwire schemas publish --stage dev"):
        old_side("dev", SchemaRegistry().client)


def written(home, contracts_files):
    for path, content in contracts_files.items():
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_text(content)
    return home


def test_what_is_released_goes_on_when_it_is_accepted_and_never_back(tmp_path):
    files = dict(rendered())
    shipped = json.loads(files["order.shipped/v1.json"])
    more = deepcopy(shipped)
    more["$defs"]["OrderShipped"]["properties"]["carrier"] = TEXT
    before = written(tmp_path / "before", files)
    after = written(tmp_path / "after", {**files, "order.shipped/v1.json": json.dumps(more)})
    released = tmp_path / "released"
    assert accept(False, before, released) == len(files)
    assert accept(False, after, released) == 1
    assert from_folder(released) == from_folder(after)
    with pytest.raises(Problem, match="v1 /data/carrier: removed"):
        accept(True, before, released)
    assert from_folder(released) == from_folder(after)


def test_what_cannot_be_decided_is_accepted_only_by_who_has_looked(tmp_path):
    files = dict(rendered())
    order = json.loads(files["order.created/v1.json"])
    order["$defs"]["OrderCreated"]["properties"]["currency"]["pattern"] = LOOKAHEAD
    released = written(tmp_path / "released", files)
    after = written(tmp_path / "after", {**files, "order.created/v1.json": json.dumps(order)})
    with pytest.raises(Problem, match="say --reviewed"):
        accept(False, after, released)
    assert accept(True, after, released) == 1


def test_compatible_changes_are_safe():
    require_safe(Report([], []), "nobody")
    assert from_folder(CURRENT) == current()


# What is called compatible, held against a validator on made-up events.

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


@settings(max_examples=150, deadline=None)
@given(edits(), st.data())
def test_what_is_compatible_for_readers_is_valid_for_readers_of_the_old_schema(both, data):
    old, new = both
    if all(each.readers == YES for each in changes_of(old, new)):
        document = data.draw(documents(new))
        assert jsonschema_rs.Draft202012Validator(old).is_valid(document), (old, new, document)


@settings(max_examples=150, deadline=None)
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


@settings(max_examples=150, deadline=None)
@given(edits())
def test_what_is_called_the_same_for_all_is_added_to_and_nothing_else(both):
    old, new = both
    changes = changes_of(old, new)
    if all(each.verdict == YES for each in changes):
        assert {each.change for each in changes} <= {"added"}
        assert set(old["required"]) == set(new["required"])
        assert set(old["properties"]) <= set(new["properties"])


@settings(max_examples=300, deadline=None)
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
