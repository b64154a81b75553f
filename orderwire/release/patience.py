"""Trying again what AWS takes only so often, or only once something else has spread."""

from collections.abc import Callable

MOST_ATTEMPTS = 12
BETWEEN_ATTEMPTS = 5.0
"""Seconds; together a minute."""


def patiently(
    attempt: Callable[[], None], refused: type[Exception] | tuple[type[Exception], ...], wait: Callable[[float], None]
) -> None:
    """Calls `attempt` until it does not raise `refused`; after the last attempt that goes to the caller."""
    for _ in range(MOST_ATTEMPTS - 1):
        try:
            return attempt()
        except refused:
            wait(BETWEEN_ATTEMPTS)
    return attempt()
