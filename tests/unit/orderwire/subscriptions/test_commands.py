"""`orderwire subscriptions check` and `match`, as typed."""

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest
import typer
import yaml
from typer.testing import CliRunner

from infrastructure.subscriptions.folder import HOME
from infrastructure.subscriptions.yaml_or_json import document_of
from orderwire.__main__ import app
from orderwire.cli.subscribing import conclude
from orderwire.cli.subscriptions import exit_code
from orderwire.console.problem import Problem
from orderwire.contracts.published import published
from orderwire.subscriptions.checking import checked_file
from orderwire.subscriptions.verifying import TrialOutcome
from orderwire.workplace.stage import stage_named
from tests.support.eventbridge_rules.event_making import is_published

RULE = {"source": ["orderwire.checkout"], "detail-type": ["order.created"]}
RICH = {**RULE, "detail": {"data": {"total": [{"numeric": [">=", 500]}]}}}
TYPO = {**RULE, "detail": {"data": {"totl": [1]}}}
EVENT = {"source": "orderwire.checkout", "detail-type": "order.created", "detail": {"data": {"total": 499.5}}}
INCOMPLETE = 'this event is not valid under order.created v1: /detail: "metadata" is a required property'


@pytest.fixture
def file(tmp_path):
    def write(content, name="rule.json"):
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return str(path)

    return write


def run(*arguments, text=None):
    return CliRunner().invoke(app, ["subscriptions", *arguments], input=text)


def checked(*files):
    done = run("check", "--json", *files)
    return done.exit_code, json.loads(done.stdout)


def test_all_of_ours_are_checked_without_a_name():
    code, found = checked()
    assert code == 0
    assert [each["file"].rpartition("/")[2] for each in found] == sorted(path.name for path in HOME.glob("*.yaml"))


def test_a_rule_that_hears_some_events_is_shown_with_both_and_is_fine(file):
    code, [found] = checked(file(RICH))
    assert (code, found["verdict"], found["path"]) == (0, "sometimes", "/detail/data/total")
    assert is_published(found["witness"])
    assert found["witness"]["detail"]["data"]["total"] >= 500 > found["unheard"]["detail"]["data"]["total"]
    assert found["events"] == {"order.created v1": "sometimes"}
    assert all(each.keys() == {"text", "path"} for each in found["warnings"])


def test_a_rule_that_hears_nothing_fails_with_the_reason_at_its_place(file):
    code, [found] = checked(file(TYPO))
    assert (code, found["verdict"], found["path"], found["witness"]) == (1, "never", "/detail/data/totl", None)
    assert "did you mean detail.data.total?" in found["reason"]


BOMB = "a0: &a0 [x]\n" + "\n".join(f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 9)}]" for n in range(20))
INVALID = [
    ('{"source": [{"prefix": 1}]}', "/source/0/prefix", "must be a text"),
    ('{"source": ["a"], "source": ["b"]}', None, "says source twice in one object"),
    ("source: [a]\nsource: [b]", None, "says source twice in one object, in lines 1 and 2"),
    (
        '{"detail": {"total": [{"numeric": [">", "500"]}]}}',
        "/detail/total/0/numeric/1",
        'must be a number, and "500" is a text: write 500',
    ),
    ("source: [a", None, "is neither JSON nor YAML: expected ',' or ']'"),
    ("a: !!python/object:x 1", None, "is neither JSON nor YAML"),
    pytest.param("[" * 60_000, None, "is nested too deeply", id="60000 brackets"),
    ("a: &a [*a]", None, "is too large to be a rule"),
    pytest.param(BOMB, None, "is too large to be a rule", id="a few lines without end"),
    ("1: [a]", "/1", 'must be text as a name: write "1"'),
    ("42", None, "must hold an object"),
    ("{}", "", "must not be empty"),
    ('{"pattern": {"source": ["a"]}, "targets": [1, 2, 3, 4, 5, 6]}', None, "has 6 targets; AWS lets a rule have 5"),
    ("pattern: {time: [2026-11-21]}", None, "2026-11-21 in line 1 is a date to YAML: put it in quotes"),
    ("source: [a]\nregion: [no]", None, "no in line 2 is true or false to YAML: put it in quotes"),
    ("on: [a]", None, "on in line 1 is true or false to YAML"),
    ("a: [0131101633]", None, "0131101633 in line 1 is another number to YAML"),
    ("a: [5:00]", None, "5:00 in line 1 is another number to YAML"),
    ("a: {numeric: [=, 5]}", None, "= in line 1 is no text to YAML"),
    ("team: a\nsource: [b]", None, "/pattern: Field required"),
    ("detail:\n  data:\n", "/detail/data", "must be a list of conditions or an object, and nothing is there"),
    ("items: [{sku: [a]}]", "/items/0/sku", "for a field of a list's elements, leave the list out"),
]


