"""The CPU time of other threads of ours: receivers work in theirs, and their cost is to be shown.

From /proc/self/task/TID/schedstat (Linux): pthread_getcpuclockid must not be asked about a thread
that may have ended.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path

from perfwright.model.units import NS_PER_S


def threads_cpu_s(threads: Iterable[threading.Thread]) -> float:
    """Seconds so far; 0 for one that has ended, and where the system does not tell."""
    return sum(_cpu_ns(thread.native_id) for thread in threads) / NS_PER_S


def _cpu_ns(native_id: int | None) -> int:
    try:
        return int(Path(f"/proc/self/task/{native_id}/schedstat").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return 0
