"""What a rehearsal judges by, and how it fails."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from consumers.order_log import OrderLogConsumer
from consumers.registry import consumers
from consumers.runner.batch import deliver
from infrastructure.functions import functions, lambda_name
from infrastructure.stages import DEV
from orderwire.console.problem import Problem
from orderwire.stories.demo.command import ORDERS
from orderwire.stories.rehearsal.account import Account
from orderwire.stories.rehearsal.change import MARK, MODULE, change_consumer, new_code_runs
from orderwire.stories.rehearsal.checkout import Checkout
from orderwire.stories.rehearsal.in_place import InPlace, all_deployed, updated
from orderwire.stories.rehearsal.lines import PLAIN, followers, kind, one_of_each
from orderwire.stories.rehearsal.update import in_flight
from orderwire.workplace.home import ROOT
from orderwire.workplace.samples import load_orders
from tables.order_log import OrderLog
from tests.support.edges import NOON
from tests.support.events import created, event, notification, sqs_record
from tests.support.services.dynamodb import fake_edges

LINES = load_orders(ORDERS)
IN_PLACE = InPlace(
    layers={lambda_name(function, "dev"): 1 for function in functions()},
    sources={
        f"orderwire-dev-{row.name.replace('-', '_')}": ((f"orderwire-dev-{row.name}", "Enabled"),)
        for row in consumers()
    },
)


def later(found):
    return replace(found, layers={name: version + 1 for name, version in found.layers.items()})


def row(order, by_the_new=False):
    return SimpleNamespace(order_id=order, message=f"told{MARK if by_the_new else ''}")


def test_one_order_of_each_kind_is_placed_and_one_group_whole():
    taken = one_of_each(LINES)
    kinds = Counter(kind(line) for line in taken if not line.group)
    assert kinds.keys() == {kind(line) for line in LINES if not line.group}
    assert set(kinds.values()) == {1}
    [name] = {line.group.name for line in taken if line.group}
    assert [line for line in taken if line.group] == [line for line in LINES if line.group and line.group.name == name]


def test_who_follows_asks_for_nothing_special_and_was_not_there_before():
    taken = one_of_each(LINES)
    following = followers(LINES, taken, 12)
    assert len(following) == 12
    assert {kind(line) for line in following} == {PLAIN}
    assert not [line for line in following if line in taken]


def told_by(consumer):
    """What a consumer's handler writes into the order log about an order."""
    edges = fake_edges()
    consumer(edges)(deliver(sqs_record(notification(event(created("ord_1"))))))
    return OrderLog(edges).get(event(created("ord_1")).event_id).message


def test_the_changed_consumer_does_the_same_and_says_that_it_is_another(tmp_path):
    module = tmp_path / MODULE
    module.parent.mkdir()
    module.write_text((ROOT / MODULE).read_text())
    change_consumer(tmp_path)
    changed = {"__name__": "changed"}
    exec(compile(module.read_text(), MODULE, "exec"), changed)
    assert told_by(changed["OrderLogConsumer"]) == told_by(OrderLogConsumer) + MARK
    assert changed["on_records"].__name__ == "on_records"


def test_the_new_consumer_tells_of_all_that_came_after_the_update():
    rows = [row("a"), row("b"), row("c", True), row("d", True)]
    assert new_code_runs(rows, ["a"], ["b", "c"], ["d"]).wrong == ()


@pytest.mark.parametrize(
    ("rows", "wrong"),
    [
        ([row("a"), row("b")], "c is told of 0 times"),
        ([row("a"), row("b"), row("b"), row("c", True)], "b is told of 2 times"),
        ([row("a", True), row("b"), row("c", True)], "a was placed before the update, and is the new consumer's"),
        ([row("a"), row("b"), row("c")], "c was placed after the update, and is the old consumer's"),
    ],
)
def test_an_update_that_lost_repeated_or_did_not_take_is_found(rows, wrong):
    assert wrong in new_code_runs(rows, ["a"], ["b"], ["c"]).wrong


def test_an_update_without_orders_on_their_way_proves_nothing():
    orders = [SimpleNamespace(placed_at=NOON)]
    assert in_flight(orders, NOON, NOON).wrong == ()
    assert in_flight(orders, NOON + timedelta(seconds=1), NOON + timedelta(seconds=2)).wrong


def test_what_is_declared_is_deployed_and_fed():
    assert all_deployed(IN_PLACE, DEV, "updated").wrong == ()
    assert updated(IN_PLACE, later(IN_PLACE), "updated").wrong == ()


def test_what_is_missing_unknown_unfed_or_of_another_layer_is_found():
    payment = "orderwire-dev-payment"
    without = replace(IN_PLACE, layers={name: 1 for name in IN_PLACE.layers if name != payment})
    assert f"{payment} is missing" in all_deployed(without, DEV, "updated").wrong
    more = replace(IN_PLACE, layers={**IN_PLACE.layers, "orderwire-dev-old": 1})
    assert "orderwire-dev-old is not declared" in all_deployed(more, DEV, "updated").wrong
    unfed = replace(IN_PLACE, sources={**IN_PLACE.sources, payment: (("orderwire-dev-payment", "Disabled"),)})
    assert any(payment in wrong for wrong in all_deployed(unfed, DEV, "updated").wrong)
    mixed = replace(IN_PLACE, layers={**IN_PLACE.layers, payment: 2})
    assert "layers of versions [1, 2] are in use" in all_deployed(mixed, DEV, "updated").wrong


def test_a_function_that_kept_its_layer_was_not_updated():
    assert updated(IN_PLACE, IN_PLACE, "updated").wrong


def test_a_command_that_fails_is_told_with_its_last_words_and_its_log(tmp_path):
    checkout = Checkout(tmp_path, Account("https://127.0.0.1:1", tmp_path / "server.crt"), tmp_path / "rehearsal.log")
    with pytest.raises(Problem) as told:
        checkout.run(["sh", "-c", "echo first; echo the reason >&2; exit 3"], "orderwire release dev")
    assert "`orderwire release dev` failed (exit code 3):\nfirst\nthe reason\n" in str(told.value)
    assert str(tmp_path / "rehearsal.log") in str(told.value)


def test_what_commands_say_is_kept_one_after_the_other(tmp_path):
    checkout = Checkout(tmp_path, Account("https://127.0.0.1:1", tmp_path / "server.crt"), tmp_path / "rehearsal.log")
    assert checkout.run(["echo", "one"], "first") == "one\n"
    assert checkout.run(["echo", "two"], "second") == "two\n"
    assert checkout.said() == "\n$ first\none\n\n$ second\ntwo\n"