@pytest.mark.parametrize(("content", "path", "reason"), INVALID)
def test_a_file_without_a_valid_rule_is_an_error_that_says_where(file, content, path, reason):
    code, [found] = checked(file(content))
    assert (code, found["verdict"], found["path"]) == (2, "invalid", path)
    assert reason in found["reason"]


class Broken(dict):
    def get(self, path, otherwise=None):
        if path == "detail.data.total":
            raise ArithmeticError("a number that nobody thought of")
        return super().get(path, otherwise)


def test_an_error_that_nobody_thought_of_is_told_and_leaves_the_other_files_their_verdicts(file):
    shapes = [replace(shape, fields=Broken(shape.fields)) for shape in published()]
    names = [file(RICH, "rich.json"), file({**RULE, "region": ["x"]}, "rule.json")]
    rich, rule = (checked_file(Path(name), stage_named("local"), shapes).verdict for name in names)
    assert (rich.verdict, exit_code(rich.verdict)) == ("unknown", 1)
    assert rich.reason.endswith("ArithmeticError: a number that nobody thought of")
    assert rule.verdict == "never"


def test_a_file_that_is_not_there_or_not_text_is_invalid(tmp_path):
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    code, found = checked(str(tmp_path / "none"), str(tmp_path / "binary"))
    assert code == 2
    assert [each["reason"] for each in found] == [
        "cannot be read: No such file or directory",
        "cannot be read: it is not text in UTF-8",
    ]


def test_the_worst_of_several_files_counts(file):
    assert checked(file(RICH, "a.json"), file(TYPO, "b.json"))[0] == 1
    assert checked(file(RICH, "a.json"), file(TYPO, "b.json"), file("{}", "c.json"))[0] == 2


def test_json_numbers_in_scientific_notation_are_numbers(file):
    code, [found] = checked(file('{"detail-type": ["order.created"], "detail": {"data": {"total": [5e2]}}}'))
    assert (code, found["verdict"]) == (0, "sometimes")


def test_a_subscription_is_judged_as_it_is_deployed_in_the_stage(file, tmp_path):
    path = tmp_path / "admins-high-value-order.yaml"
    path.write_text((HOME / "admins-high-value-order.yaml").read_text())
    code, [found] = checked(str(path))
    assert (code, found["warnings"]) == (0, [])
    assert found["witness"]["detail"]["data"]["total"] == 100


def test_a_subscription_with_a_misspelt_field_is_told_so(tmp_path):
    path = tmp_path / "admins-high-value-order.yaml"
    path.write_text((HOME / "admins-high-value-order.yaml").read_text().replace("      total: [", "      totl: ["))
    code, [found] = checked(str(path))
    assert (code, found["verdict"], found["path"]) == (1, "never", "/detail/data/totl")


def test_a_subscription_with_an_event_that_is_misspelt_is_told_so(tmp_path):
    path = tmp_path / "admins-new-order.yaml"
    path.write_text((HOME / "admins-new-order.yaml").read_text().replace("[order.created]", "[order.creatd]"))
    code, [found] = checked(str(path))
    assert (code, found["verdict"], found["path"]) == (1, "never", "/detail-type")


def test_a_subscription_that_is_wrong_elsewhere_has_its_verdict_and_cannot_be_deployed(file, tmp_path):
    path = tmp_path / "admins-new-order.yaml"
    path.write_text((HOME / "admins-new-order.yaml").read_text().replace("contact: ", "contact: at "))
    code, [found] = checked(str(path))
    assert (code, found["verdict"]) == (2, "always")
    assert "/contact" in found["refused"]
    said = run("check", str(path)).stdout
    assert said.startswith("always ")
    assert "cannot be deployed: /contact" in said
    tried = run("match", "--json", str(path), file(EVENT, "event.json"))
    assert (tried.exit_code, json.loads(tried.stdout)["match"]) == (0, True)
    assert "/contact" in json.loads(tried.stdout)["refused"]
    assert "! the file cannot be deployed: /contact" in run("match", str(path), file(EVENT, "event.json")).stdout


