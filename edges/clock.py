"""Time and randomness as a function sees them. Tests pass their own."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4


@dataclass(frozen=True)
class Clock:
    """Time as a function sees it. Tests pass one that stands still and does not sleep."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True)
class Chance:
    """Randomness as a function sees it: jitter in [0, 1) and ids that cannot be guessed, which are random UUIDs: the
    book store takes no other as a key."""

    jitter: Callable[[], float] = random.random
    token: Callable[[], str] = lambda: uuid4().hex
