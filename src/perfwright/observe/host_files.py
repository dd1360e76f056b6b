"""What the machine's counter files in /proc say, as numbers; pure functions of their texts.

    /proc/stat ─► CPU seconds by mode          /proc/diskstats ─► busy and waiting time by device
    /proc/meminfo ─► bytes                     /proc/net/dev ─► bytes by interface
    /proc/net/snmp, netstat ─► counters by protocol and name

References: proc_stat(5), proc_meminfo(5), kernel documentation admin-guide/iostats.rst. A kernel
that counts less than was hoped for gives less; nothing here raises on a file that is empty.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from perfwright.observe.procfs import TICKS_PER_S

_SECTOR_BYTES = 512  # of diskstats, whatever the device's own sectors are
_NO_DISK = re.compile(r"(?:loop|ram|zram|sr|fd)\d")
_MODES = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")


@dataclass(frozen=True, slots=True, kw_only=True)
class CpuTimes:
    """Seconds of all cores together since boot, by mode; `user` holds `nice`."""

    user: float
    system: float
    iowait: float
    steal: float
    softirq: float
    busy: float
    total: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskCounts:
    """Since boot: operations done, seconds that operations took (queue included), seconds in which
    any was under way, bytes."""

    operations: float
    waited_s: float
    busy_s: float
    read_bytes: float
    written_bytes: float


def parse_cpu(stat: str) -> CpuTimes | None:
    line = re.search(r"^cpu +(.*)$", stat, re.MULTILINE)
    if line is None:
        return None
    seconds = [int(ticks) / TICKS_PER_S for ticks in line[1].split()]
    mode = dict.fromkeys(_MODES, 0.0) | dict(zip(_MODES, seconds, strict=False))
    total = sum(mode.values())
    return CpuTimes(
        user=mode["user"] + mode["nice"],
        system=mode["system"],
        iowait=mode["iowait"],
        steal=mode["steal"],
        softirq=mode["irq"] + mode["softirq"],
        busy=total - mode["idle"] - mode["iowait"],
        total=total,
    )


def parse_running(stat: str) -> int | None:
    """Tasks that run or could run now."""
    line = re.search(r"^procs_running (\d+)$", stat, re.MULTILINE)
    return int(line[1]) if line else None


def parse_memory(meminfo: str) -> dict[str, int]:
    """Bytes by name, as `MemTotal`, `MemAvailable`."""
    lines = re.findall(r"^(\S+):\s+(\d+) kB$", meminfo, re.MULTILINE)
    return {name: int(kilobytes) * 1024 for name, kilobytes in lines}


def parse_named(text: str) -> dict[str, int]:
    """Lines `name number`, as in /proc/vmstat or a cgroup's stat files."""
    return {name: int(value) for name, value in re.findall(r"^(\S+) (\d+)$", text, re.MULTILINE)}


def parse_protocols(text: str) -> dict[str, int]:
    """`Tcp.RetransSegs` and so on, from /proc/net/snmp or netstat: names and values by turns."""
    lines = [line.split() for line in text.splitlines()]
    pairs = zip(lines[::2], lines[1::2], strict=False)
    return {
        f"{names[0].rstrip(':')}.{name}": int(value)
        for names, values in pairs
        for name, value in zip(names[1:], values[1:], strict=False)
    }


def parse_disks(diskstats: str, whole: set[str]) -> dict[str, DiskCounts]:
    """By device; only those in `whole` (no partitions) that are disks and have ever been used."""
    found = {}
    for line in diskstats.splitlines():
        fields = line.split()
        if len(fields) < 14 or fields[2] not in whole or _NO_DISK.match(fields[2]):
            continue
        counts = [int(field) for field in fields[3:]] + [0] * 6  # discards, flushes: newer kernels
        reads, _, read_sectors, read_ms, writes, _, written_sectors, write_ms = counts[:8]
        if reads + writes:
            found[fields[2]] = DiskCounts(
                operations=reads + writes + counts[11] + counts[15],
                waited_s=(read_ms + write_ms + counts[14] + counts[16]) / 1000,
                busy_s=counts[9] / 1000,
                read_bytes=read_sectors * _SECTOR_BYTES,
                written_bytes=written_sectors * _SECTOR_BYTES,
            )
    return found


def parse_interfaces(net_dev: str) -> dict[str, tuple[int, int]]:
    """Bytes received and sent by interface, of those that ever received or sent any."""
    found = {}
    for name, numbers in re.findall(r"^\s*(\S+):\s*(.*)$", net_dev, re.MULTILINE):
        fields = numbers.split()
        received, sent = int(fields[0]), int(fields[8])
        if received or sent:
            found[name] = (received, sent)
    return found
