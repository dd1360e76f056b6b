"""A meter reads one aspect of the processes watched; a pace keeps a costly one from costing much.

    probe.read ─► CPU ─► threads (paced) ─► sockets (paced) ─► …   each gives numbers, in its turn

A process with five hundred threads takes a hundred times longer to look at than one with five. So a
paced meter measures its own CPU time and then rests until that is at most a stated share of a core:
its numbers come less often, and still are rates over the time that really passed.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from perfwright.observe.procfs import since_boot_s


class Number(NamedTuple):
    """One value of one metric, before it is known whose and when."""

    metric: str
    value: float
    label: str = ""


class Meter(Protocol):
    """`pids`: the processes that belong together now, lowest first. Called about once a second."""

    def read(self, pids: Sequence[int]) -> Iterable[Number]: ...


class Paced:
    """Lets `meter` be read at most every `least_s` seconds, and at most for `share` of a core."""

    def __init__(self, meter: Meter, *, share: float, least_s: float = 0.0) -> None:
        self._meter = meter
        self._share = share
        self._least_s = least_s
        self._next_s = 0.0

    def read(self, pids: Sequence[int]) -> Iterable[Number]:
        begun_s = since_boot_s()
        if begun_s < self._next_s:
            return ()
        spent_s = -time.thread_time()
        numbers = tuple(self._meter.read(pids))
        spent_s += time.thread_time()
        # A little less than asked for: calls come on the second, some milliseconds early or late.
        self._next_s = begun_s + max(self._least_s, spent_s / self._share) - 0.1
        return numbers
