"""Retries calls that AWS refuses for a while: because of a rate limit, or until an earlier change has spread."""

from collections.abc import Callable

MOST_ATTEMPTS = 12
BETWEEN_ATTEMPTS = 5.0
"""Seconds; together a minute."""


def retry(
    attempt: Callable[[], None], refused: type[Exception] | tuple[type[Exception], ...], wait: Callable[[float], None]
) -> None:
    """Calls `attempt` until it does not raise `refused`; the last attempt's error goes to the caller."""
    for _ in range(MOST_ATTEMPTS - 1):
        try:
            return attempt()
        except refused:
            wait(BETWEEN_ATTEMPTS)
    return attempt()
