"""Steps are taken in order; the first that fails says which, why, what is done, and how to go on."""

import pytest
from botocore.exceptions import ClientError

from orderwire.console.problem import Problem
from orderwire.release.steps import ReleaseStep, take

DENIED = ClientError({"Error": {"Code": "AccessDenied", "Message": "not yours"}}, "CreateChangeSet")


def steps(taken, failing=None, error=None):
    def run(name):
        def act():
            taken.append(name)
            if name == failing:
                raise error

        return act

    return [ReleaseStep(name, f"orderwire {name} dev", run(name)) for name in ("check", "infra", "deploy")]


def test_steps_are_taken_in_order_and_told():
    taken, told = [], []
    take(steps(taken), "orderwire release dev", told.append)
    assert taken == ["check", "infra", "deploy"]
    assert told == ["[1/3] check", "[2/3] infra", "[3/3] deploy"]


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (Problem("data would be lost"), "data would be lost"),
        (DENIED, "AWS says: .*not yours"),
    ],
)
def test_a_step_that_fails_stops_the_rest_and_says_how_to_go_on(error, why):
    taken = []
    with pytest.raises(Problem, match=f"Stopped at step 2 of 3, infra: {why}") as stopped:
        take(steps(taken, "infra", error), "orderwire release dev", lambda line: None)
    assert taken == ["check", "infra"]
    assert str(stopped.value).splitlines()[1:] == [
        "Done, and it stays: check.",
        "Once the reason is gone: orderwire release dev (or this step alone: orderwire infra dev)",
    ]


def test_a_step_that_undoes_what_was_done_says_itself_what_there_is_now():
    def take_with(undo):
        told = []
        first, failing, last = steps([], "infra", Problem("no order"))
        undoing = ReleaseStep(failing.does, failing.command, failing.run, lambda why: undo(str(why), told))
        with pytest.raises(Problem) as stopped:
            take([first, undoing, last], "orderwire release dev", lambda line: None)
        return told, str(stopped.value)

    assert take_with(lambda why, told: told.append(why) or "all as before") == (["no order"], "all as before")
    told, said = take_with(lambda why, told: told.append(why))
    assert told == ["no order"]
    assert said.startswith("Stopped at step 2 of 3, infra: no order\nDone, and it stays: check.")


def test_a_first_step_that_fails_has_done_nothing():
    with pytest.raises(Problem, match="Nothing was done"):
        take(steps([], "check", Problem("not committed")), "orderwire release dev", lambda line: None)


def test_a_mistake_of_ours_is_not_hidden():
    with pytest.raises(KeyError):
        take(steps([], "infra", KeyError("oops")), "orderwire release dev", lambda line: None)


def test_whoever_interrupts_is_told_what_stays_and_how_to_go_on():
    told = []
    with pytest.raises(KeyboardInterrupt):
        take(steps([], "infra", KeyboardInterrupt()), "orderwire release dev", told.append)
    assert told[-1] == "left in the middle of infra, and what was done stays; to go on: orderwire release dev"