@pytest.mark.parametrize(
    "pattern",
    [
        {"detail-type": ["order.created"]},
        {"detail": {"data": {"total": [{"numeric": [">", 9]}]}}},
        {"detail-type": [{"prefix": "order."}], "replay-name": [{"exists": True}]},
        {"pattern": {"$or": [{"source": ["orderwire.checkout"]}, {"detail-type": ["order.shipped"]}]}},
    ],
)
def test_a_bare_pattern_is_judged_as_aws_takes_it(file, pattern):
    code, [found] = checked(file(pattern))
    assert (code, found["verdict"] in ("always", "sometimes"), found["refused"]) == (0, True, None)
    assert "deployed" not in run("check", file(pattern)).stdout
    event = json.dumps(found["witness"])
    assert json.loads(run("match", "--json", file(pattern), "-", text=event).stdout) == {
        "match": True,
        "invalid": None,
        "refused": None,
    }


def test_no_digit_of_a_number_is_lost(file):
    rule = '{"detail": {"data": {"total": [0.10000000000000001]}}}'
    same = run("match", file(rule), "-", text='{"detail": {"data": {"total": 0.10000000000000001}}}')
    other = run("match", file(rule), "-", text='{"detail": {"data": {"total": 0.1}}}')
    assert (same.exit_code, other.exit_code) == (0, 1)
    told = json.loads(run("match", "--json", file(rule), "-", text='{"detail": {"data": {"total": 0.1}}}').stdout)
    assert (told["wanted"], told["found"]) == (["0.10000000000000001"], [0.1])
    code, [found] = checked(file("detail: {data: {total: [0.10000000000000001]}}"))
    assert (code, found["verdict"]) == (2, "invalid")
    assert "too many digits" in found["reason"]


@pytest.mark.parametrize(
    ("total", "problem"),
    [("0.10000000000000001", "has more digits than can be deployed"), ('"\\ud800"', "must be a text")],
)
def test_what_cannot_be_written_into_a_stack_is_not_deployed(file, total, problem):
    """JSON can say it, so a pattern may; but not a subscription."""
    document = yaml.safe_load((HOME / "admins-high-value-order.yaml").read_text())
    document["pattern"]["detail"]["data"]["total"] = ["HERE"]
    del document["stage_values"]
    code, [found] = checked(file(json.dumps(document, default=str).replace('"HERE"', total), "large.yaml"))
    assert code in (1, 2)
    assert f"/pattern/detail/data/total/0: {problem}" in found["refused"]


LARGE = {
    "a file of 65 kB": "a" * 65_537,
    "a number of 60 kB": f"a: [{'9' * 60_000}]",
    "a number of 60 kB that is none": f"a: [0.{'9' * 60_000}x]",
    "a number of 60 kB in JSON": f'{{"team": {"9" * 60_000}}}',
    "7,000 names": "".join(f"n{index}: 1\n" for index in range(7_000)),
    "6,000 names in JSON": json.dumps({"team": "a"} | {f"n{index}": 1 for index in range(6_000)}),
}


@pytest.mark.parametrize("content", LARGE.values(), ids=LARGE)
def test_a_large_file_is_refused_at_once(file, content):
    start = time.process_time()
    code, [found] = checked(file(content))
    assert (code, found["verdict"]) == (2, "invalid")
    assert time.process_time() - start < 8, "a tenth of what a quadratic reading takes"


def test_a_subscription_that_lacks_something_has_its_pattern_judged(file):
    code, [found] = checked(file("target: a\npattern: {source: [orderwire.checkout]}"))
    assert (code, found["verdict"], found["path"]) == (2, "always", None)
    assert "/team: Field required" in found["refused"]


def test_people_read_the_verdict_the_reason_and_the_witness(file):
    done = run("check", file(RICH))
    assert done.exit_code == 0
    assert done.stdout.startswith("sometimes ")
    assert "detail.data.total is 49.48, and the rule asks for" in done.stdout
    assert "! hears replays of the archive too" in done.stdout
    assert "It hears, for example:\n{" in done.stdout
    assert "It does not hear, for example:\n{" in done.stdout


def test_people_read_a_line_for_each_of_several_files(file):
    done = run("check", file(RICH, "a.json"), file(TYPO, "b.json"))
    assert done.exit_code == 1
    assert "\nnever     " in done.stdout
    assert "(at /detail/data/totl)" in done.stdout
    assert "for example" not in done.stdout


def test_an_event_that_is_heard_exits_0(file):
    done = run("match", file(RULE), file(EVENT, "event.json"))
    assert (done.exit_code, done.stdout) == (0, f"The rule hears the event.\n  ! {INCOMPLETE}\n")
    assert json.loads(run("match", file(RULE), file(EVENT, "event.json"), "--json").stdout) == {
        "match": True,
        "invalid": INCOMPLETE,
        "refused": None,
    }


