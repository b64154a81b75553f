"""The structured log: JSON lines with order_id, event_id and correlation_id, without personal data.

Why: docs/decisions/watching.md
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from traceback import format_tb

from aws_lambda_powertools import Logger
from botocore.exceptions import ParamValidationError
from pydantic import ValidationError

from schemas.parse import pointed

LONGEST_TEXT = 2000
"""Characters of an error's text that are kept. What is longer repeats what somebody sent."""

_IN_ADDRESS = r"[^\s@<>()\"',;:]"
_LOOKS_PERSONAL = re.compile(
    rf"(?<!{_IN_ADDRESS}){_IN_ADDRESS}++@{_IN_ADDRESS}+|\b(?:tok|pm|src|card|cus)_[A-Za-z0-9_-]+"
)
"""E-mail addresses and what payment providers call cards and customers. An address is looked for at its beginning only,
so that a text is read once however long it is."""


def logger(function: str) -> Logger:
    """The logger of one function; powertools reads its level from POWERTOOLS_LOG_LEVEL."""
    return Logger(service=function, utc=True)


@contextmanager
def about(log: Logger, **ids: str) -> Iterator[None]:
    """Adds these ids to every line that the current thread logs meanwhile."""
    log.thread_safe_append_keys(**ids)
    try:
        yield
    finally:
        log.thread_safe_remove_keys(ids)


def masked(text: str, personal: Iterable[str] = ()) -> str:
    """The text of an error without these values and without what looks like an e-mail address or a payment token.

    It takes time in proportion to the text and, for each value, to `LONGEST_TEXT`.
    """
    found = [match.span() for match in _LOOKS_PERSONAL.finditer(text)]
    for value in personal:
        found += places(text, value)
    told, end = [], 0
    for first, last in sorted(found):
        if first >= LONGEST_TEXT:
            break
        if first >= end:
            told += [text[end:first], "***"]
        end = max(end, last)
    cut = "..." if len(text) > max(end, LONGEST_TEXT) else ""
    return "".join([*told, text[end:LONGEST_TEXT], cut])


def places(text: str, value: str) -> Iterator[tuple[int, int]]:
    """Where the value stands by itself, as far as it begins in what is kept of the text."""
    size, place = len(value), -1
    if not value:
        return
    while (place := text.find(value, place + 1, LONGEST_TEXT + size)) >= 0:
        alone = is_no_word(text[place - 1 : place]) and is_no_word(text[place + size : place + size + 1])
        if alone:
            yield place, place + size


def is_no_word(character: str) -> bool:
    """Whether a word ends there; at the end of a text there is no character."""
    return not (character.isalnum() or character == "_")


def describe(error: Exception, personal: Iterable[str] = ()) -> str:
    """Type and text of an error, masked, without the values that pydantic and botocore would repeat."""
    match error:
        case ValidationError():
            told = "; ".join(map(": ".join, pointed(error)))
        case ParamValidationError():
            told = "a parameter of an AWS call is not what it must be"
        case _:
            told = str(error)
    return f"{type(error).__name__}: {masked(told, personal)}"


def stack(error: Exception) -> str:
    """Where an error was raised: code, no values."""
    return "".join(format_tb(error.__traceback__))
