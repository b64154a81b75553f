"""What a machine remembers: one run at a time, a login that stays, a state that was true at one time."""

import json
import os
import socket
import stat
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderwire.console.problem import Problem
from orderwire.machine.engine.snapshot import Snapshot
from orderwire.machine.local import Ports
from orderwire.machine.pollers.pauses import LocalPauses
from orderwire.machine.ports import free_port, require_free
from orderwire.workplace.home import ROOT, Home, Login, Running

RUNNING = Running("http://127.0.0.1:4566", "http://127.0.0.1:8000", 4711)


def test_a_home_belongs_to_one_run_at_a_time_and_says_which(tmp_path):
    home = Home(tmp_path / "home")
    with home.held():
        home.announce(RUNNING)
        with pytest.raises(Problem, match="running here already, as process 4711"), home.held():
            pass
        assert home.running() == RUNNING
    assert home.running() is None
    with home.held():
        assert home.running() is None


def test_what_a_killed_run_announced_does_not_count(tmp_path):
    home = Home(tmp_path)
    script = (
        "import os, sys; from pathlib import Path; from orderwire.workplace.home import Home, Running\n"
        "home = Home(Path(sys.argv[1]))\n"
        "with home.held():\n"
        "    home.announce(Running('e', 'a', 1)); os._exit(9)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    assert subprocess.run([sys.executable, "-c", script, str(tmp_path)], env=environment).returncode == 9
    assert (tmp_path / "running.json").exists()
    assert home.running() is None


def test_a_home_in_use_is_not_forgotten(tmp_path):
    home = Home(tmp_path / "home")
    home.forget()  # there is nothing to forget
    with home.held(), pytest.raises(Problem, match="running here already"):
        home.forget()
    home.forget()
    assert not home.path.exists()


def test_the_admins_login_stays_and_only_its_owner_may_read_it(tmp_path):
    home = Home(tmp_path)
    assert home.admin() is None
    home.keep_admin(Login("admin", "secret"))
    assert home.admin() == Login("admin", "secret")
    assert stat.S_IMODE((tmp_path / "admin.json").stat().st_mode) == 0o600


def modes(path):
    return {stat.S_IMODE(each.stat().st_mode) for each in path.rglob("*") if each.is_file()}


@pytest.mark.parametrize("umask", [0o000, 0o022])
def test_nobody_else_on_the_machine_may_look_into_the_home(tmp_path, umask):
    home, before = Home(tmp_path / "home"), os.umask(umask)
    try:
        with home.held():
            home.announce(RUNNING)
            home.keep_admin(Login("admin", "secret"))
            home.open_log("engine").close()
            LocalPauses(home.paused, lambda _: None).set("payment", True)
    finally:
        os.umask(before)
    assert {stat.S_IMODE(each.stat().st_mode) for each in (home.path, home.paused)} == {0o700}
    assert modes(home.path) == {0o600}


@pytest.mark.parametrize(("name", "mode"), [(".orderwire", 0o700), ("somebodys", 0o755)])
def test_a_home_of_an_earlier_version_is_closed_at_the_next_start_and_what_is_not_ours_stays(tmp_path, name, mode):
    home = Home(tmp_path / name)
    for name in ("state/sqs.json", "state/s3/bucket/key", "tmp/left", "engine.log", "running.json", "paused/payment"):
        (home.path / name).parent.mkdir(parents=True, exist_ok=True)
        (home.path / name).touch(0o666)
        (home.path / name).chmod(0o644)
    home.path.chmod(0o755)
    theirs = home.path / "package.json"
    theirs.touch()
    theirs.chmod(0o755)
    with home.held():
        assert stat.S_IMODE(home.path.stat().st_mode) == mode
        assert stat.S_IMODE(theirs.stat().st_mode) == 0o755
        theirs.unlink()
        assert modes(home.path) == {0o600}
        assert {stat.S_IMODE(each.stat().st_mode) for each in home.path.iterdir() if each.is_dir()} == {0o700}


def test_one_port_for_both_servers_is_refused_at_once():
    port = free_port()
    with pytest.raises(Problem, match=f"Port {port} is given to the API and to the embedded AWS"):
        Ports(port, port).require_free()
    Ports(port, 0).require_free()


def test_a_port_in_use_is_named_with_what_to_do():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Problem, match=f"Port {port}, for the API, is in use.*make run PORT=8001"):
            require_free(port, "the API", "make run PORT=8001")
    require_free(port, "the API", "make run PORT=8001")


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_number_that_is_no_port_is_refused(port):
    with pytest.raises(Problem, match="is not a port"):
        require_free(port, "the API", "")


def test_a_free_port_is_free():
    require_free(free_port(), "anything", "")


def write(snapshot, run):
    """A service writes its two files, as ministack does at its stop."""
    for name in ("sqs", "dynamodb"):
        (snapshot.work / f"{name}.json").write_text(json.dumps(run))


def read(snapshot):
    return {json.loads(path.read_text()) for path in snapshot.work.glob("*.json")}


CRASHES = st.sampled_from(["none", "before", "half", "written", "moved-away"])


@given(st.lists(CRASHES, max_size=8))
def test_state_is_that_of_the_last_clean_stop_wherever_a_later_run_was_cut_off(tmp_path_factory, runs):
    folder, committed = tmp_path_factory.mktemp("home"), None
    for number, crash in enumerate(runs):
        snapshot = Snapshot(folder)
        assert snapshot.open() == (number > 0 and runs[number - 1] in {"before", "half", "written", "moved-away"})
        assert read(snapshot) == ({committed} if committed is not None else set())
        committed = number if play(snapshot, number, crash, folder) else committed
    snapshot = Snapshot(folder)
    snapshot.open()
    assert read(snapshot) == ({committed} if committed is not None else set())


def play(snapshot, number, crash, folder):
    """A run that is cut off at `crash`; returns whether its state counts."""
    if crash == "before":
        return False
    write(snapshot, number)
    if crash == "half":
        (snapshot.work / "dynamodb.json").write_text('"torn"')
    if crash == "none":
        snapshot.commit()
    if crash == "moved-away" and (folder / "state").exists():
        (folder / "state").rename(folder / "state.old")
    return crash == "none"


def test_a_run_that_never_began_was_not_cut_off(tmp_path):
    snapshot = Snapshot(tmp_path)
    snapshot.open()
    snapshot.discard()
    assert not Snapshot(tmp_path).open()
