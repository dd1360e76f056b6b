"""memory.leak: every request leaves something behind in memory.

What is looked for, per process: resident memory that rises within the stages, by about as much per
request in the last of them as in the first (`memory_growth.py`), and by 8 MB and 5% in all.

There is no throughput to be gained, but time: at the knee's load the memory that is left (of the
cgroup, or the machine) lasts so long. Where p95 rises with the memory at an equal load, that is
told, too. Fooled by a cache that fills during the whole run (it looks the same until it is full)
and by an allocator that grows in steps; the confidence follows how steadily it grows. A JVM fills
its heap up to the limit before it clears it, so its resident memory says nothing and is left out.
"""

from __future__ import annotations

from perfwright.analyze.memory_growth import MemoryGrowth, memory_growth
from perfwright.analyze.resources import HOST, component
from perfwright.analyze.roles import processes
from perfwright.analyze.telling import both
from perfwright.analyze.view import View
from perfwright.model import metrics
from perfwright.model.finding import Evidence, Finding, Impact
from perfwright.model.units import format_duration, format_number

_GROWN_BYTES = 8e6
_GROWN_RATIO = 0.05
_BYTES_PER_REQUEST = 200.0
_RISING = 0.8
_FLATTENS = 0.35
_MB = 1e6


def detect(view: View) -> list[Finding]:
    """A finding for each process that leaks."""
    told = [subject for subject in processes(view) if not _fills_its_heap(view, subject)]
    grown = [memory_growth(view, subject) for subject in told]
    return [_finding(view, one) for one in grown if one is not None and _leaks(one)]


def _fills_its_heap(view: View, subject: str) -> bool:
    known = component(view, subject)
    return known is not None and known.runtime.startswith("jvm")


def _leaks(one: MemoryGrowth) -> bool:
    steady = one.rising >= _RISING and one.later_to_earlier >= _FLATTENS and one.low > 0
    much = one.grown_bytes >= max(_GROWN_BYTES, _GROWN_RATIO * one.first_bytes)
    return steady and much and one.bytes_per_request >= _BYTES_PER_REQUEST


def _finding(view: View, one: MemoryGrowth) -> Finding:
    room, of = _room_bytes(view, one.subject)
    per_s = one.bytes_per_request * view.at_knee.throughput_per_s
    lasts = (
        f" At the knee's load the {of} is used up after {format_duration(room / per_s)}."
        if room and per_s > 0
        else ""
    )
    even = 1 - min((one.high - one.low) / max(one.bytes_per_request, 1.0), 1.0)
    return Finding(
        kind="memory.leak",
        subject=f"{_size(one.bytes_per_request)} per request",
        component=one.subject,
        confidence=0.6 + 0.35 * even,
        impact=Impact(method=f"Memory kept = bytes a request × requests served.{lasts}"),
        evidence=(
            Evidence(
                what="resident memory over the run",
                value=f"{_size(one.first_bytes)} → {_size(one.last_bytes)}"
                f" in {format_number(one.requests)} requests",
                source=f"{one.subject} {metrics.PROCESS_MEMORY}",
                metric=metrics.PROCESS_MEMORY,
                subject=one.subject,
            ),
            Evidence(
                what="kept of each request, half of the stages between",
                value=f"{_size(max(one.low, 0))} and {_size(one.high)}",
                source="slope of memory against requests served, within stages",
            ),
            _at_both_loads(view, one.subject),
        ),
        recommendation=(
            f"Each request leaves about {_size(one.bytes_per_request)} behind.{lasts} Look for what"
            " only grows: a module-level list or dict used as a cache without a bound, listeners"
            " or callbacks that are never removed. Compare two heap snapshots (Python:"
            " `tracemalloc`; JVM: a histogram by jmap; Node: heap snapshots; Go: pprof heap)."
        ),
        explains=("memory.pressure", "gc.pressure"),
    )


def _at_both_loads(view: View, subject: str) -> Evidence:
    low = view.mean(metrics.PROCESS_MEMORY, subject, stage=view.low)
    high = view.mean(metrics.PROCESS_MEMORY, subject, stage=view.under_stress)
    return Evidence(
        what="resident memory at light load and under stress",
        value=both(view, low, high, _size),
        source=f"{subject} {metrics.PROCESS_MEMORY}",
    )


def _room_bytes(view: View, subject: str) -> tuple[float | None, str]:
    """What it may still take, and of what."""
    stage = view.stages[-1]
    limit = view.mean(metrics.CGROUP_MEMORY_LIMIT, subject, stage=stage)
    used = view.mean(metrics.CGROUP_MEMORY, subject, stage=stage)
    if limit and used is not None:
        return max(limit - used, 0.0), "cgroup's memory limit"
    return view.mean(metrics.MEMORY_AVAILABLE, HOST, stage=stage), "machine's free memory"


def _size(size_bytes: float) -> str:
    if size_bytes >= _MB:
        return f"{format_number(size_bytes / _MB)} MB"
    return f"{format_number(size_bytes / 1e3)} kB"
