"""Which account and which stage a command works on, and whom it asks."""

import pytest

from infrastructure.stages import DEV
from orderwire.cli.account import account, agreed
from orderwire.problem import Problem


def test_a_stage_of_an_account_is_as_it_is_declared():
    client, stage = account("dev")
    assert stage == DEV
    assert client("sqs").meta.region_name == "eu-central-1"


def test_the_stage_of_this_machine_is_brought_into_no_account():
    with pytest.raises(Problem, match="Stage local is what `make run` starts on this machine"):
        account("local")


def test_a_stage_that_nobody_declared_is_refused():
    with pytest.raises(Problem, match=r"There is no stage moon\. .*local, dev, staging, prod"):
        account("moon")


def test_who_has_said_yes_is_not_asked():
    assert agreed(yes=True)("Make these changes?") is True
