"""The command itself: JSON for programs, and one clear line with exit code 2 for what a person can put right."""

import inspect
import io
import json
import logging
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from importlib import import_module
from importlib.metadata import version

import pytest
from typer.main import get_command

from orderwire.__main__ import app, main
from orderwire.cli.commands import COMMANDS
from orderwire.console.output import emit, plain, text
from orderwire.console.problem import Problem
from orderwire.console.signals import Stopped, stoppable
from orderwire.console.waiting import wait_until
from orderwire.machine.debugger import TERMINAL, PatientHandler
from orderwire.machine.plain_log import plain_line
from orderwire.operate.orders import list_orders, parse_items, shortfall
from orderwire.workplace.api_client import explained
from orderwire.workplace.home import ROOT
from tests.support.edges import NOON, moto_edges

CLI = ROOT / "orderwire" / "cli"


@pytest.fixture
def orderwire(capsys):
    """Runs a command in this process: (exit code, standard output, standard error)."""

    def run(*arguments):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        told = capsys.readouterr()
        return ended.value.code, told.out, told.err

    return run


def test_a_command_without_a_running_system_says_how_to_start_it_from_any_folder(tmp_path):
    done = subprocess.run(
        [sys.executable, "-P", "-m", "orderwire", "queues", "--home", "none"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr == "Orderwire is not running on this machine. Start it with: make run\n"
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_the_command_tells_its_version(orderwire):
    assert orderwire("--version") == (0, f"orderwire {version('orderwire')}\n", "")


def test_every_command_explains_itself_by_either_name_of_help(orderwire):
    group = get_command(app)
    for path in [[], *paths(group)]:
        short, long = orderwire(*path, "-h"), orderwire(*path, "--help")
        assert short == long, path
        assert short[0] == 0
        assert " ".join(["orderwire", *path]) in short[1]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_line_of_a_command_in_the_list_of_all_is_the_beginning_of_its_own_help(name):
    assert get_command(app).commands[name].help.startswith(COMMANDS[name].says.removesuffix("."))


def test_every_command_of_the_room_is_in_the_list():
    apps = [import_module(f"orderwire.cli.{path.stem}").__dict__.get("app") for path in CLI.glob("*.py")]
    written = {command.callback for each in apps if each for command in each.registered_commands}
    assert written == {inspect.unwrap(command.callback) for command in leaves(get_command(app))}


@pytest.mark.parametrize("asked", ["--version", "-h"])
def test_neither_the_version_nor_the_list_of_commands_takes_what_a_command_needs(asked):
    program = (
        "import sys; from orderwire.__main__ import main\n"
        f"try: main([{asked!r}])\n"
        "except SystemExit: print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert {"boto3", "botocore", "pydantic", "troposphere", "orderwire.cli.flow"} & {*done.stderr.split()} == set()


def leaves(group):
    """Every command that is no group of them."""
    for command in group.commands.values():
        yield from leaves(command) if hasattr(command, "commands") else [command]


def paths(group):
    """The words of every command and every group of them."""
    for name, command in getattr(group, "commands", {}).items():
        yield [name]
        yield from ([name, *rest] for rest in paths(command))


@pytest.mark.parametrize(
    "command",
    [
        "reconcile",
        "dlq list",
        "dlq show orders",
        "pause orders",
        "catalog list",
        "order list",
        "order show x",
        "mails",
        "order-log",
        "delivered",
    ],
)
def test_no_command_needs_more_than_one_line_to_say_so(command, orderwire, tmp_path):
    code, out, err = orderwire(*command.split(), "--home", str(tmp_path))
    assert (code, out) == (2, "")
    assert err == "Orderwire is not running on this machine. Start it with: make run\n"


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("queues --stage nowhere", "There is no stage 'nowhere'"),
        ("pause nobody", "There is no consumer 'nobody'. There are: orders, payment"),
        ("run --port 70000", "70000 is not a port"),
        ("catalog import README.nowhere", "does not exist"),
        ("order show", "Missing argument"),
        ("dlq redrive subscriptions", "no queue of ours to go back to: they end at people and other teams"),
        ("mails --text --stage dev", "SES keeps no mail that it has sent"),
        ("infra nowhere", "There is no stage 'nowhere'"),
        ("order place --item a --email a@b.example --wait nan", "nan is no length of time"),
        ("smoke local --patience -1", "-1 is no length of time"),
    ],
)
def test_bad_input_is_told_without_a_traceback(command, told, orderwire, tmp_path):
    code, _, err = orderwire(*command.split(), *(["--home", str(tmp_path)] if command.startswith("run") else []))
    assert code == 2
    assert told in " ".join(err.split())
    assert "Traceback" not in err


def test_routes_are_printed_as_json_for_programs(orderwire):
    code, out, _ = orderwire("routes", "--json")
    found = {each["event"]: each for each in json.loads(out)}
    assert found["order.created"]["heard_by"][:2] == ["orders", "payment"]
    assert code == 0


def test_a_bad_catalog_is_refused_with_its_line(orderwire, tmp_path):
    file = tmp_path / "bad.csv"
    file.write_text("sku,name\n1,2\n")
    code, _, err = orderwire("catalog", "import", str(file))
    assert code == 2
    assert f"{file}:1: the columns must be" in err


@dataclass
class Row:
    name: str
    total: Decimal
    at: datetime
    parts: tuple[str, ...]


def test_rows_are_a_table_for_people_and_objects_for_programs(capsys):
    rows = [Row("a", Decimal("9.90"), NOON, ("x", "y"))]
    emit(rows, True, "nothing")
    assert json.loads(capsys.readouterr().out) == [
        {"name": "a", "total": 9.9, "at": "2026-11-20T12:00:00.000Z", "parts": ["x", "y"]}
    ]
    emit(rows, False, "nothing")
    assert capsys.readouterr().out.split() == [
        "name",
        "total",
        "at",
        "parts",
        "a",
        "9.90",
        "2026-11-20",
        "12:00",
        "x,",
        "y",
    ]
    emit([], False, "nothing")
    assert capsys.readouterr().out == "nothing\n"
    emit([], True, "nothing")
    assert json.loads(capsys.readouterr().out) == []


def test_values_are_told_in_few_words():
    assert [text(each) for each in (None, True, False, 3)] == ["-", "yes", "no", "3"]
    with pytest.raises(TypeError, match="is no plain data"):
        plain(object())


def test_items_are_read_as_sku_and_quantity():
    assert parse_items(["book-1=2", "book-2"]) == [{"sku": "book-1", "quantity": 2}, {"sku": "book-2", "quantity": 1}]


@pytest.mark.parametrize("item", ["", "=2", "book-1=", "book-1=two", "book-1=-1", "book-1=1.5"])
def test_an_item_that_is_none_is_refused(item):
    if item == "book-1=":
        assert parse_items([item]) == [{"sku": "book-1", "quantity": 1}]
    else:
        with pytest.raises(Problem, match="is not an item"):
            parse_items([item])


SHORT = {"sku": "book-1", "requested": 5, "available": 4}


@pytest.mark.parametrize(("order", "told"), [
    ({"status": "rejected", "inventory": {"shortages": [SHORT]}}, "too few copies: 5 of book-1, 4 there."),
    ({"status": "payment_failed"}, "The payment was refused."),
    ({"status": "cancelled"}, "The order was cancelled."),
    ({"status": "refunded"}, "The order was refunded."),
    ({"status": "pending"}, "ord_1 was accepted, but is not settled after 2 s; it goes on."),
])  # fmt: skip
def test_an_order_of_which_nothing_comes_says_why(order, told):
    assert shortfall({"order_id": "ord_1", **order}, 2).endswith(told)


def test_an_order_that_goes_its_way_has_no_shortfall():
    assert [shortfall({"status": status}, 2) for status in ("confirmed", "processed", "shipped")] == [None] * 3
    assert shortfall({"status": "placing"}, 0) is None


def test_a_status_that_there_is_not_is_refused():
    with moto_edges() as edges:
        assert list_orders(edges, "confirmed", 10) == []
        with pytest.raises(Problem, match="There is no status 'lost'"):
            list_orders(edges, "lost", 10)


def test_a_problem_document_is_told_in_its_own_words():
    document = {"detail": "Not good.", "errors": [{"pointer": "/items/0", "detail": "is wrong"}]}
    assert explained(document) == "Not good. /items/0: is wrong"
    assert explained({"message": "no"}) == "{'message': 'no'}"
    assert explained("plain") == "plain"


def test_a_log_line_tells_what_happened_to_which_order_and_keeps_the_traceback():
    fields = {
        "level": "INFO",
        "timestamp": "2026-11-20 12:00:00,123+0000",
        "service": "payment",
        "message": "handled",
        "order_id": "ord_1",
        "event_type": "order.created",
        "event_id": "left out",
        "attempt": 2,
    }
    assert plain_line(fields) == "12:00:00,123  payment       handled  order.created  ord_1  attempt=2"
    assert plain_line({**fields, "exception": "Traceback: x"}).endswith("attempt=2\nTraceback: x")


def test_a_signal_is_noted_and_raised_where_something_is_waited_for():
    cleaned = []
    with stoppable():
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(Stopped):
            wait_until(lambda: False, 60)
        os.kill(os.getpid(), signal.SIGINT)  # a second one does not disturb the clean-up
        cleaned.append(True)
    assert cleaned == [True]
    wait_until(lambda: False, 0)  # after the block nothing is noted any more


def test_what_is_logged_while_a_debugger_has_the_terminal_is_said_afterwards():
    stream, taken, looked = io.StringIO(), threading.Event(), threading.Event()
    handler = PatientHandler(stream)

    def debug():
        TERMINAL.take()
        taken.set()
        looked.wait(600)
        TERMINAL.give_back()

    thread = threading.Thread(target=debug)
    thread.start()
    taken.wait(600)
    handler.emit(logging.makeLogRecord({"msg": "meanwhile"}))
    assert stream.getvalue() == ""
    looked.set()
    thread.join(600)
    handler.emit(logging.makeLogRecord({"msg": "afterwards"}))
    assert stream.getvalue() == "meanwhile\nafterwards\n"
