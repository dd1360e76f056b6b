"""cpu.saturated: CPU is used up, and not by the work that was asked for, or beside idle cores.

Every system has a load at which its own work uses up its CPU; that is its capacity, not a finding
(`healthy.py`). What is looked for is:

    neighbours   the host is at least 90% busy, what is watched (with the load generator) uses less
                 than 60% of that, and the services wait for a core half as long as they use one
    one core     a run under a load that was asked for (no search for the limit) queues, for a
                 process of a runtime that runs one thread at a time uses its core up (85%), while
                 the machine has at least one more core idle: more processes would use it

Gain: for the first, the wait for a core goes (Amdahl at light load); for the second, the cores that
come on top (demand law). Fooled where not all of the system's own processes
are watched: then they look like neighbours.
"""

from __future__ import annotations

import math

from perfwright.analyze.healthy import used_up_by_design
from perfwright.analyze.interval import about
from perfwright.analyze.plateau import queues
from perfwright.analyze.predict import with_cores, without_wait
from perfwright.analyze.resources import HOST, cores_of, host_cores
from perfwright.analyze.roles import processes
from perfwright.analyze.telling import number, percent, response_evidence, seen
from perfwright.analyze.view import View
from perfwright.model import metrics
from perfwright.model.finding import Evidence, Finding
from perfwright.model.stage import Stage

_HOST_BUSY = 0.9
_OWN_PART = 0.6
_STARVED = 0.5
_USED_AND_WAITED = (metrics.PROCESS_CPU, metrics.PROCESS_RUN_DELAY)
_CORE_USED = 0.85
_IDLE_CORES = 1.0


def detect(view: View) -> list[Finding]:
    """The neighbours' finding, or one for each process that has its one core used up."""
    return _neighbours(view) or [
        finding for subject in processes(view) if (finding := _one_core(view, subject))
    ]


def _neighbours(view: View) -> list[Finding]:
    stage = view.under_stress
    cores, busy = host_cores(view), view.mean(metrics.CPU_UTILIZATION, HOST, stage=stage)
    if not cores or busy is None or busy < _HOST_BUSY or not processes(view):
        return []
    own = _own_cores(view, stage)
    others = busy * cores - own
    used, waited = (_of_services(view, metric, stage) for metric in _USED_AND_WAITED)
    if own > _OWN_PART * busy * cores or waited < _STARVED * used:
        return []
    worth = without_wait(
        view,
        about(_of_services(view, metrics.PROCESS_RUN_DELAY, view.low) / _rate(view.low), 0.3),
        "The wait for a core goes where the machine is the service's own (Amdahl).",
    )
    if worth.response_ms_p95 is None and worth.throughput_per_s is None:
        return []
    told = Evidence(
        what="cores used by processes that have no part in the load",
        value=f"{number(others)} of {number(cores)}",
        source="host and processes, CPU",
        metric=metrics.CPU_UTILIZATION,
        subject=HOST,
    )
    return [
        Finding(
            kind="cpu.saturated",
            subject=f"{number(others)} cores' worth of other processes",
            component=HOST,
            confidence=0.4,
            impact=worth,
            evidence=(
                told,
                seen(view, "the host's CPU", metrics.CPU_UTILIZATION, HOST, spell=percent),
                Evidence(
                    what="threads of the services that wait for a core",
                    value=f"{number(waited)}, beside {number(used)} that have one",
                    source=f"{metrics.PROCESS_RUN_DELAY}",
                ),
                response_evidence(view),
            ),
            recommendation=(
                f"Other processes use {number(others)} of the {number(cores)} cores while the"
                " service needs them. Find them (`top`), move them away, or give them a lower"
                " priority."
            ),
            explains=("errors.under_load",),
        )
    ]


def _of_services(view: View, metric: str, stage: Stage) -> float:
    return sum(view.mean(metric, subject, stage=stage) or 0.0 for subject in processes(view))


def _rate(stage: Stage) -> float:
    return max(stage.throughput_per_s, 1e-9)


def _own_cores(view: View, stage: Stage) -> float:
    """Of all that is watched, of watching itself, and of the load's own workers."""
    watched = [
        view.mean(metrics.PROCESS_CPU, subject, stage=stage) or 0.0
        for subject in view.subjects(metrics.PROCESS_CPU)
        if subject != HOST
    ]
    probes = [
        view.mean(metrics.PROBE_COST, subject, stage=stage) or 0.0
        for subject in view.subjects(metrics.PROBE_COST)
    ]
    return sum(watched) + sum(probes) + stage.generator_ratio


def _one_core(view: View, subject: str) -> Finding | None:
    if used_up_by_design(view) or not (queues(view) or view.knee is None):
        return None
    stage = view.busiest
    cores, busy = host_cores(view), view.mean(metrics.CPU_UTILIZATION, HOST, stage=stage)
    used = view.mean(metrics.PROCESS_CPU, subject, stage=stage)
    if not cores or busy is None or used is None:
        return None
    usable = cores_of(view, subject)
    idle = cores * (1 - busy)
    if usable < cores_of(view, subject, quota=False):
        return None
    if usable >= cores or used < _CORE_USED * usable or idle < _IDLE_CORES:
        return None
    more = math.floor(min(usable + idle / max(used / usable, 0.5), cores))
    if more <= usable:
        return None
    name = "process" if round(usable) == 1 else "processes"
    return Finding(
        kind="cpu.saturated",
        subject=f"{round(usable)} {name} of {subject}",
        component=subject,
        confidence=0.55,
        impact=with_cores(
            view, subject, more, f"With {more} processes instead of {round(usable)} (demand law)."
        ),
        evidence=(
            seen(view, "cores that it uses", metrics.PROCESS_CPU, subject),
            seen(view, "the host's CPU", metrics.CPU_UTILIZATION, HOST, spell=percent),
            response_evidence(view),
        ),
        recommendation=(
            f"Its {round(usable)} {name} run one thread at a time and use up their cores, while"
            f" {number(idle)} of the machine's {number(cores)} cores are idle. Start {more} worker"
            " processes (`--workers`, a cluster mode, or more instances behind a balancer)."
        ),
        explains=("errors.under_load",),
    )
