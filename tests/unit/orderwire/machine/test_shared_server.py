"""The end of a laptop's server: what was asked is answered, and nothing that is idle holds it up."""

import socket
import struct
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.checkout_api.served import served_on_a_laptop

BODY = b'{"customer_id": '
HEAD = b"POST /nothing HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
ASKED = b"GET /catalog HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
LONG = 600


@pytest.fixture
def served():
    with served_on_a_laptop() as api:
        yield api


def connected(served):
    return socket.create_connection(("127.0.0.1", served.port), timeout=LONG)


def head_of(connection):
    return connection.recv(65536).partition(b"\r\n")[0]


def test_a_request_in_hand_is_answered_before_the_end_and_its_connection_closed(served):
    with connected(served) as connection, ThreadPoolExecutor(1) as pool:
        connection.sendall(HEAD % (len(BODY) + 2) + BODY)
        ending = pool.submit(served.server.finish, LONG)
        while not served.server.is_ending:
            time.sleep(0.01)
        time.sleep(0.2)
        assert not ending.done()
        connection.sendall(b"1}")
        said = b"".join(iter(lambda: connection.recv(65536), b""))
        assert said.startswith(b"HTTP/1.1 404")
        assert ending.result() is True


def test_a_request_that_takes_too_long_is_left(served):
    with connected(served) as connection:
        connection.sendall(HEAD % 9 + BODY[:5])
        time.sleep(0.2)  # until it is read
        assert served.server.finish(0.3) is False


def test_a_client_that_hangs_up_before_its_answer_leaves_no_traceback(served, capfd):
    for _ in range(20):
        with connected(served) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset
            connection.sendall(HEAD % 9 + BODY[:5])
    assert served.server.finish(LONG) is True
    assert "Traceback" not in capfd.readouterr().err


def test_a_connection_that_waits_for_another_request_holds_nothing_up(served):
    with connected(served) as connection, connected(served):  # and one that has never asked for anything
        connection.sendall(ASKED)
        assert head_of(connection) == b"HTTP/1.1 200 OK"
        assert served.server.finish(LONG) is True


def test_who_is_not_the_quicker_one_waits_for_no_connection(served):
    """Two processes hear of a connection, and one of them gets it."""
    with pytest.raises(BlockingIOError):
        served.server.get_request()
    with connected(served) as connection:
        connection.sendall(ASKED)
        assert head_of(connection) == b"HTTP/1.1 200 OK"
