"""Time and randomness as a function sees them. Tests pass their own."""

import random
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Clock:
    """Time as a function sees it. Tests pass one that stands still and does not sleep."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True)
class Chance:
    """Randomness as a function sees it: jitter in [0, 1) and ids that cannot be guessed."""

    jitter: Callable[[], float] = random.random
    token: Callable[[], str] = lambda: secrets.token_hex(16)
