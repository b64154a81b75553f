"""The runbook: each alarm has a section and each section an alarm, and its commands exist as they are written."""

import re
import shlex

import pytest
from botocore import xform_name
from botocore.session import Session
from typer.main import get_command

from consumers.registry import consumers
from infrastructure.alarms.resources import RUNBOOK
from infrastructure.documents import alarm_figures, objectives, runbook, spell
from infrastructure.functions import functions
from infrastructure.render import ROOT
from infrastructure.stack.subscription import template as subscription
from infrastructure.stack.template import template
from infrastructure.stages import STAGES
from infrastructure.subscriptions.files import load
from orderwire.__main__ import app
from tests.support.infrastructure.aws_metrics import exists

TEXT = (ROOT / RUNBOOK).read_text()
SECTIONS = dict(re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL))
SUBSCRIPTIONS = [subscription(file) for file in load() if not file.topic]


def alarms(stack):
    resources = stack.to_dict()["Resources"].values()
    return [each["Properties"] for each in resources if each["Type"] == "AWS::CloudWatch::Alarm"]


ALARMS = alarms(template())
"""Those of the stage."""
THEIRS = [alarm for stack in SUBSCRIPTIONS for alarm in alarms(stack)]
"""Those of other teams' subscriptions."""

CODE = re.findall(r"`([^`\n]+)`", TEXT) + [
    line.removeprefix("$ ")
    for block in re.findall(r"```console\n(.*?)```", TEXT, re.DOTALL)
    for line in block.splitlines()
]
ORDERWIRE = sorted({line for line in CODE if line.startswith("orderwire ")})
AWS = sorted({found for line in CODE for found in re.findall(r"\baws ([a-z0-9]+) ([a-z-]+)", line)})
TERM, COMPARED = r'[?-]?(\w+|"[^"]+")', r'\$(\.\w+)+ !?= (\w+|"[^"]+")'
"""Of CloudWatch Logs' filter patterns, for plain text and for JSON."""
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PATTERNS = sorted(
    {found for each in DOCUMENTS for found in re.findall(r"--filter-pattern '([^']*)'", each.read_text())}
)
ONLY_IN_THE_COMMAND = {("logs", "tail")}
"""What `aws` has besides the services' operations."""


def test_every_alarm_names_a_section_and_every_section_has_an_alarm():
    named = {each["AlarmDescription"].rsplit(f"{RUNBOOK}#", 1)[1] for each in [*ALARMS, *THEIRS]}
    assert named == set(SECTIONS)


def test_an_alarm_is_named_after_its_section():
    for alarm in [*ALARMS, *THEIRS]:
        section = alarm["AlarmDescription"].rsplit("#", 1)[1]
        assert alarm["AlarmName"]["Fn::Sub"].startswith(f"orderwire-${{Stage}}-{section}")


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_says_what_it_means_what_to_look_at_what_to_do_and_when_it_is_over(section):
    text = SECTIONS[section]
    for part in (
        r"\*\*What it means\.\*\*",
        r"\*\*Look(\.| and do\.)\*\*",
        r"\*\*(Do\.|Look and do\.)\*\*",
        r"\*\*Over\*\*",
    ):
        assert re.search(part, text), part


@pytest.mark.parametrize("line", ORDERWIRE)
def test_a_command_of_the_runbook_exists_with_these_arguments(line):
    words = shlex.split(line.split(" > ")[0].replace("...", "1"))[1:]
    command = get_command(app)
    while hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    command.make_context("orderwire", list(words))  # raises for an option or argument that there is not
    stages = {words[number + 1] for number, word in enumerate(words) if word == "--stage"} | (set(words) & set(STAGES))
    assert stages == {"prod"}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_filter_pattern_quotes_what_is_more_than_a_word(pattern):
    """CloudWatch Logs takes a term with other characters than letters, digits and _ in double quotes only."""
    if pattern.startswith("{"):
        assert re.fullmatch(rf"{{ {COMPARED}( (\|\||&&) {COMPARED})* }}", pattern)
    else:
        assert re.fullmatch(rf"{TERM}( {TERM})*", pattern)


@pytest.mark.parametrize("pattern", ["?ERROR ?Runtime.ImportModuleError", "Task timed-out"])
def test_a_filter_pattern_that_logs_would_not_take_is_found(pattern):
    assert not re.fullmatch(rf"{TERM}( {TERM})*", pattern)


def test_the_metrics_it_asks_for_are_sent_under_these_dimensions():
    asked = [line for line in CODE if "get-metric-statistics" in line]
    found = {metric for line in asked for metric in metrics_of(line)}
    assert len(found) > len(asked)
    assert [each for each in found if not exists(*each[:2], set(each[2]))] == []


def metrics_of(line):
    """(namespace, name, dimensions) for each value that the loop around the command, if there is one, gives it."""
    loop = re.match(r"for (\w+) in ([\w ]+);", line)
    for value in loop[2].split() if loop else [""]:
        words = shlex.split(re.sub(rf"\$({loop[1]}\b|{{{loop[1]}}})", value, line) if loop else line)
        namespace, name = (words[words.index(option) + 1] for option in ("--namespace", "--metric-name"))
        yield namespace, name, tuple(re.findall(r"Name=(\w+),Value=", " ".join(words)))


@pytest.mark.parametrize(("service", "operation"), AWS, ids=" ".join)
def test_an_aws_command_of_the_runbook_exists(service, operation):
    known = {xform_name(name, "-") for name in Session().get_service_model(service).operation_names}
    assert operation in known or (service, operation) in ONLY_IN_THE_COMMAND


def test_the_log_groups_and_queues_it_names_are_there():
    groups = {f"/aws/lambda/{function.lambda_name('prod')}" for function in functions()} | {
        "/aws/apigateway/orderwire-prod"
    }
    assert set(re.findall(r"/aws/(?:lambda|apigateway)/[a-z_-]+", TEXT)) <= groups


def test_links_lead_to_its_own_sections():
    assert set(re.findall(r"\]\(#([^)]+)\)", TEXT)) <= set(SECTIONS)


def test_what_it_says_of_numbers_is_of_the_declarations():
    assert runbook(TEXT) == TEXT, "run `make render`"
    figures = alarm_figures()
    assert f"{len(ALARMS)}, which read" in figures
    assert {len(alarms(stack)) for stack in SUBSCRIPTIONS} <= {3}
    for row in consumers():
        assert re.search(rf"\| {row.name} \| \d+ (s|min|h) \|", objectives())


@pytest.mark.parametrize(("seconds", "words"), [(480, "8 min"), (3600, "1 h"), (90, "90 s"), (21600, "6 h")])
def test_a_time_is_said_in_its_largest_whole_unit(seconds, words):
    assert spell(seconds) == words
