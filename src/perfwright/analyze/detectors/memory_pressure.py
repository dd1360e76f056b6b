"""memory.pressure: memory is nearly used up, and the system begins to pay for it.

What is looked for under stress: at least 92% of the machine's (or the cgroup's) memory in use, or
swapping at 1 MB/s, and with it tasks that stall for memory (PSI memory.some ≥ 5%). High use without
swap, stalls or a cgroup at its limit is no finding: a file cache fills memory, too, and is not
counted as use. No law gives the gain; it is left untold. Fooled by swap that drains idle pages.
"""

from __future__ import annotations

from perfwright.analyze.resources import HOST
from perfwright.analyze.telling import megabytes_per_second, percent, response_evidence, seen
from perfwright.analyze.view import View
from perfwright.model import metrics
from perfwright.model.finding import Evidence, Finding, Impact

_USED = 0.92
_OF_LIMIT = 0.95
_SWAPS_BYTES_PER_S = 1e6
_STALLED = 0.05


def detect(view: View) -> list[Finding]:
    """The machine's, and each cgroup's."""
    found = [
        one
        for subject in view.subjects(metrics.CGROUP_MEMORY_LIMIT)
        if (one := _cgroup(view, subject))
    ]
    return found + _host(view)


def _cgroup(view: View, subject: str) -> Finding | None:
    stage = view.under_stress
    limit = view.mean(metrics.CGROUP_MEMORY_LIMIT, subject, stage=stage)
    used = view.mean(metrics.CGROUP_MEMORY, subject, stage=stage)
    if not limit or used is None or used < _OF_LIMIT * limit or _stalled(view, subject) < _STALLED:
        return None
    told = seen(view, "memory of its cgroup", metrics.CGROUP_MEMORY, subject, spell=_megabytes)
    return _finding(
        view, subject, (told, *_stalls(view, subject)), f"{percent(used / limit)} of its limit"
    )


def _host(view: View) -> list[Finding]:
    stage = view.under_stress
    used = view.mean(metrics.MEMORY_UTILIZATION, HOST, stage=stage) or 0.0
    swaps = sum(
        view.mean(metrics.SWAP_IO, HOST, label, stage=stage) or 0.0 for label in ("in", "out")
    )
    if used < _USED or max(swaps / _SWAPS_BYTES_PER_S, _stalled(view, HOST) / _STALLED) < 1:
        return []
    told = [seen(view, "memory in use", metrics.MEMORY_UTILIZATION, HOST, spell=percent)]
    if swaps > 0:
        told.append(
            seen(view, "read back from swap", metrics.SWAP_IO, HOST, "in", megabytes_per_second)
        )
    return [_finding(view, HOST, (*told, *_stalls(view, HOST)), f"{percent(used)} in use")]


def _stalled(view: View, subject: str) -> float:
    return view.mean(metrics.PRESSURE, subject, "memory.some", stage=view.under_stress) or 0.0


def _stalls(view: View, subject: str) -> tuple[Evidence, ...]:
    if "memory.some" not in view.labels(metrics.PRESSURE, subject):
        return ()
    what = "time that tasks stall for memory"
    return (seen(view, what, metrics.PRESSURE, subject, "memory.some", percent),)


def _finding(view: View, subject: str, told: tuple[Evidence, ...], used: str) -> Finding:
    where = "The machine" if subject == HOST else subject
    return Finding(
        kind="memory.pressure",
        subject=used,
        component=subject,
        confidence=0.8,
        impact=Impact(method="No law tells what memory is worth; measure with more of it."),
        evidence=(*told, response_evidence(view)),
        recommendation=(
            f"{where} runs out of memory ({used}). Give it more, or take less: smaller caches and"
            " pools, fewer worker processes, answers streamed instead of built in memory."
        ),
        explains=("disk.saturated", "gc.pressure", "latency.periodic_stall", "errors.under_load"),
    )


def _megabytes(size_bytes: float) -> str:
    return f"{size_bytes / 1e6:.0f} MB"
