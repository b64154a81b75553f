"""However a run ends, nothing of it goes on; what happened before a clean end is there again, and nothing is torn."""

import os
import signal
import socket
import subprocess

import pytest

from orderwire.console.waiting import wait_until
from tests.support.machine import PATIENCE, copy_of_checkout, machine

pytestmark = pytest.mark.xdist_group("machine-ends")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy, so that somebody who edits the checkout meanwhile restarts nothing here."""
    return copy_of_checkout(tmp_path_factory.mktemp("ends"))


@pytest.fixture
def shop(tmp_path, checkout):
    with machine(tmp_path / "home", checkout) as made:
        yield made


def test_what_happened_is_there_again_after_ctrl_c_until_it_is_forgotten_on_purpose(shop):
    shop.start()
    order_id = shop.place()
    assert shop.settles(order_id, "confirmed")
    password = shop.output.split("password ")[1].split()[0]
    assert shop.stop() == 0
    assert shop.left_over() == []

    shop.start()
    assert shop.status(order_id) == "confirmed"
    assert password in shop.output
    shop.admin.decide(order_id, "process").require_ok()
    assert shop.settles(shop.place(), "confirmed")
    refused = shop.orderwire("clean")
    assert (refused.code, "running here already" in refused.err) == (2, True)
    shop.stop()

    assert shop.orderwire("clean").code == 0
    assert not shop.home.exists()
    shop.start()
    assert shop.api.order(order_id).status == 404
    assert password not in shop.output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_the_one_process_ends_all(shop, number):
    shop.start()
    os.kill(shop.process.pid, number)
    assert shop.wait() == 0
    assert shop.left_over() == []


def test_nothing_outlives_a_run_that_was_killed_and_no_order_is_lost_by_that(shop):
    shop.start()
    order_id = shop.place()
    assert shop.settles(order_id, "confirmed")
    os.kill(shop.process.pid, signal.SIGKILL)
    shop.wait()
    assert shop.left_over() == []
    shop.start()
    assert shop.status(order_id) == "confirmed"
    assert "cut off" not in shop.output


def test_a_killed_engine_ends_the_run_with_its_reason_and_the_next_one_goes_on_from_the_last_clean_stop(shop):
    shop.start()
    kept = shop.place()
    assert shop.settles(kept, "confirmed")
    shop.stop()

    shop.start()
    lost = shop.place()
    os.kill(shop.process_of("orderwire.machine.engine.server"), signal.SIGKILL)
    assert shop.wait() == 2
    assert "The embedded AWS has ended (exit code -9)" in shop.output
    assert "Traceback" not in shop.output
    assert shop.left_over() == []

    shop.start()
    assert "the last run was cut off: going on from its last clean stop" in shop.output
    assert shop.status(kept) == "confirmed"
    assert shop.api.order(lost).status == 404


def test_a_killed_worker_ends_the_run_with_its_reason(shop):
    shop.start()
    os.kill(shop.process_of("orderwire.machine.worker"), signal.SIGKILL)
    assert shop.wait() == 2
    assert "The API and the consumers have ended by themselves." in shop.output
    assert shop.left_over() == []


def test_a_start_that_is_cut_short_at_any_step_leaves_nothing_behind_that_the_next_one_stumbles_over(shop):
    for step in ("starting the embedded AWS", "bringing up the stack", "starting the API"):
        shop.begin()
        assert shop.tells(step), shop.output
        shop.stop()
        assert "Traceback" not in shop.output
        assert shop.left_over() == []
    shop.start()


def test_a_run_that_follows_its_parent_ends_when_that_is_killed(shop):
    parent = subprocess.Popen(
        ["sh", "-c", '"$@"; exit 0', "sh", *shop.run_command],
        env=shop.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert wait_until(lambda: (shop.home / "running.json").exists(), PATIENCE)
    parent.kill()
    parent.wait()
    assert shop.left_over() == []


@pytest.mark.parametrize("use", ["API", "embedded AWS"])
def test_a_port_in_use_is_named_and_nothing_is_started(shop, use):
    port = shop.port if use == "API" else shop.engine_port
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        shop.begin()
        assert shop.wait() == 2
        assert shop.processes() == {}
    assert f"Port {port}, for the {use}, is in use by another program." in shop.output
    assert "make run" in shop.output
    assert "Traceback" not in shop.output
