"""Ctrl-C during a run: once = stop and report, twice = now.

    running ── first signal ──► finishing (iterations under way go on, to the grace's end)
                                    └── second ──► unwinding (at once, what was measured is kept)
                                                       └── third ──► KeyboardInterrupt

SIGTERM counts like Ctrl-C, so that a CI job that is cancelled still gets its report. Handlers can
only be set in the main thread; elsewhere (a run inside a server) signals stay as they are. The old
handlers come back at the end.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Protocol

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stoppable(Protocol):
    """A load under way; `stop` may be called from a signal handler."""

    def stop(self, *, now: bool = False) -> None: ...


class Interrupts:
    """Counts the signals and passes them on; `say` tells people what happens next."""

    def __init__(self, load: Stoppable, say: Callable[[str], None]) -> None:
        self.count = 0
        self._load = load
        self._say = say

    def __call__(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self.count += 1
        if self.count == 1:
            self._say("Stopping: iterations under way may finish. Ctrl-C again stops at once.")
            self._load.stop()
        elif self.count == 2:
            self._say("Stopping at once.")
            self._load.stop(now=True)
        else:
            raise KeyboardInterrupt


@contextmanager
def interrupts(load: Stoppable, say: Callable[[str], None]) -> Iterator[Interrupts]:
    """Signals stop `load` for as long as this lasts."""
    counter = Interrupts(load, say)
    if threading.current_thread() is not threading.main_thread():
        yield counter
        return
    before = {number: signal.signal(number, counter) for number in _SIGNALS}
    try:
        yield counter
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
