"""`orderwire run`: the system runs until it is stopped; a saved file restarts what is ours, never the engine."""

import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager

from orderwire.console.output import err, out
from orderwire.console.problem import Problem
from orderwire.console.signals import Parent, Stopped, check, stoppable
from orderwire.machine.local import Local, Ports, WorkerBroken, local_engine
from orderwire.machine.watch import Saved, watching
from orderwire.workplace.home import Home

GLANCE_SECONDS = 0.2

FIRST_ORDER = """\
  curl -s {api}/orders -H 'Content-Type: application/json' -d '{{"customer_id": "cust-1", \
"customer_email": "ada@example.com", "payment_token": "tok_ok", "items": [{{"sku": "{sku}", "quantity": 1}}]}}'"""


def run(home: Home, ports: Ports, json_log: bool, with_parent: bool) -> None:
    """Runs until a signal, or with `with_parent` until the process that started us is gone. Raises Problem."""
    parent = Parent()
    try:
        with (
            stoppable(),
            kept_terminal(),
            watching() as saved,
            local_engine(home, ports, step, json_log=json_log) as local,
        ):
            start(local)
            while not (with_parent and parent.gone):
                check()
                glance(local, saved)
    except Stopped:
        pass
    step(f"stopped; what happened is kept in {home.path} and is there again at the next start")


def glance(local: Local, saved: Saved) -> None:
    local.engine.require_alive()
    if local.worker.ended:
        raise Problem("The API and the consumers have ended by themselves.")
    if files := saved.within(GLANCE_SECONDS):
        step(f"{', '.join(files)} saved: restarting the API and the consumers")
        start(local)


def start(local: Local) -> None:
    """Starts the worker, and says how to place an order once it is up; or why the code as it is saved cannot be run."""
    began, known = time.monotonic(), local.home.running()
    try:
        api = local.start(step)
    except WorkerBroken as error:
        goes_on = " Until then the code from before goes on." if local.worker.serves else ""
        step(f"{error} Waiting for the next saved file.{goes_on}")
        return
    if known:
        step(f"{api} is served by what was saved, after {time.monotonic() - began:.1f} s")
    else:
        out.print(welcome(local, api), highlight=False, markup=False, soft_wrap=True)


def welcome(local: Local, api: str) -> str:
    login = local.admin
    return "\n".join(
        [
            "",
            f"Orderwire takes orders at {api} (the shop in a browser; {api}/catalog as data)",
            f"  the admin page is {api}/admin, its login {login.username}, password {login.password}",
            f"  the embedded AWS is at {local.engine.endpoint}, its log is {local.home.log('engine')}",
            "",
            "Place an order:",
            FIRST_ORDER.format(api=api, sku="9780141439518"),
            "",
            "Saved files are picked up. breakpoint() in a consumer opens the debugger here. Ctrl-C stops everything.",
            "",
        ]
    )


def step(what: str) -> None:
    err.print(what, style="dim", highlight=False, markup=False, soft_wrap=True)


@contextmanager
def kept_terminal() -> Iterator[None]:
    """Leaves the terminal as it was: a worker that is stopped at a debugger's prompt cannot."""
    if not sys.stdin.isatty():
        yield
        return
    before = termios.tcgetattr(sys.stdin)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