def test_an_event_that_no_schema_allows_is_said_to_be_so_and_tried_all_the_same(file):
    code = run("match", file(RULE), file(EVENT, "event.json"))
    assert code.exit_code == 0
    assert "this event is not valid under order.created v1: /detail" in " ".join(code.stdout.split())
    assert (
        "is a required property" in json.loads(run("match", "--json", file(RULE), file(EVENT, "e")).stdout)["invalid"]
    )
    [created] = [shape.example for shape in published() if shape.detail_type == "order.created"]
    assert json.loads(run("match", "--json", file(RULE), file(created, "e")).stdout) == {
        "match": True,
        "invalid": None,
        "refused": None,
    }
    nobodys = run("match", file(RULE), file({"detail-type": "x"}, "e"))
    assert nobodys.exit_code == 1
    assert "this event is of no type that is published" in nobodys.stdout


def test_an_event_that_is_not_heard_exits_1_with_both_values(file):
    done = run("match", file(RICH), "-", text=json.dumps(EVENT))
    assert done.exit_code == 1
    assert 'detail.data.total is 499.5, and the rule asks for {"numeric": [">=", 500]}' in done.stdout
    told = json.loads(run("match", file(RICH), "-", "--json", text=json.dumps(EVENT)).stdout)
    assert told == {
        "match": False,
        "invalid": INCOMPLETE,
        "refused": None,
        "path": "/detail/data/total",
        "field": "detail.data.total",
        "wanted": [{"numeric": [">=", 500]}],
        "found": [499.5],
        "together": [],
    }


def test_a_number_that_is_too_large_for_a_double_is_shown_too(file):
    done = run("match", file(RICH), "-", text=json.dumps(EVENT).replace("499.5", "-1e400"))
    assert done.exit_code == 1
    assert "detail.data.total is -1E+400" in done.stdout


@pytest.mark.parametrize("text", ["nope", "[1]", '{"a": NaN}', ""])
def test_what_is_no_event_is_told_so(file, text):
    with pytest.raises(Problem, match="-: is not an event in JSON"):
        CliRunner().invoke(app, ["subscriptions", "match", file(RULE), "-"], input=text, catch_exceptions=False)


@pytest.mark.parametrize("content", ["{}", "a: [", '{"source": [[1]]}'])
def test_what_is_no_rule_is_told_so(file, content):
    arguments = ["subscriptions", "match", file(content), file(EVENT, "event.json")]
    with pytest.raises(Problem, match=r"rule\.json: "):
        CliRunner().invoke(app, arguments, catch_exceptions=False)


def test_a_stage_that_does_not_exist_is_told_so(file):
    with pytest.raises(Problem, match="There is no stage 'nowhere'"):
        CliRunner().invoke(app, ["subscriptions", "check", file(RULE), "--stage", "nowhere"], catch_exceptions=False)


@pytest.mark.parametrize("written", ["500", "-1", "+7", "1_000", "0.5", ".5", "5.", "1.5e+3", "true", "False", "null"])
def test_what_yaml_reads_as_it_looks_is_taken(written):
    assert document_of(f"a: [{written}]") == yaml.safe_load(f"a: [{written}]")


def test_a_rule_that_hears_replays_alone_is_not_said_to_hear_live_events(file):
    code, [found] = checked(file({"detail-type": ["order.shipped"], "replay-name": [{"exists": True}]}))
    assert (code, found["verdict"]) == (0, "sometimes")
    assert found["reason"].startswith("hears replays or smoke orders of order.shipped v1 only, and not one where")


@pytest.mark.parametrize("name", ["EventPattern", "eventPattern", "event_pattern"])
def test_a_rule_as_cloudformation_the_cdk_or_terraform_writes_it_is_told_where_its_fields_belong(file, name):
    _, [found] = checked(file({name: {"source": ["orderwire.checkout"]}}))
    assert found["reason"] == f"declares a rule as AWS does: take what stands at /{name}, and put it under pattern:"


@pytest.mark.parametrize(("state", "code"), [("failed", 1), ("left", 3)])
def test_a_trial_that_did_not_arrive_and_one_that_nobody_can_see_exit_differently(capsys, state, code):
    with pytest.raises(typer.Exit) as stopped:
        conclude(TrialOutcome(state, "verify-1", "for a reason"), as_json=False)
    assert (stopped.value.exit_code, capsys.readouterr().out) == (code, f"{state}: for a reason\n")
    conclude(TrialOutcome("arrived", "verify-1", "it is there"), as_json=True)
    assert json.loads(capsys.readouterr().out)["state"] == "arrived"
