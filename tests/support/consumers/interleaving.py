"""Concurrent attempts whose every step is decided by the test: who moves next, who dies where, what time it is.

An attempt runs in a thread that stands still at each `step()` until it is told to move or to crash. The steps are taken
by `SteppedDynamoDB`, around each call, and by fakes of other services.
"""

from collections.abc import Callable
from threading import Semaphore, Thread, current_thread
from typing import Any

from tests.support.services.dynamodb import FakeDynamoDB


class Crash(BaseException):
    """The process is gone; nothing that catches errors may catch this."""


class Attempt(Thread):
    """Runs `work` step by step. `error` is what it ended with, a crash included."""

    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self._work, self._go, self._still = work, Semaphore(0), Semaphore(0)
        self._crash = self.ended = False
        self.error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self._await_move()
            self._work()
        except BaseException as error:
            self.error = error
        self.ended = True
        self._still.release()

    def move(self, crash: bool = False) -> None:
        """Lets it go on to its next step, or ends it where it stands."""
        self._crash = crash
        self._go.release()
        self._still.acquire()

    def pause(self) -> None:
        self._still.release()
        self._await_move()

    def _await_move(self) -> None:
        self._go.acquire()
        if self._crash:
            raise Crash


def step() -> None:
    """A place where the running attempt can be overtaken or die. Outside of attempts nothing happens."""
    attempt = current_thread()
    if isinstance(attempt, Attempt):
        attempt.pause()


class SteppedDynamoDB(FakeDynamoDB):
    """A FakeDynamoDB whose callers stand still before each call, and again after each write."""

    def get_item(self, **get: Any) -> dict[str, Any]:
        step()
        return super().get_item(**get)

    def put_item(self, **put: Any) -> dict[str, Any]:
        step()
        answer = super().put_item(**put)
        step()
        return answer
