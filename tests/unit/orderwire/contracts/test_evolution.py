"""Whose rules meet a change of the contracts, where the old ones are read from, and which are taken as released."""

import json
import subprocess
from copy import deepcopy

import pytest

from infrastructure.stages import DEV, PROD
from infrastructure.subscriptions.files import load
from orderwire.console.problem import Problem
from orderwire.contracts.accept import accept
from orderwire.contracts.check import hearers, require_safe
from orderwire.contracts.contracts import contracts_of
from orderwire.contracts.covers import Coverage
from orderwire.contracts.diff import diff
from orderwire.contracts.hearers import Hearer, of_file, steps
from orderwire.contracts.publish import publish
from orderwire.contracts.report import READS, SILENT, STARTS, Report, report
from orderwire.contracts.sources import CURRENT, RELEASED, current, examples, from_folder, from_git, old_side
from schemas.generate import rendered
from schemas.portable import read_back
from tests.support.services.schema_registry import SchemaRegistry

YES, NO, UNKNOWN = Coverage.COMPATIBLE, Coverage.BREAKING, Coverage.UNKNOWN
TEXT = {"type": "string"}
OURS = {"fulfilment-orders", "loyalty-orders", "finance-ledger", "loyalty-payments"}
"""Files that the tests know; whoever else subscribes is not looked at."""

LOOKAHEAD = "^(?!AAAA)[A-Z]{3}$"


def edited(change, detail_type="order.created", major=1):
    """The contracts of this checkout with an edit in one of their files."""
    files = dict(rendered())
    document = read_back(json.loads(files[f"{detail_type}/v{major}.json"]))
    change(document)
    return contracts_of({**files, f"{detail_type}/v{major}.json": json.dumps(document)})


def renamed(document, old="total", new="sum"):
    data = document["$defs"]["OrderCreated"]
    data["properties"][new] = data["properties"].pop(old)
    data["required"] = [new if name == old else name for name in data["required"]]


def test_a_new_major_beside_the_old_is_safe():
    files = dict(rendered())
    document = read_back(json.loads(files["order.created/v1.json"])) | {"x-version": "2.0"}
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
    assert "still heard by audit" in found.changes[0].why
    assert [(each.name, each.effect) for each in found.notices] == [("audit", SILENT)]
    assert found.notices[0].witness["detail-type"] == "order.processed"


def test_our_own_consumers_still_hear_what_they_say_they_hear():
    found = report(current(), without_event(("payment.failed", 1)), hearers(PROD))
    assert {each.name for each in found.notices} == {"admins-payment-failed", "orders", "inventory", "notification"}
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
    assert {"admins-new-order", "admins-high-value-order", "loyalty-orders"} <= {each.name for each in found.notices}


def test_a_renamed_field_names_each_rule_that_reads_it_with_its_team_and_contact():
    found = report(current(), edited(renamed), hearers(PROD))
    assert found.verdict == NO
    told = {(each.name, each.team, each.contact, each.reads) for each in found.notices}
    assert ("admins-high-value-order", "shop admins", "admins@orderwire.example", "/data/total") in told
    assert ("loyalty-orders", "loyalty programme", "loyalty@orderwire.example", "all of it") in told
    with pytest.raises(Problem) as raised:
        require_safe(found, "the last release")
    told = "loyalty-orders of loyalty programme reads what changed (all of it): talk to loyalty@orderwire.example"
    assert told in str(raised.value)


def test_a_rule_that_goes_silent_is_told_with_an_event_that_it_heard_until_now():
    found = report(current(), edited(renamed), hearers(PROD), examples())
    effects = {each.name: each.effect for each in found.notices}
    assert effects["admins-high-value-order"] == SILENT
    assert effects["loyalty-orders"] == effects["admins-new-order"] == READS
    [notice] = [each for each in found.notices if each.name == "admins-high-value-order"]
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


