"""Whatever an API that has much to do leaves unanswered: an order is placed once, and is not given up."""

import base64
import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest

from orderwire.console.problem import Problem
from orderwire.machine.ports import free_port
from orderwire.workplace.api_client import ApiClient, ApiWaits, decoded, one_time_code
from orderwire.workplace.home import Login

WAITS = ApiWaits(repeated=0.2, attempts=1000, pause=0.0)
GIVES_UP = ApiWaits(repeated=0.2, attempts=3, pause=0.01)
SILENT, CUT_OFF = "silent", "cut off"


@contextmanager
def shop(*answers, waits=WAITS):
    """A client of an API that does this with its first requests, and answers all later ones with 200; and what it was
    asked, as method, path and Idempotency-Key."""
    asked, waiting, over = [], list(answers), Event()

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked.append((self.command, self.path, self.headers["Idempotency-Key"]))
            match waiting.pop(0) if waiting else 200:
                case "silent":
                    over.wait()
                case "cut off":
                    pass
                case answer:
                    document = answer if isinstance(answer, dict) else {"status": answer}
                    body = json.dumps(document).encode()
                    self.send_response(document["status"])
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815

        def log_message(self, *_):
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        serving = Thread(target=server.serve_forever, args=[0.01])
        serving.start()
        try:
            yield ApiClient(f"http://127.0.0.1:{server.server_port}", waits=waits), asked
        finally:
            over.set()
            server.shutdown()
            serving.join()


@pytest.mark.parametrize("answer", [SILENT, CUT_OFF, 502, 503, 504])
@pytest.mark.parametrize("key", [None, "order-1"])
def test_an_order_that_is_not_answered_is_placed_again_under_the_same_key(answer, key):
    with shop(answer, answer) as (client, asked):
        assert client.place({"items": []}, key).status == 200
    assert len(asked) >= 3
    assert {each[:2] for each in asked} == {("POST", "/orders")}
    assert {sent for *_, sent in asked} == {key or asked[0][2]}
    assert asked[0][2]


def test_two_orders_without_a_key_have_two():
    with shop() as (client, asked):
        client.place({"items": []})
        client.place({"items": []})
    assert len({sent for *_, sent in asked}) == 2


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_what_changes_nothing_the_second_time_is_asked_again(method):
    with shop(SILENT, 503) as (client, asked):
        assert client.request(method, "/catalog/1").status == 200
    assert len(asked) >= 3


@pytest.mark.parametrize("busy", [503, CUT_OFF, SILENT])
@pytest.mark.parametrize(("action", "asked_for"), [
    ("ship", ("POST", "/orders/ord_1/ship")),
    ("cancel", ("DELETE", "/orders/ord_1")),
])  # fmt: skip
def test_a_decision_is_made_again_until_it_is_answered(busy, action, asked_for):
    with shop(busy) as (client, asked):
        assert client.decide("ord_1", action).status == 200
    assert {each[:2] for each in asked} == {asked_for}
    assert len(asked) >= 2


def test_a_decision_whose_answer_was_lost_is_found_made():
    with shop(CUT_OFF, {"status": 409, "order_status": "shipped"}) as (client, asked):
        assert client.decide("ord_1", "ship").status == 200
    assert [each[:2] for each in asked][-1] == ("GET", "/orders/ord_1")


@pytest.mark.parametrize(("before", "status"), [((), "cancelled"), ((), "shipped"), ((CUT_OFF,), "cancelled")])
def test_a_decision_that_comes_too_late_is_refused(before, status):
    """The order is what somebody else made of it, or what we did at an earlier time."""
    with shop(*before, {"status": 409, "order_status": status}) as (client, _):
        assert client.decide("ord_1", "ship").status == 409


def test_what_might_be_done_twice_is_waited_for_and_asked_once():
    with shop(503) as (client, asked):
        assert client.request("POST", "/catalog/1/stock", {"delta": 1}).status == 503
    with shop(CUT_OFF) as (client, more), pytest.raises(Problem, match="does not answer"):
        client.request("POST", "/catalog/1/stock", {"delta": 1})
    assert (len(asked), len(more)) == (1, 1)


def test_an_answer_that_is_no_sign_of_much_to_do_is_the_answer():
    with shop(409, 200) as (client, asked):
        assert client.place({"items": []}).status == 409
    assert len(asked) == 1


def test_what_stays_busy_or_silent_is_told_in_the_end():
    with shop(503, 503, 503, waits=GIVES_UP) as (client, asked):
        assert client.order("ord_1").status == 503
    with shop(SILENT, SILENT, SILENT, waits=GIVES_UP) as (client, more):  # noqa: SIM117
        with pytest.raises(Problem, match="does not answer: ReadTimeout"):
            client.order("ord_1")
    assert (len(asked), len(more)) == (3, 3)


def test_where_nobody_listens_it_is_said_at_once():
    patient = ApiWaits(attempts=2, pause=3600)
    with pytest.raises(Problem, match="does not answer: NewConnectionError"):
        ApiClient(f"http://127.0.0.1:{free_port()}", waits=patient).order("ord_1")


@pytest.mark.parametrize(("now", "code"), [(59, "287082"), (1111111109, "081804"), (2000000000, "279037")])
def test_a_code_is_what_an_authenticator_app_shows(now, code):
    """RFC 6238, appendix B, its last six digits."""
    assert one_time_code(base64.b32encode(b"12345678901234567890").decode(), now) == code


def test_an_admin_who_has_to_have_an_app_registers_one_and_is_in():
    due = {"status": 403, "type": "urn:orderwire:problem:authenticator-due", "secret": "MZXW6YTBOI", "session": "s"}
    with shop(due, {"status": 200, "token": "t"}) as (client, asked):
        client.as_admin(Login("smoke", "password"))
    assert [path for _, path, _ in asked] == ["/admin/login", "/admin/login/authenticator"]


def test_a_login_that_is_refused_says_why():
    with (
        shop({"status": 403, "detail": "The password must be reset first."}) as (client, _),
        pytest.raises(Problem, match="403: The password must be reset first"),
    ):
        client.as_admin(Login("smoke", "password"))


@pytest.mark.parametrize("said", ["<html>", "", "[" * 200_000])
def test_an_answer_that_cannot_be_read_is_text(said):
    assert decoded(said.encode()) == said
