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

_LOOKS_PERSONAL = re.compile(r"[^\s@<>()\"',;:]+@[^\s@<>()\"',;:]+|\b(?:tok|pm|src|card|cus)_[A-Za-z0-9_-]+")
"""E-mail addresses and what payment providers call cards and customers."""


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
    """The text of an error without these values and without what looks like an e-mail address or a payment token."""
    for value in personal:
        if value and value in text:
            text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", "***", text)
    return _LOOKS_PERSONAL.sub("***", text)


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