def test_whoever_may_read_a_value_that_is_new_is_named_and_nobody_else():
    def wider(document):
        document["$defs"]["PaymentCompleted"]["properties"]["method"]["enum"].append("gift")

    found = report(current(), edited(wider, "payment.completed"), hearers(PROD))
    assert [(each.change, each.readers, each.rules) for each in found.changes] == [("widened", NO, YES)]
    assert {(each.name, each.effect) for each in found.notices if each.name in OURS} == {
        ("finance-ledger", READS),
        ("loyalty-payments", READS),
    }


def test_a_rule_that_reads_around_or_within_a_change_meets_it_and_others_do_not():
    def no_names(document):
        del document["$defs"]["OrderItem"]["properties"]["name"]
        document["$defs"]["OrderItem"]["required"].remove("name")

    found = report(current(), edited(no_names), hearers(PROD))
    assert {(each.name, each.reads) for each in found.notices if each.name in OURS} == {
        ("fulfilment-orders", "/data/items"),
        ("loyalty-orders", "all of it"),
    }


def test_a_rule_without_an_input_transformer_reads_whatever_changes(tmp_path):
    said = "team: audit\ncontact: audit@orderwire.example\npattern: {detail-type: [order.created]}"
    path = tmp_path / "audit.yaml"
    path.write_text(said)
    found = report(current(), edited(renamed), [of_file(path, {})])
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
    [rule] = [each for each in hearers(DEV) if each.name == "admins-high-value-order"]
    assert rule.pattern["detail"]["data"]["total"] == [{"numeric": [">=", DEV.high_value_total]}]
    assert {each.name for each in hearers(DEV)} > {file.name for file in load()}


def test_a_json_path_names_places_as_patterns_do():
    assert steps("$.detail.data.items[0].sku") == ("detail", "data", "items", "sku")
    assert steps("$['detail']['data'].a-b[*]") == ("detail", "data", "a-b")
    assert steps("$.source") == ("source",)


@pytest.mark.parametrize("text", ["- 1", "pattern: {}", "team: [", "team: a\ncontact: b\npattern: 1\ninput: 2"])
def test_a_file_that_is_no_subscription_is_a_problem_with_its_name(tmp_path, text):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(Problem, match=r"^mine"):
        assert of_file(path, {}).reads is None


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
    [
        ("v9", "^v9 is neither `released` nor a stage, and git log: bad revision 'v9'"),
        ("empty", "no schemas in schemas/json/ of empty"),
        ("--output=x", "^--output=x is neither `released` nor a stage, and git log: bad revision"),
    ],
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
    shipped = read_back(json.loads(files["order.shipped/v1.json"]))
    more = deepcopy(shipped)
    more["$defs"]["OrderShipped"]["properties"]["carrier"] = TEXT
    kept = written(tmp_path / "kept", {**files, "order.shipped/v1.json": json.dumps(more)})
    more["x-version"] = "1.1"
    before = written(tmp_path / "before", files)
    after = written(tmp_path / "after", {**files, "order.shipped/v1.json": json.dumps(more)})
    released = tmp_path / "released"
    assert accept(False, before, released) == len(files)
    with pytest.raises(Problem, match=r'was 1\.0 already and has changed: say version="1\.1" in its class statement'):
        accept(True, kept, released)
    assert accept(False, after, released) == 1
    assert from_folder(released) == from_folder(after)
    with pytest.raises(Problem, match="v1 /data/carrier: removed"):
        accept(True, before, released)
    assert from_folder(released) == from_folder(after)


def test_what_cannot_be_decided_is_accepted_only_by_who_has_looked(tmp_path):
    files = dict(rendered())
    order = read_back(json.loads(files["order.created/v1.json"]))
    order["$defs"]["OrderCreated"]["properties"]["currency"]["pattern"] = LOOKAHEAD
    released = written(tmp_path / "released", files)
    after = written(tmp_path / "after", {**files, "order.created/v1.json": json.dumps(order)})
    with pytest.raises(Problem, match="say --reviewed"):
        accept(False, after, released)
    assert accept(True, after, released) == 1


def test_compatible_changes_are_safe():
    require_safe(Report([], []), "nobody")
    assert from_folder(CURRENT) == current(), "schemas/json is stale: run `make render`"
