"""gc.pressure: the collector takes a good part of the time, for want of thrift or of settings.

What is looked for:

    profile   frames of a collector in at least 12% of a process's CPU samples at the knee
    metrics   or a runtime's counter of seconds in collection that runs at 0.1 s a second and more

Gain: without four fifths of that CPU (demand law): a collector always costs a little. Where only
the number of full collections is told (Python's own client counts them) the share is not known, and
nothing is said. Fooled by a profiler that does not look into native code: collection then shows as
time of whatever line happened to allocate (or to call `gc.collect`).
"""

from __future__ import annotations

from perfwright.analyze.collecting import (
    COUNTS,
    collecting_ratio,
    collects,
    oldest_collections_per_s,
    paused_ratio,
    pauses,
)
from perfwright.analyze.handling import own_frames
from perfwright.analyze.interval import Interval
from perfwright.analyze.off_cpu import profile_of, profiled, profiled_stage, wanted_cores
from perfwright.analyze.predict import without_cpu
from perfwright.analyze.roles import front
from perfwright.analyze.stacks import load_of
from perfwright.analyze.telling import both, number, percent, response_evidence, seen
from perfwright.analyze.view import View
from perfwright.model import metrics
from perfwright.model.finding import Evidence, Finding
from perfwright.model.stage import KNEE, LOW

_OF_CPU = 0.12
_OF_TIME = 0.1
_CORES = 0.2


def detect(view: View) -> list[Finding]:
    """A finding for each component whose collector shows in its profile, else in its metrics."""
    found = [one for subject in profiled(view) if (one := _by_profile(view, subject))]
    return found or _by_metrics(view)


def _by_profile(view: View, subject: str) -> Finding | None:
    cores = wanted_cores(view, subject, KNEE)
    ratio = _ratio(view, subject, KNEE)
    if ratio < _OF_CPU or (cores is not None and cores < _CORES):
        return None
    evidence = Evidence(
        what="CPU time in the garbage collector",
        value=both(view, _ratio(view, subject, LOW), ratio, percent),
        source=f"profile of {subject} in native mode",
    )
    return _finding(view, subject, ratio, (evidence, *_counted(view)), 0.9)


def _ratio(view: View, subject: str, moment: str) -> float:
    """The collector's part of the CPU: of what ran, or, where only the wall profile looks into
    native code, threads that collect over cores in use."""
    profile = profile_of(view, subject, moment)
    cores = wanted_cores(view, subject, moment)
    ran = collecting_ratio(profile.ran)
    collecting = sum(load_of(one) for one in profile.wall if collects(one.stack))
    return max(ran, min(collecting / cores, 1.0) if cores else 0.0)


def _by_metrics(view: View) -> list[Finding]:
    found = []
    stage = profiled_stage(view, KNEE)
    for metric, subject in pauses(view):
        ratio = paused_ratio(view, metric, subject, stage)
        if ratio < _OF_TIME:
            continue
        low = paused_ratio(view, metric, subject, view.low)
        evidence = Evidence(
            what="time spent in garbage collection",
            value=both(view, low, ratio, percent),
            source=f"{subject} {metric}",
            metric=metric,
            subject=subject,
            label=view.labels(metric, subject)[0],
        )
        found.append(_finding(view, front(view) or subject, min(ratio, 0.9), (evidence,), 0.75))
    return found[:1]


def _counted(view: View) -> tuple[Evidence, ...]:
    """How often the oldest generation is collected, where a Python tells it."""
    return tuple(
        Evidence(
            what="full collections a second",
            value=both(
                view,
                oldest_collections_per_s(view, subject, view.low),
                oldest_collections_per_s(view, subject, view.at_knee),
                number,
            ),
            source=f"{subject} {COUNTS}",
        )
        for subject in view.subjects(COUNTS)
    )


def _finding(
    view: View, subject: str, ratio: float, told: tuple[Evidence, ...], confidence: float
) -> Finding:
    part = Interval(value=0.85 * ratio, low=0.5 * ratio, high=ratio)
    where = _most_at(view, subject)
    at = f" Most of it begins at {where}." if where else ""
    return Finding(
        kind="gc.pressure",
        subject=where or "garbage collector",
        component=subject,
        confidence=confidence,
        impact=without_cpu(
            view, subject, part, f"{percent(ratio)} of the CPU goes to the collector (demand law)."
        ),
        evidence=(
            *told,
            seen(view, "cores that the process uses", metrics.PROCESS_CPU, subject),
            response_evidence(view),
        ),
        recommendation=(
            f"The garbage collector takes {percent(ratio)} of the CPU.{at} Take out explicit"
            " collections, make fewer objects (above all cyclic ones) per request, keep what lives"
            " long out of its sight (Python: `gc.freeze()` after start, a higher first threshold"
            " of `gc.set_threshold`; JVM, Go, Node: a larger heap)."
        ),
        explains=(
            "code.hot_function",
            "latency.periodic_stall",
            "event_loop.blocked",
            "cpu.saturated",
        ),
    )


def _most_at(view: View, subject: str) -> str:
    """The application's line below which most collections happen; "" where none does."""
    profile = profile_of(view, subject, KNEE)
    by_line: dict[str, float] = {}
    for one in (*profile.ran, *profile.wall):
        own = own_frames(one.stack)
        if own and collects(one.stack):
            by_line[own[-1].name] = by_line.get(own[-1].name, 0.0) + load_of(one)
    return max(by_line, key=lambda line: by_line[line], default="")
