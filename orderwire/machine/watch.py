"""Tells of saved files."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue

import watchfiles

from orderwire.workplace.home import ROOT

PACKAGES = ("checkout_api", "consumers", "edges", "infrastructure", "schemas", "subscriptions", "tables")
STEP_MILLISECONDS = 100


class AppFile(watchfiles.DefaultFilter):
    def __call__(self, change: watchfiles.Change, path: str) -> bool:
        return path == str(ROOT / "app.py") and super().__call__(change, path)


class Saved:
    """Files saved since they were last asked for."""

    def __init__(self) -> None:
        self._found: Queue[set[str]] = Queue()

    def add(self, paths: set[str]) -> None:
        self._found.put(paths)

    def within(self, seconds: float) -> list[str]:
        """Paths below the checkout, sorted; waits up to `seconds` for the first."""
        try:
            paths = self._found.get(timeout=seconds)
        except Empty:
            return []
        while not self._found.empty():
            paths |= self._found.get()
        return sorted(str(Path(path).relative_to(ROOT)) for path in paths)


@contextmanager
def watching() -> Iterator[Saved]:
    """Watches app.py and the packages that the worker imports, as long as the block lasts."""
    saved, stop = Saved(), threading.Event()
    packages = [ROOT / name for name in PACKAGES if (ROOT / name).is_dir()]
    threads = [
        threading.Thread(target=_watch, args=(packages, watchfiles.DefaultFilter(), True, saved, stop)),
        threading.Thread(target=_watch, args=([ROOT], AppFile(), False, saved, stop)),
    ]
    for thread in threads:
        thread.start()
    try:
        yield saved
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _watch(
    paths: Sequence[Path], filter_: watchfiles.DefaultFilter, recursive: bool, saved: Saved, stop: threading.Event
) -> None:
    changes = watchfiles.watch(
        *paths,
        watch_filter=filter_,
        recursive=recursive,
        stop_event=stop,
        rust_timeout=STEP_MILLISECONDS,
        raise_interrupt=False,
    )
    for change in changes:
        saved.add({path for _, path in change})
