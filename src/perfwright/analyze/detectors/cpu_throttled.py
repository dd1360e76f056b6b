"""cpu.throttled: a quota, or something else from outside, keeps a process from running.

What is looked for, per component:

    quota     throttled in at least 5% of its periods under stress (container.cpu.throttled)
    steal     the hypervisor took at least 10% of a machine that had next to no idle time
    signals   a signal had it stopped for at least 10% of the time (process.stopped.ratio)
    stopped   else, the profile sees its threads at work (its interpreter's lock held) for at least
              25% of a core more than the kernel sees it run or wait for a core

Gain: the cores that the machine has instead of the quota (demand law). Fooled by bursts: a quota
with idle time on average can still throttle for some ms of each period; then the response time is
what a larger quota buys, not throughput.
"""

from __future__ import annotations

import math

from perfwright.analyze.predict import with_cores, with_limit_lifted
from perfwright.analyze.resources import HOST, cores_of, host_cores
from perfwright.analyze.roles import front
from perfwright.analyze.stacks import select, total_load
from perfwright.analyze.telling import number, percent, response_evidence, seen
from perfwright.analyze.view import View
from perfwright.model import metrics
from perfwright.model.finding import Evidence, Finding
from perfwright.model.stage import KNEE

_THROTTLED = 0.05
_MORE_THAN_LOW = 1.5
_STEAL = 0.1
_FULL = 0.85
_STOPPED = 0.1
_CAPPED = 0.9
_HELD = 0.6
_MISSING = 0.25
_IDLE_CORES = 0.3


def detect(view: View) -> list[Finding]:
    """A finding for each component held back, else one for the host's steal."""
    found = []
    for subject in view.subjects(metrics.PROCESS_CPU):
        finding = _by_quota(view, subject) or _by_signals(view, subject) or _stopped(view, subject)
        found += [finding] if finding else []
    return found or _by_steal(view)


def _by_quota(view: View, subject: str) -> Finding | None:
    throttled = view.mean(metrics.CGROUP_THROTTLED, subject, stage=view.under_stress) or 0.0
    at_low = view.mean(metrics.CGROUP_THROTTLED, subject, stage=view.low) or 0.0
    if throttled < _THROTTLED or (view.compares and throttled < _MORE_THAN_LOW * at_low):
        return None
    limit = view.mean(metrics.CGROUP_CPU_LIMIT, subject, stage=view.under_stress)
    quota = f"a quota of {number(limit)} cores" if limit else "its quota"
    told = [
        seen(
            view,
            "quota periods in which it was stopped",
            metrics.CGROUP_THROTTLED,
            subject,
            spell=percent,
        )
    ]
    if limit:
        told.append(seen(view, "cores that the quota allows", metrics.CGROUP_CPU_LIMIT, subject))
    return _finding(view, subject, quota, tuple(told), min(0.95, 0.7 + throttled))


def _by_signals(view: View, subject: str) -> Finding | None:
    """A limiter, or somebody, stops the process and lets it go on, over and over."""
    stage = view.under_stress
    stopped = view.mean(metrics.PROCESS_STOPPED, subject, stage=stage) or 0.0
    cores = view.mean(metrics.PROCESS_CPU, subject, stage=stage)
    if stopped < _STOPPED or cores is None:
        return None
    told = seen(
        view, "time that a signal had it stopped", metrics.PROCESS_STOPPED, subject, spell=percent
    )
    limit = f"a limit of about {number(cores)} cores"
    return _finding(view, subject, limit, (told,), min(0.95, 0.6 + stopped))


def _stopped(view: View, subject: str) -> Finding | None:
    """A process that holds its interpreter's lock, and yet does not run (a limiter by signals)."""
    stage = view.at_knee
    cpu = view.mean(metrics.PROCESS_CPU, subject, stage=stage)
    held = _locks_held(view, subject)
    cores, host = host_cores(view), view.mean(metrics.CPU_UTILIZATION, HOST, stage=stage)
    if cpu is None or not cores or host is None or cores * (1 - host) < _IDLE_CORES:
        return None
    waited = view.mean(metrics.PROCESS_RUN_DELAY, subject, stage=stage) or 0.0
    missing = held - cpu - waited
    if held < _HELD or missing < _MISSING or cpu > _CAPPED * cores_of(view, subject):
        return None
    told = Evidence(
        what="time that it holds a core's work without running",
        value=f"{percent(missing)} (the profile sees {number(held)} cores' work, the kernel"
        f" {number(cpu)} cores used)",
        source=f"CPU profile of {subject} at the knee",
    )
    return _finding(view, subject, f"a limit of about {number(cpu)} cores", (told,), 0.7)


def _locks_held(view: View, subject: str) -> float:
    """Interpreter locks that the profile at the knee saw held, on average."""
    held = select(view.watched.stacks, moment=KNEE, mode="gil", subject=subject)
    return total_load(held)


def _by_steal(view: View) -> list[Finding]:
    steal = view.mean(metrics.CPU_UTILIZATION, HOST, "steal", stage=view.under_stress) or 0.0
    busy = view.mean(metrics.CPU_UTILIZATION, HOST, stage=view.under_stress) or 0.0
    subject = front(view) or HOST
    if steal < _STEAL or busy < _FULL:
        return []
    told = seen(
        view, "machine's time that the hypervisor took", metrics.CPU_UTILIZATION, HOST, "steal",
        percent,
    )  # fmt: skip
    worth = with_limit_lifted(view, "Without the hypervisor's steal the hard bounds remain.")
    return [
        Finding(
            kind="cpu.throttled",
            subject="the virtual machine",
            component=subject,
            confidence=0.6,
            impact=worth,
            evidence=(told, response_evidence(view)),
            recommendation=(
                "The hypervisor gives the virtual machine less CPU than it shows. Take a larger or"
                " a dedicated instance, or find out whether its CPU credits are used up."
            ),
        )
    ]


def _finding(
    view: View, subject: str, quota: str, told: tuple[Evidence, ...], confidence: float
) -> Finding:
    cores = cores_of(view, subject, quota=False)
    worth = with_cores(
        view, subject, cores, f"With {number(cores)} cores instead of {quota} (demand law)."
    )
    return Finding(
        kind="cpu.throttled",
        subject=quota.removeprefix("a ").removeprefix("its "),
        component=subject,
        confidence=confidence,
        impact=worth,
        evidence=(
            *told,
            seen(view, "cores that it uses", metrics.PROCESS_CPU, subject),
            response_evidence(view),
        ),
        recommendation=(
            f"{subject} is held to {quota} while the machine has cores left. Raise it to"
            f" {_asked(cores)} (systemd: CPUQuota, Kubernetes: resources.limits.cpu, Docker:"
            " --cpus), or take the limit away and keep a request only."
        ),
        explains=(
            "cpu.saturated",
            "event_loop.blocked",
            "thread_pool.exhausted",
            "code.hot_function",
            "latency.periodic_stall",
            "errors.under_load",
        ),
    )


def _asked(cores: float) -> str:
    whole = math.ceil(cores)
    return f"{whole} core" if whole == 1 else f"{whole} cores"
