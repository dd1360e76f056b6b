"""The control groups of a process: CPU quota and throttling, memory and its limit, pressure.

    /proc/PID/cgroup       which group, by hierarchy        4:memory:/shop     0::/shop
    /proc/self/mountinfo   where each hierarchy is mounted  /sys/fs/cgroup/memory, /sys/fs/cgroup
    every folder from the group up to the mount             the tightest limit on the way holds

Both forms are read: version 2 (one unified tree) and version 1 (a tree for each controller), also
mounted side by side. Kernel documentation: admin-guide/cgroup-v2.rst, cgroup-v1/memory.rst,
scheduler/sched-bwc.rst. Where a group is outside of what is mounted (a container that looks at a
process of the host), it is not seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from perfwright.observe.host_files import parse_named
from perfwright.observe.procfs import read_text
from perfwright.observe.psi import stalled_s

_UNLIMITED_BYTES = 1 << 60
"""Version 1 says "no limit" by a number near 2⁶³, rounded to pages."""
_GROUP = re.compile(r"^\d+:([^:\n]*):([^\n]*)$", re.MULTILINE)
_MOUNT = re.compile(r"^\S+ \S+ \S+ (\S+) (\S+) .* - (cgroup2?) \S+ (\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """A process's folders, its own group first, then its parents'; `unified` is version 2's own
    folder, "" at its root (whose pressure is the machine's)."""

    cpu: tuple[str, ...] = ()
    memory: tuple[str, ...] = ()
    unified: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CpuQuota:
    """`cores`: how many it may use. `periods`, `throttled`: counted since the group was made."""

    cores: float
    periods: int
    throttled: int


def parse_groups(cgroup: str, mountinfo: str) -> Groups:
    """From the texts of /proc/PID/cgroup and /proc/self/mountinfo."""
    mounts = {
        controller: (root, point)
        for root, point, kind, options in _MOUNT.findall(mountinfo)
        for controller in (options.split(",") if kind == "cgroup" else [""])
    }
    folders: dict[str, tuple[str, ...]] = {}
    for controllers, path in _GROUP.findall(cgroup):
        for controller in controllers.split(","):
            if controller in mounts:
                folders[controller] = _upwards(path, *mounts[controller])
    unified = folders.get("", ())
    return Groups(
        cpu=folders.get("cpu", unified),
        memory=folders.get("memory", unified),
        unified=unified[0] if len(unified) > 1 else "",
    )


def _upwards(path: str, root: str, point: str) -> tuple[str, ...]:
    """The folders from the group up to the mount point; none where it is not below the mount."""
    below = path.rstrip("/") + "/"
    root = root.rstrip("/") + "/"
    if not below.startswith(root) or below.startswith("/../"):
        return ()
    inside = below.removeprefix(root)
    names = [name for name in inside.split("/") if name]
    return tuple("/".join((point, *names[:depth])) for depth in range(len(names), -1, -1))


def mount_table() -> str:
    """The text of /proc/self/mountinfo: what is mounted hardly changes in a run."""
    return read_text("/proc/self/mountinfo")


def groups_of(pid: int, mountinfo: str) -> Groups:
    """The process's groups now: it may be moved into another at any time."""
    return parse_groups(read_text(f"/proc/{pid}/cgroup"), mountinfo)


def tightest_quota(folders: Iterable[str]) -> CpuQuota | None:
    """Of a group and its parents the one that may use the fewest cores; None: no quota."""
    quotas = (_quota(folder) for folder in folders)
    return min((quota for quota in quotas if quota), key=lambda one: one.cores, default=None)


def _quota(folder: str) -> CpuQuota | None:
    text = read_text(f"{folder}/cpu.max") or "{} {}".format(
        read_text(f"{folder}/cpu.cfs_quota_us").strip(),
        read_text(f"{folder}/cpu.cfs_period_us").strip(),
    )
    numbers = text.split()
    if len(numbers) != 2 or not all(number.isdigit() for number in numbers):
        return None  # "max 100000", "-1 100000", or no such file
    counts = parse_named(read_text(f"{folder}/cpu.stat"))
    return CpuQuota(
        cores=int(numbers[0]) / int(numbers[1]),
        periods=counts.get("nr_periods", 0),
        throttled=counts.get("nr_throttled", 0),
    )


def memory_bytes(folder: str) -> int | None:
    """What the group uses, without file cache that the kernel could drop at once."""
    used = _number(f"{folder}/memory.current", f"{folder}/memory.usage_in_bytes")
    if used is None:
        return None
    counts = parse_named(read_text(f"{folder}/memory.stat"))
    droppable = counts.get("total_inactive_file", counts.get("inactive_file", 0))
    return max(0, used - droppable)


def tightest_memory(folders: Iterable[str]) -> tuple[int, int] | None:
    """Of a group and its parents the one nearest to its limit: bytes used, and the limit."""
    found = []
    for folder in folders:
        limit = _number(f"{folder}/memory.max", f"{folder}/memory.limit_in_bytes")
        used = memory_bytes(folder) if limit and limit < _UNLIMITED_BYTES else None
        if limit and used is not None:
            found.append((used, limit))
    return max(found, key=lambda one: one[0] / one[1], default=None)


def stalled_in_group_s(groups: Groups) -> dict[str, float]:
    """Seconds stalled by label; empty where the group has no pressure of its own."""
    return stalled_s(groups.unified, ".pressure") if groups.unified else {}


def _number(*paths: str) -> int | None:
    for path in paths:
        text = read_text(path).strip()
        if text.isdigit():
            return int(text)
    return None
