"""The rehearsal comes to its end, and all is as it must be. Nothing of it is left."""

import pytest

from tests.support.machine import command_lines

pytestmark = [pytest.mark.xdist_group("release")]


@pytest.fixture(scope="module")
def outcome(release):
    return release.rehearsal.ended[1]


def test_the_rehearsal_finds_nothing_wrong(release, outcome):
    assert [each for each in [*outcome["ends"], *outcome["checks"]] if each["wrong"]] == []
    assert (release.rehearsal.ended[0], outcome["good"]) == (0, True)


def test_it_released_updated_rolled_back_and_tore_down(outcome):
    steps = [step["what"] for step in outcome["steps"]]
    assert [steps.index(wanted) for wanted in ("releasing", "rolling back", "tearing down")] == sorted(
        steps.index(wanted) for wanted in ("releasing", "rolling back", "tearing down")
    )
    assert "updating a consumer, while orders are placed" in steps
    assert "ordering from one stack" in steps


def test_orders_of_every_kind_came_to_their_ends(outcome):
    ended = {end["ended"] for end in outcome["ends"]}
    assert ended >= {"confirmed", "processed", "shipped", "cancelled", "rejected", "payment_failed", "refunded"}
    assert {check["rule"][0] for check in outcome["checks"]} >= set("123456")


def test_nothing_of_it_is_left(release, outcome):
    folder = str(release.rehearsal.folder)
    assert [line for line in command_lines().values() if folder in line] == []
    assert sorted(path.name for path in release.rehearsal.folder.iterdir()) == ["errors", "home"]
    logs = sorted(path.name for path in (release.rehearsal.folder / "home").iterdir())
    assert logs == ["rehearsal-account.log", "rehearsal.log"]
