"""Requests whose length cannot be told, against the API on a laptop: each is refused, and nothing after it is read."""

import io
import json
import socket
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderwire.console.output import UNPRINTABLE
from orderwire.machine.bodies import LARGEST, BodyTooLarge, BodyUnreadable, read_body
from tests.support.checkout_api.served import served_on_a_laptop

CHUNKED = "Transfer-Encoding: chunked"
MALFORMED = {
    "a length that is no number": ("Content-Length: abc", b"{}"),
    "a hexadecimal length": ("Content-Length: zz", b"{}"),
    "a negative length": ("Content-Length: -1", b"{}"),
    "a length with a sign": ("Content-Length: +2", b"{}"),
    "a length as Python writes it": ("Content-Length: 1_0", b"{}        "),
    "a length in digits of another script": ("Content-Length: \u0662", b"{}"),
    "an empty length": ("Content-Length:", b"{}"),
    "a length without an end": ("Content-Length: " + "9" * 5000, b"{}"),
    "two lengths": ("Content-Length: 2\r\nContent-Length: 3", b"{}"),
    "a length and chunks": (f"Content-Length: 2\r\n{CHUNKED}", b"2\r\n{}\r\n0\r\n\r\n"),
    "another coding": ("Transfer-Encoding: gzip, chunked", b"0\r\n\r\n"),
    "a coding that is unknown": ("Transfer-Encoding: identity", b"{}"),
    "chunks twice": (f"{CHUNKED}\r\n{CHUNKED}", b"0\r\n\r\n"),
    "a negative chunk": (CHUNKED, b"-1\r\n{}\r\n0\r\n\r\n"),
    "a chunk that is no number": (CHUNKED, b"zz\r\n{}\r\n0\r\n\r\n"),
    "a chunk as Python writes it": (CHUNKED, b"0x2\r\n{}\r\n0\r\n\r\n"),
    "a chunk without a size": (CHUNKED, b"\r\n{}\r\n0\r\n\r\n"),
    "a chunk that is longer than its size": (CHUNKED, b"1\r\n{}\r\n0\r\n\r\n"),
    "a chunk that ends early": (CHUNKED, b"5\r\n{}"),
    "a body that ends early": ("Content-Length: 5", b"{}"),
    "no chunk at all": (CHUNKED, b""),
    "a line that is no header": ("nothing\r\nContent-Length: 2", b"{}"),
    "a header with a blank in its name": ("Content-Length : 2", b"{}"),
    "a token in another alphabet": ("Authorization: Bearer \u00fc", b""),
}


@pytest.fixture(scope="module")
def api():
    with served_on_a_laptop() as served:
        yield served.url


def answers(api, head, body):
    """Status and document of each answer until the server hangs up."""
    place = urlsplit(api)
    with socket.create_connection((place.hostname, place.port), timeout=30) as connection:
        lines = f"POST /nothing HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Type: application/json\r\n{head}\r\n\r\n"
        connection.sendall(lines.encode() + body)
        connection.shutdown(socket.SHUT_WR)
        said = b"".join(iter(lambda: connection.recv(65536), b""))
    return [
        (int(part[:3]), json.loads(part.partition(b"\r\n\r\n")[2] or b"{}")) for part in said.split(b"HTTP/1.1 ")[1:]
    ]


@pytest.mark.parametrize("what", MALFORMED)
def test_a_malformed_request_is_a_clean_400_and_ends_the_connection(api, what, capfd):
    head, body = MALFORMED[what]
    ((status, problem),) = answers(api, head, body)
    assert (status, problem["type"]) == (400, "urn:orderwire:problem:bad-request")
    assert "Traceback" not in "".join(capfd.readouterr())


def test_a_body_that_is_too_large_is_refused_before_it_is_read(api):
    for head, body in ((f"Content-Length: {LARGEST + 1}", b""), (CHUNKED, b"fffffffffff\r\n")):
        ((status, problem),) = answers(api, head, body)
        assert (status, problem["type"]) == (413, "urn:orderwire:problem:too-large")


def test_a_request_that_is_hidden_in_a_refused_ones_body_is_not_answered(api):
    hidden = b"GET /catalog HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    known = f"Content-Length: {len(hidden)}"
    for head in ("Content-Length: abc", f"{known}\r\n{CHUNKED}", f"nothing\r\n{known}", known.replace(":", " :")):
        assert [status for status, _ in answers(api, head, hidden)] == [400]


def test_a_requests_own_line_is_harmless_where_it_is_logged(api, capfd):
    place = urlsplit(api)
    with socket.create_connection((place.hostname, place.port), timeout=30) as connection:
        connection.sendall(b"GET /\xad\x9b31m\x1b[2J HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        assert b"404" in connection.recv(65536)
    logged = capfd.readouterr().err
    assert '"GET /' in logged
    assert [each for each in logged if each != "\n" and UNPRINTABLE.search(each)] == []


def chunked(parts):
    sent = [b"%x;extension=1\r\n%s\r\n" % (len(part), part) for part in parts]
    return b"".join(sent) + b"0\r\nTrailer: 1\r\n\r\n"


@given(st.lists(st.binary(min_size=1, max_size=50)), st.binary(max_size=20))
def test_a_body_in_chunks_is_read_to_its_end_and_no_further(parts, rest):
    stream = io.BytesIO(chunked(parts) + rest)
    assert read_body([("transfer-encoding", "Chunked")], stream) == b"".join(parts)
    assert stream.read() == rest


@given(st.binary(max_size=200), st.sampled_from(["transfer-encoding", "content-length"]), st.text(max_size=5))
def test_whatever_is_sent_is_a_body_or_refused(sent, header, value):
    for headers in ([(header, value)], [(header, "chunked")], [(header, "7")]):
        try:
            body = read_body(headers, io.BytesIO(sent))
        except (BodyUnreadable, BodyTooLarge):
            continue
        assert body is None or len(body) <= len(sent)
