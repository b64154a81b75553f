"""The steps of a release are those that docs/release.md lists, and each is a command."""

import re
from dataclasses import replace

import boto3
import pytest
from typer.main import get_command

from infrastructure.render import ROOT
from infrastructure.stages import PROD
from orderwire.__main__ import app
from orderwire.cloudformation.stack import agree_to_all
from orderwire.release.release import Making
from tests.support.edges import NOON

DOCS = (ROOT / "docs/release.md").read_text()
TABLE = re.findall(r"^\| ([A-Za-z ]+) \| (?:`([^`]+)`)? ?\|", DOCS, re.MULTILINE)


def steps(stage):
    return Making(boto3.client, stage, print, agree_to_all, lambda: NOON, print, {}).steps()


def test_the_steps_are_taken_in_the_order_in_which_they_are_documented():
    listed = [(does, command) for does, command in TABLE if does != "step"]
    commands = {step.does: step.command.replace("prod", "dev") for step in steps(PROD)}
    commands["history"] = ""
    assert listed == list(commands.items())


@pytest.mark.parametrize("step", steps(PROD), ids=lambda step: step.does)
def test_each_step_is_a_command(step):
    program, *words = step.command.split()
    command = get_command(app)
    assert program == "orderwire"
    for word in words[: words.index("--stage") if "--stage" in words else -1]:
        command = command.commands[word]


def test_the_embedded_aws_which_has_no_schema_registry_is_spared_that_step():
    does = [step.does for step in steps(PROD)]
    assert [step.does for step in steps(replace(PROD, emulated=True))] == [each for each in does if each != "schemas"]


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\]\((?!https?:|#)([^)#]+)\)", DOCS))))
def test_a_link_of_the_walkthrough_leads_to_a_file(path):
    assert (ROOT / "docs" / path).exists()


@pytest.mark.parametrize("anchor", sorted(set(re.findall(r"\]\(#([^)]+)\)", DOCS))))
def test_a_link_within_the_walkthrough_leads_to_a_heading(anchor):
    headings = re.findall(r"^#+ (.+)$", DOCS, re.MULTILINE)
    assert anchor in {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}
