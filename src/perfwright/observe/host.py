"""`host`: the machine's CPU, memory, disks, network and pressure, from counters in /proc and /sys.

Every number is of the time since the read before; the first read gives what needs no difference.
Files that a kernel or a container hides are left out, with a note where a remedy exists. In a
container the numbers are the whole machine's, for that is what /proc shows there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import astuple
from functools import lru_cache

from perfwright.model import metrics
from perfwright.model.watched import NOTHING, Reading, Sample
from perfwright.observe.growth import Counts, Grown, Growth
from perfwright.observe.host_files import (
    parse_cpu,
    parse_disks,
    parse_interfaces,
    parse_memory,
    parse_named,
    parse_protocols,
    parse_running,
)
from perfwright.observe.meter import Number, Paced
from perfwright.observe.procfs import PAGE_BYTES, entries, read_text, since_boot_s
from perfwright.observe.psi import REMEDY, stalled_s
from perfwright.observe.shared import SAME_ROUND_S
from perfwright.observe.sockets import tcp_table

SUBJECT = "host"
_SOCKETS_SHARE = 0.005


class HostProbe:
    """The whole machine; needs no privilege."""

    def __init__(self, spec: str = SUBJECT) -> None:
        self.name = spec
        self._counters: Growth[str] = Growth()
        self._disks: Growth[str] = Growth()
        self._interfaces: Growth[str] = Growth()
        self._sockets = Paced(_SocketStates(), share=_SOCKETS_SHARE)

    def open(self, origin_ns: int) -> Reading:  # noqa: ARG002 - a probe's interface
        self._rates()
        return Reading(notes=() if stalled_s("/proc/pressure") else (REMEDY,))

    def read(self, second: int) -> Reading:
        numbers = (*self._gauges(), *self._rates(), *self._sockets.read(()))
        return Reading(
            samples=tuple(
                Sample(second=second, metric=metric, subject=SUBJECT, value=value, label=label)
                for metric, value, label in numbers
            )
        )

    def close(self) -> Reading:
        return NOTHING

    def _gauges(self) -> Iterator[Number]:
        yield Number(metrics.CPU_COUNT, os.cpu_count() or 1)
        running = parse_running(read_text("/proc/stat"))
        if running is not None:
            yield Number(metrics.RUN_QUEUE, max(0, running - 1))  # one of them is this read
        memory = parse_memory(read_text("/proc/meminfo"))
        total, available = memory.get("MemTotal"), memory.get("MemAvailable")
        if total and available is not None:
            yield Number(metrics.MEMORY_AVAILABLE, available)
            yield Number(metrics.MEMORY_UTILIZATION, 1 - available / total)

    def _rates(self) -> Iterator[Number]:
        now_s = since_boot_s()
        grown = self._counters.since_last(_counters(), now_s)
        disks = parse_disks(read_text("/proc/diskstats"), set(entries("/sys/block")))
        disk = self._disks.since_last(
            {name: Counts(astuple(counts)) for name, counts in disks.items()}, now_s
        )
        interfaces = parse_interfaces(read_text("/proc/net/dev"))
        moved = self._interfaces.since_last(
            {name: Counts(numbers) for name, numbers in interfaces.items()}, now_s
        )
        if grown is None or disk is None or moved is None:
            return iter(())
        return iter((*_counted(grown), *_disk_numbers(disk), *_network_numbers(moved)))


class _SocketStates:
    """TCP sockets by state."""

    def read(self, pids: object) -> Iterator[Number]:  # noqa: ARG002 - a meter's interface
        for state, count in tcp_table(SAME_ROUND_S).states.items():
            yield Number(metrics.SOCKETS, count, state)


def _counters() -> dict[str, Counts]:
    """All that simply counts up, by a name of our own; what the kernel hides is left out."""
    found: dict[str, Counts] = {}
    cpu = parse_cpu(read_text("/proc/stat"))
    if cpu is not None:
        times = (cpu.user, cpu.system, cpu.iowait, cpu.steal, cpu.softirq, cpu.busy, cpu.total)
        found["cpu"] = Counts(times)
    pages = parse_named(read_text("/proc/vmstat"))
    if "pswpin" in pages:
        found["swap"] = Counts((pages["pswpin"] * PAGE_BYTES, pages["pswpout"] * PAGE_BYTES))
    protocols = parse_protocols(read_text("/proc/net/snmp"))
    protocols |= parse_protocols(read_text("/proc/net/netstat"))
    for name in ("Tcp.RetransSegs", "TcpExt.ListenOverflows"):
        if name in protocols:
            found[name] = Counts((protocols[name],))
    for label, seconds in stalled_s("/proc/pressure").items():
        found[f"pressure {label}"] = Counts((seconds,))
    return found


def _counted(grown: Grown[str]) -> Iterator[Number]:
    """Counters' growth as the metrics that they make."""
    for name, values in grown.by.items():
        per_s = [value / grown.elapsed_s for value in values]
        if name == "cpu" and values[-1] > 0:
            labels = ("user", "system", "iowait", "steal", "softirq", "")
            for label, seconds in zip(labels, values, strict=False):
                # The kernel's idle time may step back, so that a part outgrows the total.
                yield Number(metrics.CPU_UTILIZATION, min(1.0, seconds / values[-1]), label)
        elif name == "swap":
            yield Number(metrics.SWAP_IO, per_s[0], "in")
            yield Number(metrics.SWAP_IO, per_s[1], "out")
        elif name == "Tcp.RetransSegs":
            yield Number(metrics.TCP_RETRANSMITS, per_s[0])
        elif name == "TcpExt.ListenOverflows":
            yield Number(metrics.LISTEN_OVERFLOWS, per_s[0])
        elif name.startswith("pressure "):
            yield Number(metrics.PRESSURE, min(1.0, per_s[0]), name.removeprefix("pressure "))


def _disk_numbers(grown: Grown[str]) -> Iterator[Number]:
    for device, (operations, waited_s, busy_s, read, written) in grown.by.items():
        yield Number(metrics.DISK_UTILIZATION, min(1.0, busy_s / grown.elapsed_s), device)
        if operations:
            yield Number(metrics.DISK_AWAIT, waited_s / operations, device)
        yield Number(metrics.DISK_IO, read / grown.elapsed_s, f"{device}.read")
        yield Number(metrics.DISK_IO, written / grown.elapsed_s, f"{device}.write")


def _network_numbers(grown: Grown[str]) -> Iterator[Number]:
    for interface, (received, sent) in grown.by.items():
        yield Number(metrics.NETWORK_IO, received / grown.elapsed_s, f"{interface}.receive")
        yield Number(metrics.NETWORK_IO, sent / grown.elapsed_s, f"{interface}.transmit")
        speed = _bytes_per_s(interface)
        if speed:  # full duplex: the busier direction is what fills up
            busier = max(received, sent) / grown.elapsed_s
            yield Number(metrics.NETWORK_UTILIZATION, min(1.0, busier / speed), interface)


@lru_cache(maxsize=64)
def _bytes_per_s(interface: str) -> float:
    """The link's speed; 0 where it has none (loopback, many virtual interfaces say -1)."""
    megabits = read_text(f"/sys/class/net/{interface}/speed").strip()
    return max(0, int(megabits)) * 1e6 / 8 if megabits.lstrip("-").isdigit() else 0.0
