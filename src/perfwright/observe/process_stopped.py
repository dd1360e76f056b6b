"""How much of the time processes are stopped by a signal, as a limiter like cpulimit does it.

    runs ▓▓░░░░░░░░▓▓░░░░░░░░▓▓░░░░░░░░     20 ms of 100: SIGCONT … SIGSTOP … SIGCONT
    looks   ↑    ↑      ↑ ↑       ↑         at random distances, so that no rhythm hides

Some looks a second suffice, for many seconds are averaged. A debugger's or profiler's stop (`t`) is
not meant: that is the watching, not the watched.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence

from perfwright.model import metrics
from perfwright.observe.meter import Number
from perfwright.observe.process_table import stat_of

_LOOKS = 5
_APART_S = (0.005, 0.035)
_STOPPED = "T"
_PROCESSES = 8


class StoppedMeter:
    """The share of looks in which the process that is stopped most was; takes a tenth of a second,
    nearly all of it asleep."""

    def read(self, pids: Sequence[int]) -> Iterator[Number]:
        seen: Counter[int] = Counter()
        for look in range(_LOOKS):
            if look:
                time.sleep(random.uniform(*_APART_S))
            for pid in pids[:_PROCESSES]:
                stat = stat_of(pid)
                seen[pid] += stat is not None and stat.state == _STOPPED
        yield Number(metrics.PROCESS_STOPPED, max(seen.values(), default=0) / _LOOKS)
