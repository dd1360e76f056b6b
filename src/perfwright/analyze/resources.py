"""The hard resources of a run: what is busy with a request, and how many servers it has.

    host CPU          its cores
    a component's CPU one core for each process of a runtime that runs one thread at a time (a
                      Python with its lock, Node, Redis, nginx, Ruby), else the host's cores;
                      never more than its cgroup's quota
    disk, network     one server each

A Python that was seen to use more cores than it has processes does its work outside the lock and
counts as free. Only what probes saw is a resource: a database elsewhere is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from perfwright.analyze.view import Floats, View
from perfwright.model import metrics
from perfwright.model.stage import Stage
from perfwright.model.watched import Component

CPU = "cpu"
DISK = "disk"
NETWORK = "network"
HOST = "host"
_ONE_THREAD = ("python", "node", "redis", "nginx", "ruby", "valkey")
_FREE_THREADED = ("free-threaded", "nogil", "3.13t", "3.14t", "3.15t")
_TAKES_PART = 0.1
_BEYOND_ITS_CORES = 1.1
_FEW = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """`label`: device or interface. `unit`: how many servers the metric's 1.0 is."""

    kind: str
    subject: str
    servers: float
    metric: str
    label: str = ""
    unit: float = 1.0

    @property
    def name(self) -> str:
        if self.kind == CPU:
            return "the host's CPU" if self.subject == HOST else f"CPU of {self.subject}"
        return f"{self.kind} {self.label}"

    @property
    def idles_at_zero(self) -> bool:
        """Whether it may be taken to do nothing without load: a component's CPU."""
        return self.kind == CPU and self.subject != HOST

    def busy(self, view: View, stage: Stage) -> float | None:
        """Servers busy in the stage, mean; its first second, which still belongs to the load
        before, is left out. None where nothing was read."""
        values = view.values(self.metric, self.subject, self.label, stage=stage)
        return float(_settled(values).mean()) * self.unit if values.size else None

    def stolen(self, view: View, stage: Stage) -> float:
        """Servers that other machines of the same hypervisor took meanwhile; they count as busy."""
        if (self.kind, self.subject) != (CPU, HOST):
            return 0.0
        values = view.values(self.metric, self.subject, "steal", stage=stage)
        return float(_settled(values).mean()) * self.unit if values.size else 0.0


def resources(view: View) -> tuple[Resource, ...]:
    """All that the run's probes saw: host's CPU, components' CPUs, disks, network."""
    found = [*_host_cpu(view), *_component_cpus(view)]
    for kind, metric in ((DISK, metrics.DISK_UTILIZATION), (NETWORK, metrics.NETWORK_UTILIZATION)):
        for subject in view.subjects(metric):
            found += [
                Resource(kind=kind, subject=subject, servers=1, metric=metric, label=label)
                for label in view.labels(metric, subject)
            ]
    return tuple(found)


def host_cores(view: View) -> float | None:
    """None where no host was watched."""
    return view.mean(metrics.CPU_COUNT, HOST, stage=view.busiest) or view.mean(
        metrics.CPU_COUNT, HOST, stage=view.low
    )


def component(view: View, subject: str) -> Component | None:
    """What is known of a subject; the last word where it was told several times."""
    told = [one for one in view.watched.components if one.subject == subject]
    return told[-1] if told else None


def process_of(view: View, subject: str) -> str:
    """The watched process behind a subject: `db:shop@127.0.0.1:5432`, `redis:127.0.0.1:6379` and
    `http://127.0.0.1:8000/metrics` are `port:5432`, `port:6379` and `port:8000` where those were
    watched; else the subject itself."""
    watched = view.subjects(metrics.PROCESS_CPU)
    if subject in watched:
        return subject
    number = re.search(r":(\d+)(/.*)?$", subject)
    port = f"port:{number[1]}" if number else subject
    return port if port in watched else subject


def cores_of(view: View, subject: str, *, quota: bool = True) -> float:
    """Cores that a component can use; without `quota`, if it had none."""
    cores = host_cores(view) or _most_seen(view, subject)
    limit = view.mean(metrics.CGROUP_CPU_LIMIT, subject, stage=view.busiest)
    if quota and limit:
        cores = min(cores, limit)
    known = component(view, subject)
    runtime = known.runtime.lower() if known else ""
    free = any(word in runtime for word in _FREE_THREADED)
    if not runtime.startswith(_ONE_THREAD) or free:
        return cores
    processes = _working_processes(view, subject)
    if _most_seen(view, subject) > _BEYOND_ITS_CORES * processes:
        return cores
    return min(cores, processes)


def _settled(values: Floats) -> Floats:
    return values[1:] if values.size >= _FEW else values


def _host_cpu(view: View) -> list[Resource]:
    cores = host_cores(view)
    if not cores:
        return []
    return [
        Resource(kind=CPU, subject=HOST, servers=cores, metric=metrics.CPU_UTILIZATION, unit=cores)
    ]


def _component_cpus(view: View) -> list[Resource]:
    return [
        Resource(
            kind=CPU, subject=subject, servers=cores_of(view, subject), metric=metrics.PROCESS_CPU
        )
        for subject in view.subjects(metrics.PROCESS_CPU)
        if subject != HOST
    ]


def _most_seen(view: View, subject: str) -> float:
    """The most cores that it was seen to use in a stage, at least 1."""
    seen = [view.mean(metrics.PROCESS_CPU, subject, stage=stage) or 0.0 for stage in view.stages]
    return max(1.0, *seen)


def _working_processes(view: View, subject: str) -> int:
    """Processes that take part in the work: a master that only waits for its workers does not."""
    used = [
        view.mean(metrics.PROCESS_CPU, subject, label, stage=view.busiest) or 0.0
        for label in view.labels(metrics.PROCESS_CPU, subject)
        if label
    ]
    most = max(used, default=0.0)
    return max(1, sum(one > _TAKES_PART * most for one in used))
