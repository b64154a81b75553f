"""What the log says of an error that a client is only told to be one: nothing personal."""

from traceback import format_tb

from pydantic import ValidationError

from edges.log import masked
from schemas.parse import pointed


def describe(error: Exception) -> str:
    """Type and text, masked, without the values that pydantic would repeat."""
    told = "; ".join(map(": ".join, pointed(error))) if isinstance(error, ValidationError) else str(error)
    return f"{type(error).__name__}: {masked(told)}"


def stack(error: Exception) -> str:
    """Where it was raised: code, no values."""
    return "".join(format_tb(error.__traceback__))
