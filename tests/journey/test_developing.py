"""Somebody develops while the system runs: saved files are picked up, and a debugger opens in a consumer."""

import os
import pty
import re
import select
import signal
import threading
import time
from http.client import HTTPConnection, HTTPException

import pytest

from orderwire.console.problem import Problem
from orderwire.console.waiting import wait_until
from tests.support.machine import PATIENCE, copy_of_checkout, machine

pytestmark = pytest.mark.xdist_group("developing")


@pytest.fixture
def shop(tmp_path):
    with machine(tmp_path / "home", copy_of_checkout(tmp_path)) as made:
        yield made


def edit(shop, file, old, new):
    path = shop.checkout / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def health(shop):
    try:
        return shop.api.request("GET", "/health").body
    except Problem:
        return None


def test_a_saved_file_is_picked_up_while_the_engine_goes_on(shop):
    shop.start()
    order_id, engine = shop.place(), shop.process_of("orderwire.machine.engine.server")
    assert shop.settles(order_id, "confirmed")
    edit(shop, "checkout_api/routes/service.py", '"ok"', '"as good as new"')
    assert wait_until(lambda: (health(shop) or {}).get("status") == "as good as new", PATIENCE), shop.output
    assert "checkout_api/routes/service.py saved" in shop.output
    assert shop.process_of("orderwire.machine.engine.server") == engine
    assert shop.status(order_id) == "confirmed"
    assert shop.settles(shop.place(), "confirmed")


class Asking:
    """Clients that ask for the catalog, each on a connection of its own, all the time; `refused` is what they were not
    answered."""

    def __init__(self, port):
        self._port, self._stop = port, threading.Event()
        self.answered, self.refused = 0, []

    def __enter__(self):
        self._threads = [threading.Thread(target=self._ask) for _ in range(2)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _ask(self):
        while not self._stop.is_set():
            connection = HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
            try:
                connection.request("GET", "/catalog")
                answer = connection.getresponse()
                answer.read()
                self.answered += 1
                if answer.status != 200:
                    self.refused.append(answer.status)
            except (OSError, HTTPException) as error:
                self.refused.append(repr(error))
            finally:
                connection.close()


def test_no_request_is_refused_while_a_saved_file_is_taken_up(shop):
    shop.start()
    with Asking(shop.port) as asking:
        for before, after in (('"ok"', '"good"'), ('"good"', '"better"')):
            edit(shop, "checkout_api/routes/service.py", before, after)
            assert wait_until(lambda: health(shop)["status"] == after.strip('"'), PATIENCE), shop.output  # noqa: B023
        assert wait_until(lambda: shop.output.count("is served by what was saved") == 2, PATIENCE)
    assert (asking.refused, asking.answered > 20) == ([], True)
    shop.process_of("orderwire.machine.worker")  # the others are gone


def test_an_error_in_a_saved_file_is_told_and_the_next_save_mends_it(shop):
    shop.start()
    edit(shop, "consumers/orders.py", "class OrdersConsumer:", "class OrdersConsumer(:")
    assert wait_until(lambda: "Waiting for the next saved file." in shop.output, PATIENCE), shop.output
    assert "SyntaxError" in shop.output
    assert re.search(r'File ".*consumers/orders.py", line \d+', shop.output)
    assert "Until then the code from before goes on." in shop.output
    assert shop.settles(shop.place(), "confirmed")
    assert not shop.ended
    edit(shop, "consumers/orders.py", "class OrdersConsumer(:", "class OrdersConsumer:")
    assert wait_until(lambda: "is served by what was saved" in shop.output, PATIENCE), shop.output
    assert shop.settles(shop.place(), "confirmed")


def test_a_run_starts_while_a_consumer_is_broken_and_waits_for_its_repair(shop):
    edit(shop, "consumers/payment.py", "class PaymentConsumer:", "clas PaymentConsumer:")
    shop.begin()
    assert wait_until(lambda: "Waiting for the next saved file." in shop.output, PATIENCE), shop.output
    assert "goes on" not in shop.output
    assert health(shop) is None
    edit(shop, "consumers/payment.py", "clas PaymentConsumer:", "class PaymentConsumer:")
    assert wait_until(lambda: "takes orders at" in shop.output, PATIENCE), shop.output
    assert shop.stop() == 0
    assert shop.left_over() == []


class Terminal:
    """A terminal in which a command runs; `seen` is all that it has shown."""

    def __init__(self, command, environment):
        self.pid, self._descriptor = pty.fork()
        if self.pid == 0:
            os.execve(command[0], command, environment)
        self.seen = ""

    def read(self, seconds=0.1):
        """What has been shown since the last look."""
        ready, _, _ = select.select([self._descriptor], [], [], seconds)
        try:
            new = os.read(self._descriptor, 65536).decode(errors="replace") if ready else ""
        except OSError:  # the other side has hung up
            new = ""
        self.seen += new
        return new

    def shows(self, text):
        deadline = time.monotonic() + PATIENCE
        while text not in self.seen and time.monotonic() < deadline:
            self.read()
        return text in self.seen

    def type(self, text):
        os.write(self._descriptor, text.encode())

    def close(self):
        os.close(self._descriptor)
        os.waitpid(self.pid, 0)


def test_a_breakpoint_in_a_consumer_opens_the_debugger_and_the_order_settles_after_it(shop):
    edit(
        shop,
        "consumers/orders.py",
        '        """Stores the order as it is after the event; nothing follows from that."""\n',
        "        breakpoint()\n",
    )
    terminal = Terminal(shop.run_command, shop.environment)
    try:
        assert terminal.shows("takes orders at"), terminal.seen
        order_id = shop.place()
        assert terminal.shows("(Pdb)"), terminal.seen
        terminal.type("p delivery.event.data.order_id\n")
        assert terminal.shows(f"'{order_id}'"), terminal.seen
        continued = 0
        deadline = time.monotonic() + PATIENCE
        terminal.type("c\n")
        while shop.status(order_id) != "confirmed" and time.monotonic() < deadline:
            if "(Pdb)" in terminal.read():
                terminal.type("c\n")
                continued += 1
        assert shop.status(order_id) == "confirmed", terminal.seen
        assert continued >= 2  # the order's other events
        terminal.type("\x03")
        assert terminal.shows("stopped; what happened is kept"), terminal.seen
    finally:
        if shop.processes():
            os.kill(terminal.pid, signal.SIGKILL)
        terminal.close()
    assert shop.left_over() == []


def test_ctrl_c_at_the_debuggers_prompt_ends_everything(shop):
    edit(
        shop,
        "consumers/orders.py",
        "        self._orders.change(",
        "        breakpoint()\n        self._orders.change(",
    )
    terminal = Terminal(shop.run_command, shop.environment)
    try:
        assert terminal.shows("takes orders at"), terminal.seen
        shop.place()
        assert terminal.shows("(Pdb)"), terminal.seen
        terminal.type("\x03")
        assert terminal.shows("stopped; what happened is kept"), terminal.seen
    finally:
        if shop.processes():
            os.kill(terminal.pid, signal.SIGKILL)
        terminal.close()
    assert shop.left_over() == []
