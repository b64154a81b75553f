"""The body of an HTTP request, by its length or in chunks, as API Gateway takes it: what is malformed is refused."""

import re
from collections.abc import Iterator
from typing import IO

from orderwire.machine.visitors import Headers

LARGEST = 10 * 1024 * 1024
"""Bytes: API Gateway's own limit."""
LONGEST_LINE = 4096
_LENGTH, _CHUNK = re.compile("[0-9]{1,18}"), re.compile(b"[0-9A-Fa-f]{1,15}")


class BodyUnreadable(Exception):
    """The length of the body cannot be told, or the body is shorter than its length."""


class BodyTooLarge(Exception):
    """More than API Gateway lets through."""


def read_body(headers: Headers, stream: IO[bytes]) -> bytes | None:
    """The body, None if there is none. Raises BodyUnreadable or BodyTooLarge; the connection is of no use then."""
    lengths = {value for name, value in headers if name == "content-length"}
    codings = [value.lower() for name, value in headers if name == "transfer-encoding"]
    if codings:
        if codings != ["chunked"] or lengths:
            raise BodyUnreadable
        return b"".join(chunks(stream))
    if not lengths:
        return None
    (length,) = lengths if len(lengths) == 1 else ("",)
    if not _LENGTH.fullmatch(length):
        raise BodyUnreadable
    return exactly(stream, allowed(int(length))) or None


def chunks(stream: IO[bytes]) -> Iterator[bytes]:
    total = 0
    while size := chunk_size(stream):
        total = allowed(total + size)
        yield exactly(stream, size)
        if stream.readline(LONGEST_LINE).rstrip(b"\r\n"):
            raise BodyUnreadable
    while stream.readline(LONGEST_LINE).strip():
        pass  # trailers


def chunk_size(stream: IO[bytes]) -> int:
    size = stream.readline(LONGEST_LINE).split(b";")[0].strip()
    if not _CHUNK.fullmatch(size):
        raise BodyUnreadable
    return int(size, 16)


def allowed(size: int) -> int:
    if size > LARGEST:
        raise BodyTooLarge
    return size


def exactly(stream: IO[bytes], size: int) -> bytes:
    read = stream.read(size)
    if len(read) < size:
        raise BodyUnreadable
    return read
