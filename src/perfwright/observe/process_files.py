"""Storage traffic, system calls and memory of processes: /proc/PID/io, /proc/PID/smaps_rollup.

References: proc_pid_io(5), proc_pid_smaps(5). Both are shown to the process's own user and to root
only. `read_bytes` counts what came from the device (not the page cache); `write_bytes` what was
sent to it, later, less what was deleted before it got there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from perfwright.model import metrics
from perfwright.observe.growth import Counts, Growth
from perfwright.observe.meter import Number
from perfwright.observe.process_table import stat_of
from perfwright.observe.procfs import read_bytes, read_record, since_boot_s

_IO = re.compile(
    rb"syscr: (\d+)\nsyscw: (\d+)\nread_bytes: (\d+)\nwrite_bytes: (\d+)\ncancelled\w+: (\d+)"
)
_PRIVATE = re.compile(rb"^Private_(?:Clean|Dirty|Hugetlb):\s+(\d+) kB$", re.MULTILINE)


def parse_io(text: bytes) -> tuple[float, float, float, float] | None:
    """Reads, writes (system calls), bytes read, bytes written; None where it is hidden."""
    found = _IO.search(text)
    if found is None:
        return None
    reads, writes, read, written, cancelled = map(float, found.groups())
    return reads, writes, read, max(0.0, written - cancelled)


def parse_unique_bytes(rollup: bytes) -> int | None:
    """Bytes that no other process maps (USS); None where it is hidden."""
    private = _PRIVATE.findall(rollup)
    return sum(map(int, private)) * 1024 if private else None


class IoMeter:
    """Bytes to and from storage, and calls of read(2) and write(2) and their like."""

    def __init__(self) -> None:
        self._growth: Growth[int] = Growth()

    def read(self, pids: Sequence[int]) -> Iterator[Number]:
        counts = {}
        for pid in pids:
            io, stat = parse_io(read_record(f"/proc/{pid}/io")), stat_of(pid)
            if io is not None and stat is not None:
                counts[pid] = Counts(io, stat.born_s)
        grown = self._growth.since_last(counts, since_boot_s())
        if grown is not None and grown.by:
            yield Number(metrics.PROCESS_SYSCALLS, grown.per_s(0), "read")
            yield Number(metrics.PROCESS_SYSCALLS, grown.per_s(1), "write")
            yield Number(metrics.PROCESS_IO, grown.per_s(2), "read")
            yield Number(metrics.PROCESS_IO, grown.per_s(3), "write")


class UniqueMemoryMeter:
    """USS; the kernel walks every page table entry for it, so it is not to be read often."""

    def read(self, pids: Sequence[int]) -> Iterator[Number]:
        sizes = [parse_unique_bytes(read_bytes(f"/proc/{pid}/smaps_rollup")) for pid in pids]
        if sizes and None not in sizes:
            yield Number(metrics.PROCESS_MEMORY_UNIQUE, sum(size or 0 for size in sizes))
