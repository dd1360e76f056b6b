"""The limits that processes run under: what their control groups allow, and how often they hit it.

Processes of one component mostly share a group. Where they do not, the group that is throttled
most, and the one nearest to its memory limit, speak for all: they are what can be a bottleneck.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from perfwright.model import metrics
from perfwright.observe.cgroup import (
    Groups,
    groups_of,
    memory_bytes,
    mount_table,
    stalled_in_group_s,
    tightest_memory,
    tightest_quota,
)
from perfwright.observe.growth import Counts, Growth
from perfwright.observe.meter import Number
from perfwright.observe.procfs import since_boot_s


class CgroupMeter:
    """CPU limit and throttling, memory and its limit, pressure."""

    def __init__(self) -> None:
        self._mounts = mount_table()
        self._periods: Growth[Groups] = Growth()
        self._stalls: Growth[tuple[Groups, str]] = Growth()

    def read(self, pids: Sequence[int]) -> Iterator[Number]:
        groups = {groups_of(pid, self._mounts) for pid in pids}
        yield from self._cpu(groups)
        yield from _memory(groups)
        yield from self._pressure(groups)

    def _cpu(self, groups: set[Groups]) -> Iterator[Number]:
        quotas = {group: tightest_quota(group.cpu) for group in groups}
        found = {group: quota for group, quota in quotas.items() if quota is not None}
        if found:
            yield Number(metrics.CGROUP_CPU_LIMIT, min(quota.cores for quota in found.values()))
        counts = {group: Counts((one.periods, one.throttled)) for group, one in found.items()}
        grown = self._periods.since_last(counts, since_boot_s())
        if grown is not None and grown.by:
            # An idle group has no periods: nothing was throttled then.
            ratios = (hit / max(1.0, periods) for periods, hit in grown.by.values())
            yield Number(metrics.CGROUP_THROTTLED, min(1.0, max(ratios)))

    def _pressure(self, groups: set[Groups]) -> Iterator[Number]:
        counts = {
            (group, label): Counts((seconds,))
            for group in groups
            for label, seconds in stalled_in_group_s(group).items()
        }
        grown = self._stalls.since_last(counts, since_boot_s())
        if grown is None:
            return
        worst: dict[str, float] = {}
        for (_, label), (seconds,) in grown.by.items():
            worst[label] = max(worst.get(label, 0.0), min(1.0, seconds / grown.elapsed_s))
        for label, ratio in worst.items():
            yield Number(metrics.PRESSURE, ratio, label)


def _memory(groups: set[Groups]) -> Iterator[Number]:
    limited = [found for group in groups if (found := tightest_memory(group.memory))]
    if limited:
        used, limit = max(limited, key=lambda one: one[0] / one[1])
        yield Number(metrics.CGROUP_MEMORY, used)
        yield Number(metrics.CGROUP_MEMORY_LIMIT, limit)
        return
    own = [memory_bytes(group.memory[0]) for group in groups if len(group.memory) > 1]
    sizes = [size for size in own if size is not None]
    if sizes:
        yield Number(metrics.CGROUP_MEMORY, max(sizes))
