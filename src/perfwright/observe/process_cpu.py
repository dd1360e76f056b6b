"""CPU time, resident memory and threads of processes, from /proc/PID/stat.

The CPU of a group of processes over a second is

    Σ own growth of those that live  +  what their ended children used and we did not see

A child that ends and is waited for passes its CPU time to its parent's `children_ticks`; what we
had already counted of it while it lived is taken off again. So short-lived children count, too. The
kernel counts in ticks (10 ms): a second's figure is exact to about 1% of a core.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from perfwright.model import metrics
from perfwright.observe.growth import Counts, Growth
from perfwright.observe.meter import Number
from perfwright.observe.process_table import ProcessStat, stat_of
from perfwright.observe.procfs import PAGE_BYTES, TICKS_PER_S, since_boot_s

_BUSIEST = 64
"""Processes shown one by one; of a database with a thousand sessions the busiest are enough."""


class CpuMeter:
    """Cores in use, bytes resident and threads; the whole and each of the busiest processes."""

    def __init__(self) -> None:
        self._growth: Growth[int] = Growth()

    def read(self, pids: Sequence[int]) -> Iterator[Number]:
        now_s = since_boot_s()
        stats = [stat for stat in map(stat_of, pids) if stat is not None]
        cores = self._cores(stats, now_s)
        if not stats:
            return
        yield Number(metrics.PROCESS_THREADS, sum(stat.threads for stat in stats))
        yield Number(
            metrics.PROCESS_MEMORY, sum(stat.resident_pages for stat in stats) * PAGE_BYTES
        )
        if "" in cores:
            yield Number(metrics.PROCESS_CPU, cores[""])
        for stat in sorted(stats, key=lambda one: -cores.get(str(one.pid), 0.0))[:_BUSIEST]:
            label = f"pid:{stat.pid}"
            yield Number(metrics.PROCESS_MEMORY, stat.resident_pages * PAGE_BYTES, label)
            if str(stat.pid) in cores:
                yield Number(metrics.PROCESS_CPU, cores[str(stat.pid)], label)

    def _cores(self, stats: Sequence[ProcessStat], now_s: float) -> dict[str, float]:
        """By pid, and all together as ""; empty at the first read."""
        counts = {
            stat.pid: Counts((stat.own_ticks, stat.children_ticks), stat.born_s) for stat in stats
        }
        grown = self._growth.since_last(counts, now_s)
        if grown is None:
            return {}
        own = {str(pid): ticks for pid, (ticks, _) in grown.by.items()}
        ended = sum(children for _, children in grown.by.values())
        seen = sum(sum(ticks) for ticks in grown.gone.values())
        own[""] = sum(own.values()) + max(0.0, ended - seen)
        return {label: ticks / TICKS_PER_S / grown.elapsed_s for label, ticks in own.items()}
