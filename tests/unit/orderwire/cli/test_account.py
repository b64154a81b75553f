"""Which account and which stage a command works on, and whom it asks."""

from io import StringIO

import pytest
from rich.console import Console

from infrastructure.stages import DEV
from orderwire.cli.account import account, agreed, reviewer
from orderwire.cloudformation.changes import ResourceChange
from orderwire.console.problem import Problem
from orderwire.workplace.stage import stage_named


def test_a_stage_of_an_account_is_as_it_is_declared():
    client, stage = account("dev")
    assert stage == DEV
    assert client("sqs").meta.region_name == "eu-central-1"


def test_the_stage_of_this_machine_is_brought_into_no_account():
    with pytest.raises(Problem, match="Stage local is what `make run` starts on this machine"):
        account("local")


def test_a_stage_that_nobody_declared_is_refused():
    with pytest.raises(Problem, match=r"There is no stage 'moon'\. .*local, dev, staging, prod"):
        account("moon")


def test_in_the_embedded_aws_functions_run_on_this_machine():
    emulated = stage_named("prod", emulated=True)
    assert (emulated.emulated, emulated.architecture, emulated.python) == (True, None, None)


def test_a_change_is_a_line_in_a_log_however_long_its_names_are():
    log = StringIO()
    long = ResourceChange(
        "Modify",
        "UndeliveredFulfilmentOrdersAlarm",
        "AWS::CloudWatch::CompositeAlarm",
        "perhaps",
        "Properties.AlarmRule",
    )
    reviewer("dev", Console(file=log), agreed(yes=True), (), [])([long])
    assert [line.split() for line in log.getvalue().splitlines()[1:]] == [
        ["Modify", long.logical_id, long.type, "perhaps", "Properties.AlarmRule"]
    ]


def test_who_has_said_yes_is_not_asked():
    assert agreed(yes=True)("Make these changes?") is True
