"""One look for several probes: the table of processes or sockets is the same for all of them.

Probes read within milliseconds of each other; what one has just read, the next takes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

SAME_ROUND_S = 0.1
"""Probes that read this closely together read in the same second's round."""


class Shared(Generic[T]):
    """Calls `look` again only once its last answer is older than asked for; thread-safe."""

    def __init__(self, look: Callable[[], T]) -> None:
        self._look = look
        self._lock = threading.Lock()
        self._seen: tuple[float, T] | None = None

    def get(self, max_age_s: float) -> T:
        with self._lock:
            now_s = time.monotonic()
            if self._seen is None or now_s - self._seen[0] > max_age_s:
                self._seen = (now_s, self._look())
            return self._seen[1]
