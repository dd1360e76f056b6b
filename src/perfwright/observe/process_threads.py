"""What threads do: CPU, waiting for a core, waiting for storage, context switches, states.

For each thread three small files of /proc/PID/task/TID: `schedstat` (nanoseconds on a core, and
ready but waiting for one; kernel documentation scheduler/sched-stats.rst), `stat` (state, time
blocked by I/O), `status` (context switches). Threads that end between two reads take their last
fraction of a second with them. A kernel without schedstats gives no run delay.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from perfwright.model import metrics
from perfwright.model.units import NS_PER_S
from perfwright.observe.growth import Counts, Grown, Growth
from perfwright.observe.meter import Number
from perfwright.observe.process_table import parse_stat
from perfwright.observe.procfs import TICKS_PER_S, entries, read_record, read_text, since_boot_s

_BUSIEST = 8
_LEAST_CORES = 0.005
_SWITCHES = re.compile(rb"voluntary_ctxt_switches:\s*(\d+)")
_STATES = {"R": "running", "D": "disk"}
_CPU, _DELAY, _BLOCKED, _VOLUNTARY, _INVOLUNTARY = range(5)

DELAYACCT_REMEDY = (
    "how long processes wait for storage is not visible: delay accounting is off; as root, "
    "sysctl kernel.task_delayacct=1 (kernel 5.14 or newer) turns it on"
)


@dataclass(frozen=True, slots=True)
class _Thread:
    """Its name, state, and counters in the order of the constants above; seconds."""

    name: str
    state: str
    counts: Counts


def delays_are_counted() -> bool:
    """Whether the kernel measures time blocked by I/O; older kernels do without the switch."""
    return read_text("/proc/sys/kernel/task_delayacct").strip() != "0"


class ThreadMeter:
    """All threads of all processes; the busiest few by name."""

    def __init__(self) -> None:
        self._growth: Growth[tuple[int, int]] = Growth()
        self._delays = delays_are_counted()

    def read(self, pids: Sequence[int]) -> Iterator[Number]:
        now_s = since_boot_s()
        threads = {
            (pid, int(tid)): thread
            for pid in pids
            for tid in entries(f"/proc/{pid}/task")
            if (thread := _thread(f"/proc/{pid}/task/{tid}")) is not None
        }
        states = Counter(_STATES.get(thread.state, "sleeping") for thread in threads.values())
        for state in ("running", "sleeping", "disk"):
            yield Number(metrics.PROCESS_THREADS, states[state], state)
        grown = self._growth.since_last(
            {key: thread.counts for key, thread in threads.items()}, now_s
        )
        if grown is not None:
            yield from self._totals(grown)
            yield from _busiest(grown, threads)

    def _totals(self, grown: Grown[tuple[int, int]]) -> Iterator[Number]:
        yield Number(metrics.PROCESS_RUN_DELAY, grown.per_s(_DELAY))
        yield Number(metrics.CONTEXT_SWITCHES, grown.per_s(_VOLUNTARY), "voluntary")
        yield Number(metrics.CONTEXT_SWITCHES, grown.per_s(_INVOLUNTARY), "involuntary")
        if self._delays:
            yield Number(metrics.IO_DELAY, grown.per_s(_BLOCKED))


def _thread(folder: str) -> _Thread | None:
    stat = parse_stat(read_record(f"{folder}/stat"))
    ran, delayed, *_ = (*read_record(f"{folder}/schedstat").split(), b"0", b"0")
    switches = _SWITCHES.findall(read_record(f"{folder}/status"))
    if stat is None or len(switches) != 2:
        return None
    values = (
        int(ran) / NS_PER_S,
        int(delayed) / NS_PER_S,
        stat.blocked_ticks / TICKS_PER_S,
        float(switches[0]),
        float(switches[1]),
    )
    return _Thread(stat.name, stat.state, Counts(values, stat.born_s))


def _busiest(
    grown: Grown[tuple[int, int]], threads: dict[tuple[int, int], _Thread]
) -> Iterator[Number]:
    cores = {key: values[_CPU] / grown.elapsed_s for key, values in grown.by.items()}
    for key in sorted(cores, key=lambda key: -cores[key])[:_BUSIEST]:
        if cores[key] >= _LEAST_CORES:
            pid, tid = key
            yield Number(metrics.THREAD_CPU, cores[key], f"{pid}/{tid} {threads[key].name}")
